import TabletModel
import Testing

@testable import StorageEngine

@Suite struct ClonePlanTests {
    private func piece(_ start: Int64, _ end: Int64, bytes: Int64 = 10, remote: Bool = false) -> ClonePiece {
        ClonePiece(VersionRange(Version(start), Version(end)), bytes: remote ? 0 : bytes, isRemote: remote)
    }

    @Test func missingVersionsAreTakenAndNothingIsReplaced() {
        let plan = ClonePlan.make(
            own: [piece(0, 5), piece(8, 8)], offered: [piece(0, 5), piece(6, 6), piece(7, 7), piece(8, 8)], upTo: 8)
        #expect(plan.take == [1, 2])
        #expect(plan.replace == [])
        #expect(plan.held == VersionSet([VersionRange(0, 8)]))
    }

    @Test func aWiderRowsetReplacesAnAlignedRun() {
        let plan = ClonePlan.make(
            own: [piece(0, 5), piece(7, 7), piece(9, 9)], offered: [piece(0, 5), piece(6, 8)], upTo: 9)
        #expect(plan.take == [1])
        #expect(plan.replace == [1])
    }

    @Test func aRowsetThatWouldCostAVersionIsLeft() {
        let plan = ClonePlan.make(own: [piece(0, 5), piece(8, 10)], offered: [piece(6, 9)], upTo: 10)
        #expect(plan.take == [])
        #expect(plan.held == VersionSet([VersionRange(0, 5), VersionRange(8, 10)]))
    }

    @Test func whatCrossesIsReplacedWhenTheSourceHasTheRestToo() {
        let plan = ClonePlan.make(own: [piece(0, 5), piece(8, 10)], offered: [piece(6, 9), piece(10, 10)], upTo: 10)
        #expect(plan.take == [0, 1])
        #expect(plan.replace == [1])
    }

    @Test func theFewestBytesAreFetched() {
        let offered = [piece(0, 9, bytes: 1000), piece(5, 6, bytes: 20), piece(7, 9, bytes: 30)]
        let plan = ClonePlan.make(own: [piece(0, 4)], offered: offered, upTo: 9)
        #expect(plan.take == [1, 2])
    }

    @Test func aNewTabletTakesAllThereIsHolesIncluded() {
        let plan = ClonePlan.make(own: [], offered: [piece(0, 5, remote: true), piece(6, 6), piece(9, 9)], upTo: 6)
        #expect(plan.take == [0, 1, 2])
    }

    @Test func theOwnRemotePrefixStays() {
        let plan = ClonePlan.make(
            own: [piece(0, 5, remote: true), piece(8, 8)], offered: [piece(0, 5), piece(6, 7), piece(8, 8)], upTo: 8)
        #expect(plan.take == [1])
        #expect(plan.replace == [])
    }

    @Test func aLongerRemotePrefixIsTakenWhole() {
        let plan = ClonePlan.make(
            own: [piece(0, 2, remote: true), piece(3, 3), piece(6, 6)],
            offered: [piece(0, 2, remote: true), piece(3, 5, remote: true), piece(6, 6)], upTo: 6)
        #expect(plan.take == [0, 1])
        #expect(plan.replace == [0, 1])
        #expect(plan.held == VersionSet([VersionRange(0, 6)]))
    }

    @Test func twoSourcesWithDifferentGapsGiveEverything() {
        let own = [piece(0, 1), piece(4, 4)]
        let plan = ClonePlan.make(own: own, offered: [piece(2, 2), piece(3, 3), piece(5, 5)], upTo: 5)
        #expect(plan.take == [0, 1, 2])
        #expect(plan.held.missing(upTo: 5).isEmpty)
    }

    /// Against every set of pieces that do not overlap.
    @Test func noOtherChoiceIsBetter() {
        var generator = SeededNumbers(state: 7)
        for _ in 0..<3000 {
            let own = generator.row(upTo: 9)
            let offered = (0..<2).flatMap { _ in generator.row(upTo: 9) }
            let target = Version(Int64(generator.next(10)))
            let plan = ClonePlan.make(own: own, offered: offered, upTo: target)
            check(plan, own, offered)
            let best = bruteForce(own, offered, target)
            let found = (plan.held.missing(upTo: target).versionCount, -plan.held.versionCount)
            #expect(found == best, "own \(own.map(\.versions)) offered \(offered.map(\.versions)) target \(target)")
        }
    }

    private func check(_ plan: ClonePlan, _ own: [ClonePiece], _ offered: [ClonePiece]) {
        let kept = own.indices.filter { !plan.replace.contains($0) }.map { own[$0].versions }
        let all = kept + plan.take.map { offered[$0].versions }
        for (index, range) in all.enumerated() { #expect(!all[(index + 1)...].contains { $0.overlaps(range) }) }
        #expect(VersionSet(all) == plan.held)
        #expect(own.allSatisfy { plan.held.contains($0.versions) }, "a version was lost")
    }

    private func bruteForce(_ own: [ClonePiece], _ offered: [ClonePiece], _ target: Version) -> (Int64, Int64) {
        let pieces = own + offered
        let must = VersionSet(own.map(\.versions))
        var best = (Int64.max, Int64.max)
        func visit(_ index: Int, _ chosen: [VersionRange]) {
            guard index < pieces.count else {
                let held = VersionSet(chosen)
                guard must.ranges.allSatisfy({ held.contains($0) }) else { return }
                let rank = (held.missing(upTo: target).versionCount, -held.versionCount)
                if rank < best { best = rank }
                return
            }
            visit(index + 1, chosen)
            if !chosen.contains(where: { $0.overlaps(pieces[index].versions) }) {
                visit(index + 1, chosen + [pieces[index].versions])
            }
        }
        visit(0, [])
        return best
    }
}

private struct SeededNumbers {
    var state: UInt64

    mutating func next(_ bound: UInt64) -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) % bound
    }

    /// Pieces in version order, with holes.
    mutating func row(upTo last: Int64) -> [ClonePiece] {
        var pieces: [ClonePiece] = []
        var start: Int64 = 0
        while start <= last {
            let end = min(last, start + Int64(next(4)))
            if next(3) > 0 { pieces.append(ClonePiece(VersionRange(Version(start), Version(end)), bytes: 10)) }
            start = end + 1
        }
        return pieces
    }
}
