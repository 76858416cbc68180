internal import Platform
public import TabletModel

extension StorageEngine {
    /// UPDATE_TABLET_META_INFO (`contract/behaviour.md` §2, and `contract/wire-2026.md`): partition, replica, storage policy,
    /// in-memory flag, options. All updates are checked before the first is applied; the same ones again change nothing.
    /// - Returns: tablets that are not here; they are skipped.
    /// - Throws: `.loading`; `.invalidArgument` and `.notImplemented` with nothing changed; the first of
    ///   what single tablets met (`.tabletNotRunning`, `.metaUnavailable`, …): the updates of the others are durable.
    public func updateTabletMeta(_ updates: [TabletMetaUpdate]) throws -> [TabletID] {
        guard isLoaded else { throw EngineError.loading }
        try updates.check()
        var missing: [TabletID] = []
        var failure: (any Error)?
        for update in updates {
            guard let tablet = tablets.look(update.tabletID),
                update.schemaHash == nil || update.schemaHash == tablet.header.schemaHash
            else {
                missing.append(update.tabletID)
                continue
            }
            do {
                try withServed(tablet.id) { try apply(update, to: $0) }
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return missing
    }

    private func apply(_ update: TabletMetaUpdate, to tablet: Tablet) throws {
        let before = tablet.partitionID
        let after = try tablet.commit(TabletChange(editHeader: { Self.apply(update, to: &$0) }))
        if after.header.partitionID != before {
            tablets.move(tablet.id, from: before, to: after.header.partitionID)
        }
    }

    /// FEs of 2023 name a type, which says what of it counts; newer ones name none, and what is set counts.
    private static func apply(_ update: TabletMetaUpdate, to header: inout TabletHeader) {
        if update.metaType != 1, let partition = update.partitionID { header.partitionID = partition }
        if update.metaType == 0 { return }
        if let policy = update.policyKey {
            header.storagePolicy = policy
            // Sent along by an FE of 2023, and not meant.
            if update.metaType == 1 { return }
        }
        if let isInMemory = update.isInMemory { header.isInMemory = isInMemory }
        if let replica = update.replicaID { header.replicaID = replica }
        header.options.apply(update.options)
    }
}
