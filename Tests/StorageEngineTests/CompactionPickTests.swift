import ClusterTestKit
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct CompactionPickTests {
    /// Rowsets that follow each other from version 0: of one version each but for the first, [0-1].
    private func rowsets(_ mebibytes: [Int64], remote: Int = 0) -> [CompactionCandidate] {
        var start = Version(0)
        return mebibytes.enumerated().map { index, size in
            let versions = VersionRange(start, index == 0 ? 1 : start)
            start = versions.end.next
            return CompactionCandidate(
                versions: versions, sizeBytes: size << 20, rowCount: size > 0 ? 100 : 0, isRemote: index < remote)
        }
    }

    private func pick(
        _ rowsets: [CompactionCandidate], _ kind: CompactionKind = .cumulative, point: Version = 0,
        continuous: Version? = nil, asked: Bool = false, cools: Bool = false
    ) -> CompactionPick? {
        CompactionPick(
            rowsets, kind, cumulativePoint: point,
            maxContinuousVersion: continuous ?? rowsets.last?.versions.end ?? .none, cools: cools,
            isAsked: asked, CompactionOptions())
    }

    @Test func fiveSmallRowsetsAreMergedAndFourAreNot() {
        #expect(pick(rowsets([0, 0, 0, 0, 0])) == nil)
        let due = pick(rowsets([0, 0, 0, 0, 0, 0]))
        #expect(due?.inputs == 1..<6)
        #expect(due?.cumulativePoint == 2)
    }

    @Test func aLargerRowsetWaitsForItsTier() {
        // 64 MiB before five small ones: rewriting it for 5 MiB is not worth it.
        #expect(pick(rowsets([0, 64, 1, 1, 1, 1, 1]))?.inputs == 2..<7)
        #expect(pick(rowsets([0, 64, 16, 16, 16, 16]))?.inputs == 1..<6)
        #expect(pick(rowsets([0, 64, 1, 1, 1])) == nil)
    }

    @Test func aLargeResultMovesTheCumulativePointPastItself() {
        let due = pick(rowsets([0, 40, 40, 40, 40]))
        #expect(due?.inputs == 1..<5)
        #expect(due?.cumulativePoint == 6)
        // What follows the promoted one is counted anew.
        #expect(pick(rowsets([0, 160, 1, 1, 1, 1, 1]))?.inputs == 2..<7)
    }

    @Test func baseMergesWhatIsBelowThePoint() {
        #expect(pick(rowsets([0, 160]), .base, point: 3) == nil)
        #expect(pick(rowsets([0, 160, 160]), .base, point: 4)?.inputs == 0..<3)
        // A tenth of the base is not worth rewriting it, nor are six small ones less so.
        #expect(pick(rowsets([2000, 200]), .base, point: 3) == nil)
        #expect(pick(rowsets([2000, 700]), .base, point: 3)?.inputs == 0..<2)
        #expect(pick(rowsets([8000, 150, 150, 150, 150, 150]), .base, point: 7)?.inputs == 0..<6)
    }

    @Test func onlyLocalRowsetsBehindTheRemotePrefixCount() {
        #expect(pick(rowsets([0, 1, 1, 1, 1, 1, 1, 1], remote: 3))?.inputs == 3..<8)
        #expect(pick(rowsets([0, 1, 1, 1, 1, 1, 1, 1], remote: 4)) == nil)
        #expect(pick(rowsets([0, 200, 200, 200], remote: 2), .base, point: 5)?.inputs == 2..<4)
        #expect(pick(rowsets([0, 200, 200, 200], remote: 4), .base, point: 5) == nil)
    }

    @Test func nothingBehindAHoleIsTouched() {
        var holed = rowsets([0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
        holed.remove(at: 6)
        #expect(pick(holed, continuous: 6)?.inputs == 1..<6)
        #expect(pick(holed, continuous: Version.none) == nil)
        holed.remove(at: 3)
        #expect(pick(holed, continuous: 3) == nil)
    }

    @Test func whoAsksGetsAnyTwoMerged() {
        #expect(pick(rowsets([0, 64, 1]), asked: true)?.inputs == 1..<3)
        #expect(pick(rowsets([0, 64]), asked: true) == nil)
        #expect(pick(rowsets([2000, 1]), .base, point: 3, asked: true)?.inputs == 0..<2)
        #expect(pick([], asked: true) == nil)
    }

    @Test func aRunHasALimit() {
        let due = pick(rowsets([0] + Array(repeating: 0, count: 3000)))
        #expect(due?.inputs == 1..<1001)
    }

    /// Loads of one size for ever: the number of rowsets stays small, and a byte is rewritten about once a tier.
    @Test func steadyLoadsStayCheap() {
        var all = rowsets([0])
        var point = Version(0)
        var written: Int64 = 0
        var most = 0
        for number in 0..<2000 {
            let next = all[all.count - 1].versions.end.next
            all.append(
                CompactionCandidate(
                    versions: VersionRange(single: next), sizeBytes: 4 << 20, rowCount: 10, isRemote: false))
            for kind in [CompactionKind.cumulative, .base] {
                guard let pick = pick(all, kind, point: point) else { continue }
                written += all[pick.inputs].reduce(0) { $0 + $1.sizeBytes }
                all.merge(pick.inputs)
                point = pick.cumulativePoint
            }
            most = max(most, all.count)
            #expect(all.last?.versions.end == Version(Int64(number) + 2))
        }
        #expect(most < 40)
        #expect(Double(written) / Double(2000 * 4 << 20) < 12)
    }

    // MARK: Tablets that cool

    private func singles(_ versions: ClosedRange<Int64>, remoteUpTo remote: Int64 = -1) -> [CompactionCandidate] {
        versions.map {
            CompactionCandidate(
                versions: VersionRange(single: Version($0)), sizeBytes: 1 << 20, rowCount: 10, isRemote: $0 <= remote)
        }
    }

    @Test func aCoolingTabletMergesWithinWindowsOnly() {
        // The open window: five of one size.
        #expect(pick(singles(0...3), cools: true) == nil)
        #expect(pick(singles(0...10), cools: true)?.inputs == 0..<11)
        // The one that is past goes first, and whole.
        #expect(pick(singles(0...100), cools: true)?.inputs == 0..<64)
        #expect(pick(singles(0...63, remoteUpTo: 61), cools: true)?.inputs == 62..<64)
        #expect(pick(singles(0...66, remoteUpTo: 62), cools: true) == nil)
        #expect(pick(singles(0...100), .base, point: 50, cools: true) == nil)
        #expect(pick(singles(62...66, remoteUpTo: 61), asked: true, cools: true)?.inputs == 0..<2)
    }

    @Test func aRowsetThatSpansWindowsStaysAlone() {
        var rowsets = singles(0...70)
        let wide = CompactionCandidate(
            versions: VersionRange(0, 65), sizeBytes: 66 << 20, rowCount: 10, isRemote: false)
        rowsets.replaceSubrange(0..<66, with: [wide])
        #expect(pick(rowsets, cools: true)?.inputs == 1..<6)
    }

    /// Replicas compact each at its own pace; what is older than the open window ends at the same versions everywhere.
    @Test func replicasOfACoolingTabletAlign() {
        let random = SeededRandom(seed: 11)
        var replicas = [rowsets([0]), rowsets([0]), rowsets([0])]
        for version in 2...1000 as ClosedRange<Int64> {
            for index in replicas.indices {
                replicas[index].append(
                    CompactionCandidate(
                        versions: VersionRange(single: Version(version)), sizeBytes: 3 << 20, rowCount: 10,
                        isRemote: false))
                guard random.next() % 3 == 0, let pick = pick(replicas[index], cools: true) else { continue }
                replicas[index].merge(pick.inputs)
            }
        }
        for index in replicas.indices {
            while let pick = pick(replicas[index], cools: true) { replicas[index].merge(pick.inputs) }
        }
        let ends = replicas.map { $0.map(\.versions.end).filter { $0 < 960 } }
        #expect(ends[0].count == 15 && ends[1] == ends[0] && ends[2] == ends[0])
        #expect(replicas.allSatisfy { $0.count < 25 })
    }
}

extension [CompactionCandidate] {
    fileprivate mutating func merge(_ inputs: Range<Int>) {
        let all = self[inputs]
        let merged = CompactionCandidate(
            versions: VersionRange(all.first!.versions.start, all.last!.versions.end),
            sizeBytes: all.reduce(0) { $0 + $1.sizeBytes }, rowCount: 10, isRemote: false)
        replaceSubrange(inputs, with: [merged])
    }
}
