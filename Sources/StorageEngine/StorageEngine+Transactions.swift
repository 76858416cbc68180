internal import Logging
internal import Platform
internal import StoredFormats
internal import Synchronization
public import TabletModel

extension StorageEngine {
    /// CLEAR_TRANSACTION_TASK: drops the transaction's pending rowsets in these partitions (none named: in all) and their
    /// files. An id that is not positive is ignored. Durable on return, one synced batch a data dir.
    /// - Throws: `.loading`, `.metaUnavailable`, `.dataDirUnusable`.
    public func clearTransaction(_ request: ClearTransactionRequest) throws {
        guard request.transactionID > 0 else { return }
        guard isLoaded else { throw EngineError.loading }
        let partitions = Set(request.partitionIDs)
        let entries = pending.entries(of: request.transactionID) {
            partitions.isEmpty || partitions.contains($0.partition)
        }
        for dir in dataDirs {
            let here = entries.filter { $0.dataDir === dir }
            var rest = here[...]
            while !rest.isEmpty {
                let chunk = Array(rest.prefix(max(1, options.publishBatchTablets)))
                rest = rest.dropFirst(chunk.count)
                try clear(chunk, in: dir)
            }
            dir.drainGarbage()
        }
        logger.info(
            "transaction cleared",
            metadata: ["transaction": "\(request.transactionID)", "rowsets": "\(entries.count)"])
    }

    /// Under the tablets' turns, so that a publish of the same rowsets is over or has not begun.
    private func clear(_ entries: [PendingTable.Entry], in dir: DataDir) throws {
        let owners = Set(entries.map(\.key.tablet)).sorted().compactMap { tablets[$0] }
        try withTurns(owners[...]) {
            let still = entries.filter { pending[$0.key] != nil }
            guard !still.isEmpty else { return }
            var batch = WriteBatch()
            for entry in still { batch.delete(entry.key.metaKey) }
            try dir.writeMeta(batch)
            for entry in still { forget(entry) }
        }
    }

    /// The entry's record is gone: so are the entry and its files.
    func forget(_ entry: PendingTable.Entry) {
        if let removed = pending.remove(entry.key) { discard(removed) }
    }

    /// Queues the files of a pending rowset that is none any more.
    func discard(_ entry: PendingTable.Entry) {
        entry.dataDir.localBytes.subtract(entry.pending.rowset.sizeBytes, ordering: .relaxed)
        guard !entry.pending.rowset.segments.isEmpty else { return }
        entry.dataDir.garbage.add(entry.pending.rowset, shard: entry.shard)
    }

    /// UPDATE_TABLET_META_INFO: partition id, or in-memory flag, or storage policy (`contract/behaviour.md` §2).
    /// - Returns: tablets that are not here; they are skipped.
    /// - Throws: `.loading`, `.metaUnavailable`; updates before the failed one are durable.
    public func updateTabletMeta(_ updates: [TabletMetaUpdate]) throws -> [TabletID] {
        guard isLoaded else { throw EngineError.loading }
        var missing: [TabletID] = []
        for update in updates {
            guard let tablet = tablets[update.tabletID],
                update.schemaHash == nil || update.schemaHash == tablet.schemaHash
            else {
                missing.append(update.tabletID)
                continue
            }
            let before = tablet.partitionID
            let after = try tablet.commit(TabletChange(editHeader: { Self.apply(update, to: &$0) }))
            if after.header.partitionID != before {
                tablets.move(tablet.id, from: before, to: after.header.partitionID)
            }
        }
        return missing
    }

    private static func apply(_ update: TabletMetaUpdate, to header: inout TabletHeader) {
        if (update.metaType ?? 0) == 0 {
            if let partition = update.partitionID { header.partitionID = partition }
            // An FE of 2026 names no kind: what is there is what changes.
            if update.storagePolicyID != nil, let policy = update.policyKey { header.storagePolicy = policy }
        } else if let policy = update.policyKey {
            header.storagePolicy = policy
        } else if let isInMemory = update.isInMemory {
            header.isInMemory = isInMemory
        }
    }
}
