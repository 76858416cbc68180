internal import TabletModel

/// Which rowsets a snapshot holds. Holding them keeps their files.
struct SnapshotContent {
    var rowsets: [Rowset]
    /// They are what was asked for as missing, and nothing else.
    var isIncremental: Bool

    /// The rowsets that together hold exactly the missing versions, run by run, when all of these are local: they fit
    /// whatever else the asker has. nil: only a full snapshot can help.
    init?(missing: VersionSet, among candidates: [Rowset]) {
        rowsets = []
        isIncremental = true
        for run in missing.ranges {
            let inside = candidates.filter { run.contains($0.meta.versions) }
            let plan = ClonePlan.cover(inside.map { ClonePiece($0.meta) })
            guard plan.held.contains(run) else { return nil }
            rowsets += plan.take.map { inside[$0] }
        }
        if rowsets.contains(where: \.meta.isRemote) { return nil }
    }

    init(full rowsets: [Rowset]) {
        self.rowsets = rowsets
        isIncremental = false
    }
}
