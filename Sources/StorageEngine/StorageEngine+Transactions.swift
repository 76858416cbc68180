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
        var count = 0
        // Tablets that move to another data dir meanwhile are met in the next round, with their entries.
        for _ in 0..<4 {
            let entries = pending.entries(of: request.transactionID) {
                partitions.isEmpty || partitions.contains($0.partition)
            }
            if entries.isEmpty { break }
            count = max(count, entries.count)
            try clear(entries)
        }
        logger.info(
            "transaction cleared",
            metadata: ["transaction": "\(request.transactionID)", "rowsets": "\(count)"])
    }

    private func clear(_ entries: [PendingTable.Entry]) throws {
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
    }

    /// Under the tablets' turns, so that a publish of the same rowsets is over or has not begun.
    private func clear(_ entries: [PendingTable.Entry], in dir: DataDir) throws {
        var left = entries
        while !left.isEmpty {
            let owners = try Set(left.map(\.key.tablet)).sorted().compactMap { try tablets[$0] }
            left = try withTurns(owners[...]) { () -> [PendingTable.Entry] in
                // The turn of one that has left since keeps no publish away: its successor's does.
                let gone = Set(owners.filter { !tablets.serves($0) }.map(\.id))
                let here = left.filter { pending[$0.key]?.dataDir === dir }
                let still = here.filter { !gone.contains($0.key.tablet) }
                if !still.isEmpty {
                    var batch = WriteBatch()
                    for entry in still { batch.delete(entry.key.metaKey) }
                    try dir.writeMeta(batch)
                    for entry in still { forget(entry) }
                }
                return here.filter { gone.contains($0.key.tablet) }
            }
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
}
