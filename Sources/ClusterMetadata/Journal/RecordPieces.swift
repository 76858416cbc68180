internal import TabletModel

extension JournalEntry {
    /// Elements of a list in one record, which is then some hundred kilobytes at most.
    public static let elementsPerRecord = 4096

    /// The same change in records of at most so many elements, made durable together, so that no record grows with a table or
    /// with the cluster. Those without a list come as they are: they are bounded, or whoever makes them makes pieces of them, since
    /// all of it would be too much for one append (`addTablets`, `setBackupUnits`).
    /// - Parameter limit: at least 1.
    func records(of limit: Int) -> [JournalEntry] {
        switch self {
        case .updateReplicas(let updates): pieces(updates, limit) { .updateReplicas($0) }
        case .backendTabletsBad(let backend, let marks): pieces(marks, limit) { .backendTabletsBad(backend, $0) }
        case .backendReplicasInfo(let backend, let marks): pieces(marks, limit) { .backendReplicasInfo(backend, $0) }
        case .pushCooldownConf(let confs): pieces(confs, limit) { .pushCooldownConf($0) }
        case .removeTransactions(let ids): pieces(ids, limit) { .removeTransactions($0) }
        case .removeBackupJobs(let ids): pieces(ids, limit) { .removeBackupJobs($0) }
        case .olderMetadataFound(let found): pieces(found, limit) { .olderMetadataFound($0) }
        case .olderMetadataSettled(let settlement) where settlement.tables.count > limit:
            pieces(settlement.tables, limit) { .olderMetadataSettled(OlderSettlement(tables: $0)) } + [
                .olderMetadataSettled(settlement.withoutTables)
            ]
        case .upsertTransaction(let transaction) where transaction.failedReplicas.count > limit:
            transaction.stages(of: limit) + [.upsertStagedTransaction(transaction.withoutReplicas)]
        default: [self]
        }
    }

    private func pieces<Element>(
        _ all: [Element], _ limit: Int, _ entry: ([Element]) -> JournalEntry
    ) -> [JournalEntry] {
        guard all.count > limit else { return [entry(all)] }
        return stride(from: 0, to: all.count, by: limit).map { entry(Array(all[$0..<min($0 + limit, all.count)])) }
    }
}

extension OlderSettlement {
    fileprivate var withoutTables: OlderSettlement {
        var settlement = self
        settlement.tables = []
        return settlement
    }
}

extension Transaction {
    fileprivate var withoutReplicas: Transaction {
        var transaction = self
        transaction.failedReplicas = []
        return transaction
    }

    fileprivate func stages(of limit: Int) -> [JournalEntry] {
        stride(from: 0, to: failedReplicas.count, by: limit).map { first in
            let keys = Array(failedReplicas[first..<min(first + limit, failedReplicas.count)])
            return .stageFailedReplicas(FailedReplicas(transactionID: id, first: first, keys: keys))
        }
    }
}
