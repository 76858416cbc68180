internal import Platform
internal import StoredFormats
internal import TabletModel
internal import VersionTracking

/// A local rowset, visible or stale, whose files are gone or corrupt, and what takes its place.
///
/// While the rowsets that a compaction made it of are still kept as stale, they become visible again: nothing is lost then.
/// What they do not cover becomes a hole, which the FE has filled from another replica.
struct RowsetLoss: Sendable {
    var rowset: RowsetID
    /// Stale rowsets, with all their files, that become visible again.
    var restored: [RowsetID] = []
    /// Further stale rowsets whose files turned out to be gone.
    var alsoLost: [RowsetID] = []
}

extension Tablet {
    /// Takes the lost rowset out. Versions are worked out anew, as at a start.
    func lose(_ loss: RowsetLoss, _ prepared: inout PreparedChange) throws {
        if let index = prepared.rowsets.firstIndex(where: { $0.meta.id == loss.rowset && !$0.meta.isRemote }) {
            prepared.rowsets.remove(at: index)
            prepared.batch.delete(MetaKeys.rowset(id, loss.rowset))
        } else {
            try forgetStale(loss.rowset, &prepared)
        }
        for lost in loss.alsoLost { try forgetStale(lost, &prepared) }
        for restored in loss.restored {
            guard let entry = prepared.stale.remove(restored) else {
                throw EngineError.conflict(id, reason: "rowset \(restored) is not stale any more")
            }
            prepared.rowsets.append(entry.rowset)
            prepared.batch.delete(MetaKeys.staleRowset(id, restored))
            prepared.batch.put(MetaKeys.rowset(id, restored), try RowsetRecord.encode(entry.rowset.meta))
        }
        prepared.rowsets.sort {
            ($0.meta.versions.start, $0.meta.versions.end) < ($1.meta.versions.start, $1.meta.versions.end)
        }
        (prepared.tracker, prepared.stale) = versions(
            visible: prepared.rowsets, stale: prepared.stale.entries.map { ($0.rowset, $0.staleAt) })
        prepared.holeIsCertain = !prepared.tracker.isComplete
    }

    private func forgetStale(_ rowset: RowsetID, _ prepared: inout PreparedChange) throws {
        guard prepared.stale.remove(rowset) != nil else {
            throw EngineError.conflict(id, reason: "rowset \(rowset) is not here any more")
        }
        prepared.batch.delete(MetaKeys.staleRowset(id, rowset))
    }
}
