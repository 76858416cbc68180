internal import TabletModel

/// What a snapshot holds, as of one moment: a header that is newer than its rowsets would name a remote state that they are not
/// part of. Holding the rowsets keeps their files.
struct SnapshotContent {
    var header: TabletHeader
    var rowsets: [Rowset]
    /// They are what was asked for as missing, and nothing else.
    var isIncremental = false

    /// Each is looked for among all rowsets; more cost a peer less as a full snapshot, which is but links.
    private static let maxRuns = 4096

    /// All visible rowsets, or the path to a version.
    /// - Throws: `.versionNotReadable`, `.brokenTablet`.
    static func full(_ tablet: Tablet, upTo version: Version?) throws(EngineError) -> SnapshotContent {
        guard let version else {
            let snapshot = tablet.snapshot
            return SnapshotContent(header: snapshot.header, rowsets: snapshot.rowsets)
        }
        let captured = try tablet.captureWithHeader(upTo: version)
        return SnapshotContent(header: captured.header, rowsets: captured.rowsets)
    }

    /// The rowsets, visible or stale, that together hold exactly the missing versions, run by run, when all of these are
    /// local: they fit whatever else the asker has. nil: only a full snapshot can help.
    static func incremental(_ tablet: Tablet, missing: VersionSet) -> SnapshotContent? {
        guard missing.ranges.count <= maxRuns else { return nil }
        let (header, candidates) = tablet.withState { ($0.header, $0.rowsets + $0.stale.entries.map(\.rowset)) }
        var rowsets: [Rowset] = []
        for run in missing.ranges {
            let inside = candidates.filter { run.contains($0.meta.versions) }
            let plan = ClonePlan.cover(inside.map { ClonePiece($0.meta) })
            guard plan.held.contains(run) else { return nil }
            rowsets += plan.take.map { inside[$0] }
        }
        if rowsets.contains(where: \.meta.isRemote) { return nil }
        return SnapshotContent(header: header, rowsets: rowsets, isIncremental: true)
    }
}
