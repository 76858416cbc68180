internal import Platform
internal import StoredFormats
internal import Synchronization
internal import TabletModel
internal import VersionTracking

/// A checked change of a tablet: what to write, and what memory becomes once that is durable.
struct PreparedChange {
    var header: TabletHeader
    var rowsets: [Rowset]
    var tracker: VersionTracker
    var removed: [Rowset]
    /// Removed rowsets whose files an added rowset goes on using.
    var keptFiles: Set<RowsetID>
    var batch: WriteBatch
}

extension Tablet {
    /// Checks a change against the present state and works out what it makes of it. Under the commit turn.
    func prepare(_ change: TabletChange) throws -> PreparedChange {
        let (snapshot, startTracker) = withState { (TabletSnapshot($0), $0.tracker) }
        guard snapshot.header.state == .running else {
            throw EngineError.tabletNotRunning(id, snapshot.header.state)
        }
        try change.precondition?(snapshot)
        var header = snapshot.header
        change.editHeader?(&header)
        precondition(
            header.tabletID == id && header.schemaHash == schemaHash && header.shardID == snapshot.header.shardID)

        var prepared = PreparedChange(
            header: header, rowsets: snapshot.rowsets, tracker: startTracker, removed: [], keptFiles: [],
            batch: WriteBatch())
        for id in change.removeRowsets { try remove(id, from: &prepared) }
        for meta in change.addRowsets { try add(meta, to: &prepared) }
        if header != snapshot.header {
            prepared.batch.put(MetaKeys.header(id), try TabletHeaderRecord.encode(header))
        }
        for mutation in change.alsoWrite { prepared.batch.append(mutation) }
        return prepared
    }

    private func remove(_ rowset: RowsetID, from prepared: inout PreparedChange) throws {
        guard let index = prepared.rowsets.firstIndex(where: { $0.meta.id == rowset }) else {
            throw EngineError.conflict(id, reason: "rowset \(rowset) to replace is not visible any more")
        }
        let gone = prepared.rowsets.remove(at: index)
        // Of crossing rowsets with one start the tracker holds only the widest; the tablet is bad then anyway.
        prepared.tracker.remove(gone.meta.versions)
        prepared.removed.append(gone)
        prepared.batch.delete(MetaKeys.rowset(id, rowset))
    }

    private func add(_ meta: RowsetMeta, to prepared: inout PreparedChange) throws {
        precondition(meta.tabletID == id, "a rowset of tablet \(meta.tabletID) is added to tablet \(id)")
        do {
            try prepared.tracker.add(meta.versions)
        } catch .alreadyExists(let range, _) {
            throw EngineError.versionExists(id, range)
        } catch {
            throw EngineError.conflict(id, reason: error.description)
        }
        if !meta.isRemote { prepared.keptFiles.insert(meta.id) }
        let place = prepared.rowsets.lastIndex { $0.meta.versions.start < meta.versions.start }.map { $0 + 1 } ?? 0
        prepared.rowsets.insert(Rowset(meta, garbage: dataDir.garbage), at: place)
        prepared.batch.put(MetaKeys.rowset(id, meta.id), try RowsetRecord.encode(meta))
    }
}

extension WriteBatch {
    mutating func append(_ mutation: Mutation) {
        switch mutation {
        case .put(let key, let value): put(key, value)
        case .delete(let key): delete(key)
        case .deleteRange(let from, let to): deleteRange(from: from, to: to)
        }
    }
}

/// Runs `body` with the commit turns of all these tablets, which are in ascending id order and not many: one batch can
/// then change them all.
func withTurns<R: Sendable>(_ tablets: ArraySlice<Tablet>, _ body: () throws -> R) rethrows -> R {
    guard let first = tablets.first else { return try body() }
    return try first.turn.withLock { _ in try withTurns(tablets.dropFirst(), body) }
}
