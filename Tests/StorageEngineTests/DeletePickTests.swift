import TabletModel
import Testing

@testable import StorageEngine

/// Which rowsets are merged where deletes stand among them.
@Suite struct DeletePickTests {
    /// `r` rows, `d` a delete, `c` cold rows, `x` a cold delete; one version each but for the first, [0-1].
    private func rowsets(_ pattern: String) -> [CompactionCandidate] {
        var start = Version(0)
        return pattern.enumerated().map { index, kind in
            let versions = VersionRange(start, index == 0 ? 1 : start)
            start = versions.end.next
            let isDelete = kind == "d" || kind == "x"
            return CompactionCandidate(
                versions: versions, sizeBytes: isDelete ? 0 : 1 << 20, rowCount: isDelete ? 0 : 10,
                isRemote: kind == "c" || kind == "x", isDelete: isDelete)
        }
    }

    private func pick(
        _ pattern: String, _ kind: CompactionKind = .cumulative, asked: Bool = true, cools: Bool = false,
        continuous: Int64? = nil
    ) -> Range<Int>? {
        let rowsets = rowsets(pattern)
        return CompactionPick(
            rowsets, kind, cumulativePoint: 0,
            maxContinuousVersion: continuous.map { Version($0) } ?? rowsets.last!.versions.end,
            cools: cools, isAsked: asked, CompactionOptions())?.inputs
    }

    @Test func everythingUpToTheNewestDeleteIsTheBase() {
        #expect(pick("rrrdrrdrrr") == 7..<10)
        #expect(pick("rrrdrrdrrr", .base) == 0..<7)
        #expect(pick("rrrrrd") == nil)
        #expect(pick("rrrrrd", .base) == 0..<6)
        #expect(pick("rd", .base) == 0..<2)
        #expect(pick("rrrdrr", .base, continuous: 3) == nil)
        // By itself it is due once there are enough of them.
        #expect(pick("rdddd", .base, asked: false) == nil)
        #expect(pick("rddddd", .base, asked: false) == 0..<6)
    }

    @Test func aDeleteEndsTheWindowOfACoolingTablet() {
        #expect(pick("rrrdrr", cools: true) == 0..<3)
        #expect(pick("rdrr", cools: true) == 2..<4)
        #expect(pick("rddrd", cools: true) == nil)
        #expect(pick("rrrdrr", .base, cools: true) == nil)
        // The window before a delete gets no more versions, so it is merged whole.
        #expect(pick("rrrd", asked: false, cools: true) == 0..<3)
        #expect(pick("rdrr", asked: false, cools: true) == nil)
    }

    @Test func behindAColdPrefixDeletesStay() {
        #expect(pick("ccrrdrr") == 2..<4)
        #expect(pick("ccrdrr", .base) == nil)
        #expect(pick("cxcrrr") == 3..<6)
    }
}
