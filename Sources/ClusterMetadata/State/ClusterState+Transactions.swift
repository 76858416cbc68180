internal import HashTreeCollections
internal import TabletModel

extension ClusterState {
    mutating func stage(_ failed: FailedReplicas) {
        guard let known = transactionsByID[failed.transactionID], !known.state.isFinal else { return }
        let staged = known.stagedFailures ?? []
        guard (0...staged.count).contains(failed.first), !failed.keys.isEmpty else { return }
        transactionsByID[failed.transactionID]?.stagedFailures = Array(staged[..<failed.first]) + failed.keys
    }

    mutating func upsertStaged(_ transaction: Transaction) {
        guard let known = transactionsByID[transaction.id] else { return }
        var transaction = transaction
        // Staged no longer: it is applied again.
        transaction.failedReplicas = known.stagedFailures ?? known.failedReplicas
        upsert(transaction)
    }

    mutating func upsert(_ changed: Transaction) {
        var transaction = changed
        transaction.stagedFailures = nil
        let previous = transactionsByID.updateValue(transaction, forKey: transaction.id)
        take(labelOf: transaction)
        guard previous?.state != transaction.state else { return }
        switch transaction.state {
        case .prepared, .aborted: break
        case .committed: commit(transaction)
        case .visible: makeVisible(transaction)
        }
    }

    mutating func remove(transactions ids: [TransactionID]) {
        for id in ids {
            guard let gone = transactionsByID.removeValue(forKey: id) else { continue }
            free(labelOf: gone)
        }
    }

    /// An aborted load frees its label for the next try.
    private mutating func take(labelOf transaction: Transaction) {
        guard transaction.state != .aborted else {
            free(labelOf: transaction)
            return
        }
        transactionIDsByLabel[LabelKey(database: transaction.databaseID, label: transaction.label)] = transaction.id
    }

    private mutating func free(labelOf transaction: Transaction) {
        let key = LabelKey(database: transaction.databaseID, label: transaction.label)
        if transactionIDsByLabel[key] == transaction.id { transactionIDsByLabel[key] = nil }
    }

    /// The versions are taken; replicas without the rows are known to lack them.
    private mutating func commit(_ transaction: Transaction) {
        for taken in transaction.partitions {
            updatePartition(taken.partitionID, of: transaction.tableID) {
                $0.nextVersion = max($0.nextVersion, taken.version.next)
            }
            let failed = transaction.failedReplicas.filter { isIn($0.tabletID, partition: taken.partitionID) }
            guard !failed.isEmpty else { continue }
            tablets.edit { editor in
                for key in failed { editor.health(key) { $0.versions.failed(taken.version) } }
            }
        }
    }

    /// Readers see the versions; every replica of the partitions moved or was left behind.
    private mutating func makeVisible(_ transaction: Transaction) {
        let failed = transaction.failedReplicas.sorted()
        for published in transaction.partitions {
            guard let partition = tablesByID[transaction.tableID]?.partition(published.partitionID) else { continue }
            let visible = partition.visibleVersion
            tablets.edit { editor in
                for id in partition.indexes.lazy.flatMap(\.tabletIDs) {
                    editor.health(of: id) { backend, health in
                        if failed.containsSorted(ReplicaKey(tabletID: id, backendID: backend)) {
                            health.versions.failed(published.version)
                        } else {
                            health.versions.published(published.version, visibleBefore: visible)
                        }
                    }
                }
            }
            updatePartition(published.partitionID, of: transaction.tableID) {
                $0.visibleVersion = max($0.visibleVersion, published.version)
                $0.nextVersion = max($0.nextVersion, published.version.next)
            }
        }
    }

    mutating func adopt(_ adopted: AdoptedVersions) {
        updatePartition(adopted.partitionID, of: adopted.tableID) {
            $0.visibleVersion = max($0.visibleVersion, adopted.visible)
            $0.nextVersion = max($0.nextVersion, adopted.next)
        }
        for load in adopted.committed where transactionsByID[load.transactionID]?.state == .committed {
            transactionsByID[load.transactionID]?.partitions = [
                .init(partitionID: adopted.partitionID, version: load.version)
            ]
        }
    }

    private func isIn(_ tablet: TabletID, partition: PartitionID) -> Bool {
        tablets.tablet(tablet)?.partitionID == partition
    }

    private mutating func updatePartition(_ id: PartitionID, of table: TableID, _ body: (inout Partition) -> Void) {
        guard let place = tablesByID[table]?.partitions.firstIndex(where: { $0.id == id }) else { return }
        body(&tablesByID[table]!.partitions[place])
    }
}
