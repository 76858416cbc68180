import TabletModel
import Testing

@testable import tabletctl

@Suite struct VersionScaleTests {
    @Test func versionsAtAnEqualPaceTakeEqualRoom() {
        let scale = VersionScale(bounds: 0...9, top: 9, columns: 30)
        #expect(scale.columns == 30 && scale.isExact)
        #expect((0...9).map { scale.columns(from: $0, to: $0) } == (0...9).map { 3 * $0..<3 * $0 + 3 })
        #expect(scale.columns(from: 2, to: 4) == 6..<15)
    }

    @Test func aGapOfOneVersionStaysVisibleInALongHistory() {
        let scale = VersionScale(bounds: [0, 777, 778, 2000], top: 100_000, columns: 60)
        #expect(scale.isExact)
        #expect(!scale.columns(from: 777, to: 777).isEmpty)
        #expect(scale.columns(from: 0, to: 776).count > scale.columns(from: 777, to: 777).count)
        #expect(scale.columns <= 60)
    }

    @Test func withMoreSegmentsThanColumnsNeighboursShareOne() {
        let scale = VersionScale(bounds: 0...1999, top: 1999, columns: 100)
        #expect(scale.columns == 100 && !scale.isExact)
        #expect(scale.columns(from: 0, to: 1999) == 0..<100)
        #expect(scale.columns(from: 1999, to: 1999) == 99..<100)
        #expect(scale.columns(from: 19, to: 20).count == 2)
    }

    @Test func aTabletWithNothingStillHasAColumn() {
        let scale = VersionScale(bounds: [Int64](), top: 0, columns: 40)
        #expect(scale.columns(from: 0, to: 0).count == scale.columns)
        #expect(scale.ticks().map(\.label) == ["0"])
    }

    @Test(arguments: [1, 2, 7, 20, 61, 500])
    func columnsFollowVersionsWhateverTheWidth(columns: Int) {
        let bounds: [Int64] = [0, 2, 3, 4, 5, 9, 17, 18, 300, 301, 1000]
        let scale = VersionScale(bounds: bounds, top: 1200, columns: columns)
        #expect(scale.columns <= columns)
        var last = 0
        for (low, high) in zip(bounds, bounds.dropFirst() + [1201]) {
            let place = scale.columns(from: low, to: high - 1)
            #expect(!place.isEmpty && place.lowerBound >= last && place.upperBound <= scale.columns)
            last = place.lowerBound
        }
    }

    @Test(arguments: [12, 40, 100])
    func ticksNeitherTouchNorLeaveTheLine(columns: Int) {
        let scale = VersionScale(bounds: 0...400, top: 12_345, columns: columns)
        var free = 0
        for tick in scale.ticks() {
            #expect(tick.column >= free)
            free = tick.column + tick.label.count + 1
        }
        #expect(scale.ticks().last?.label == "12345")
        #expect(free <= max(columns, 6) + 1)
    }

    @Test func overlappingRangesGetLanesOfTheirOwn() {
        let lanes = Lanes([(columns: 4..<8, item: "b"), (columns: 0..<4, item: "a"), (columns: 2..<6, item: "c")])
        #expect(lanes.lanes.map { $0.map(\.item) } == [["a", "b"], ["c"]])
    }

    @Test func manyRangesAreShortened() {
        let set = VersionSet((0..<10).map { VersionRange(single: Version(Int64($0 * 2))) })
        #expect(set.brief(4) == "0, 2, 4, … 6 more …, 18")
        #expect(set.brief(10) == set.description)
        #expect(VersionSet().brief() == "none")
    }
}
