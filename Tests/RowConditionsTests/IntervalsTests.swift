import ClusterTestKit
import Testing

@testable import RowConditions

@Suite struct IntervalsTests {
    private static let points = (-3...8).map { FieldKey($0) } + [FieldKey(.min), FieldKey(2, 1), FieldKey(Int128.max)]

    private func random(_ random: inout SplitMix64) -> Intervals<FieldKey> {
        func key() -> FieldKey { FieldKey(Int128(random.next() % 6), UInt128(random.next() % 2)) }
        return switch random.next() % 7 {
        case 0: .none
        case 1: .all
        case 2: Intervals(below: key())
        case 3: Intervals(from: key())
        case 4: Intervals(key())
        case 5: Intervals((0..<3).map { _ in key() })
        default: Intervals((0..<3).map { _ in key() }).complement
        }
    }

    @Test(arguments: 0..<200 as Range<UInt64>) func setsOfPointsAgree(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let sets = (0..<(1 + Int(seed % 4))).map { _ in random(&generator) }
        let (union, intersection) = (Intervals.union(sets), Intervals.intersection(sets))
        for point in Self.points {
            #expect(union.contains(point) == sets.contains { $0.contains(point) })
            #expect(intersection.contains(point) == sets.allSatisfy { $0.contains(point) })
            for set in sets { #expect(set.complement.contains(point) != set.contains(point)) }
        }
        for set in sets + [union, intersection] {
            #expect(zip(set.edges, set.edges.dropFirst()).allSatisfy { $0 < $1 })
            #expect(set.complement.complement == set)
        }
    }

    @Test func neighboursBecomeOne() {
        let (one, next) = (FieldKey(1), FieldKey(1).next)
        #expect(Intervals([next, one, one]).edges == [one, next.next])
        #expect(Intervals.union([Intervals(below: one), Intervals(from: one)]) == .all)
    }

    @Test func wholeNumbersOf64Bits() {
        #expect(FieldKey(5).ceiling == 5 && FieldKey(5, 1).ceiling == 6 && FieldKey(-5, 1).ceiling == -4)
        #expect(FieldKey(Int128(Int64.max)).ceiling == .max && FieldKey(Int128(Int64.max), 1).ceiling == nil)
        #expect(FieldKey.least.ceiling == .min && FieldKey(.max, 1).ceiling == nil)
    }
}
