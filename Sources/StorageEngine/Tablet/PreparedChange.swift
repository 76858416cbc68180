internal import Platform
internal import StoredFormats
internal import Synchronization
internal import TabletModel
internal import VersionTracking

/// A checked change of a tablet: what to write, and what memory becomes once that is durable.
struct PreparedChange {
    var header: TabletHeader
    var rowsets: [Rowset]
    var stale: StaleRowsets
    var tracker: VersionTracker
    /// Left the tablet: their files go with their last reader.
    var removed: [Rowset] = []
    /// Removed rowsets whose files an added rowset goes on using.
    var keptFiles: Set<RowsetID> = []
    /// A version below the newest is missing and no publish can fill it: it is reported without a grace period.
    var holeIsCertain = false
    var batch = WriteBatch()
}

extension Tablet {
    /// Checks a change against the present state and works out what it makes of it. Under the commit turn.
    func prepare(_ change: TabletChange) throws -> PreparedChange {
        let (snapshot, stale, startTracker) = withState { (TabletSnapshot($0), $0.stale, $0.tracker) }
        guard snapshot.header.state.takesRows else {
            throw EngineError.tabletNotRunning(id, snapshot.header.state)
        }
        try change.precondition?(snapshot)
        var header = snapshot.header
        change.editHeader?(&header)
        precondition(
            header.tabletID == id && header.schemaHash == schemaHash && header.shardID == snapshot.header.shardID)

        var prepared = PreparedChange(
            header: header, rowsets: snapshot.rowsets, stale: stale, tracker: startTracker)
        for id in change.removeRowsets { try remove(id, from: &prepared) }
        if let versions = change.replacesVersions { try remove(allOf: versions, from: &prepared) }
        for meta in change.addRowsets { try add(meta, to: &prepared) }
        if change.keepsRemovedAsStale {
            try keepAsStale(replacedBy: change.addRowsets, startTracker, &prepared)
        }
        if let loss = change.loss { try lose(loss, &prepared) }
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

    private func remove(allOf versions: VersionRange, from prepared: inout PreparedChange) throws {
        for rowset in prepared.rowsets.map(\.meta) where rowset.versions.start <= versions.end {
            guard versions.contains(rowset.versions) else {
                throw EngineError.conflict(
                    id, reason: "its rowset \(rowset.versions) reaches beyond the versions \(versions) to replace")
            }
            try remove(rowset.id, from: &prepared)
        }
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
        if meta.isRemote {
            // Ids of local rowsets are made here; one that came with a remote meta must not take another's record.
            guard !prepared.rowsets.contains(where: { $0.meta.id == meta.id }) else {
                throw EngineError.conflict(id, reason: "rowset \(meta.id) is here already, with other versions")
            }
        } else {
            prepared.keptFiles.insert(meta.id)
        }
        let place = prepared.rowsets.lastIndex { $0.meta.versions.start < meta.versions.start }.map { $0 + 1 } ?? 0
        prepared.rowsets.insert(Rowset(meta, garbage: dataDir.garbage), at: place)
        prepared.batch.put(MetaKeys.rowset(id, meta.id), try RowsetRecord.encode(meta))
    }

    /// Turns what the change removed into a stale path.
    private func keepAsStale(
        replacedBy added: [RowsetMeta], _ before: VersionTracker, _ prepared: inout PreparedChange
    ) throws {
        guard !before.hasCrossing else { throw EngineError.conflict(id, reason: "its rowsets cross") }
        let now = dataDir.environment.time.wallNow
        var tracker = before
        // The steps before have shown that the result does not overlap.
        let path = tracker.replace(
            prepared.removed.map(\.meta.versions), by: added.map(\.versions), staleAt: now)
        prepared.tracker = tracker
        // Nil: the same ranges again, so that a stale path would serve nobody.
        guard let path else { return }
        for rowset in prepared.removed {
            prepared.stale.append(rowset, staleAt: now, path: path)
            prepared.batch.put(
                MetaKeys.staleRowset(id, rowset.meta.id),
                try StaleRowsetRecord.encode(StoredStaleRowset(rowset: rowset.meta, staleAt: now)))
        }
        prepared.removed = []
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
