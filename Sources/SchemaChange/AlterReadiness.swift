internal import ClusterMetadata
internal import TabletModel

/// Whether the new tablets can take the place of the table's: a pure function of the state and of what was seen.
enum AlterReadiness: Hashable, Sendable {
    /// Every tablet has a majority of whole replicas. `isComplete`: nobody else is worth waiting for.
    case majority(isComplete: Bool)
    case waiting(String)
    /// This tablet can't get a majority any more.
    case lost(TabletID)

    /// What stands against the swap now: versions that are visible, and loads that are committed and not visible yet, must be
    /// on a majority of each new tablet.
    init(_ table: Table, _ progress: AlterProgress, in state: ClusterState) {
        let needed = ClusterMetadata.majority(of: Int(table.replicationCount))
        let committed = state.transactionsByID.values.filter { $0.tableID == table.id && $0.state == .committed }
        var isComplete = true
        for partition in table.partitions {
            guard let shadow = partition.shadowIndex else { continue }
            for tablet in shadow.tabletIDs {
                var (whole, hopeful): ([Replica], Int) = ([], 0)
                for replica in state.tablets.replicas(of: tablet) {
                    let key = ReplicaKey(tabletID: tablet, backendID: replica.backendID)
                    if replica.state == .alter {
                        guard !progress.hasFailed(key) else { continue }
                        hopeful += 1
                        if state.isAlive(replica.backendID) { isComplete = false }
                    } else if !replica.isBad {
                        hopeful += 1
                        if replica.versions.isComplete(upTo: partition.visibleVersion) { whole.append(replica) }
                    }
                }
                guard hopeful >= needed else {
                    self = .lost(tablet)
                    return
                }
                guard whole.count >= needed else {
                    self = .waiting("tablet \(tablet) has \(whole.count) whole replicas of \(needed) that it needs")
                    return
                }
                for transaction in committed {
                    let holders = whole.count { replica in
                        !transaction.failedReplicas.contains(
                            ReplicaKey(tabletID: tablet, backendID: replica.backendID))
                    }
                    guard holders >= needed else {
                        self = .waiting("transaction \(transaction.id) is to become visible first")
                        return
                    }
                }
            }
        }
        self = .majority(isComplete: isComplete)
    }
}
