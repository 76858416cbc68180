internal import ClusterMetadata
internal import TabletModel

/// Whether the new tablets can take the place of the table's: a pure function of the state and of what was seen.
enum AlterReadiness: Hashable, Sendable {
    /// Every tablet has a majority of whole replicas. `isComplete`: nobody else is worth waiting for.
    case majority(isComplete: Bool)
    case waiting(String)
    /// This tablet can't get a majority any more, whatever the others come to.
    case lost(TabletID)

    /// What stands against the swap now: versions that are visible, and loads that are committed and not visible yet, must be
    /// on a majority of each new tablet.
    init(_ table: Table, _ progress: AlterProgress, in state: ClusterState) {
        let needed = ClusterMetadata.majority(of: Int(table.replicationCount))
        let committed = state.allTransactions
            .filter { $0.tableID == table.id && $0.state == .committed }.sorted { $0.id < $1.id }
        var isComplete = true
        var reason: String?
        for partition in table.partitions {
            for id in partition.shadowIndex?.tabletIDs ?? [] {
                let tablet = FillingTablet(id, partition, progress, in: state)
                guard tablet.hopeful >= needed else {
                    self = .lost(id)
                    return
                }
                if tablet.isAwaited { isComplete = false }
                reason = reason ?? tablet.whatIsMissing(needed: needed, committed)
            }
        }
        self = reason.map { .waiting($0) } ?? .majority(isComplete: isComplete)
    }
}

/// How far the replicas of one new tablet are.
private struct FillingTablet {
    let id: TabletID
    /// Backends whose replica has every visible version.
    var whole: [BackendID] = []
    /// Replicas that are whole, or may become so.
    var hopeful = 0
    /// A living backend has yet to fill its replica.
    var isAwaited = false

    init(_ id: TabletID, _ partition: Partition, _ progress: AlterProgress, in state: ClusterState) {
        self.id = id
        for replica in state.tablets.replicas(of: id) {
            let backend = replica.backendID
            if replica.state == .alter {
                guard !progress.hasFailed(ReplicaKey(tabletID: id, backendID: backend)) else { continue }
                hopeful += 1
                if state.isAlive(backend) { isAwaited = true }
            } else if !replica.isBad {
                hopeful += 1
                if replica.versions.isComplete(upTo: partition.visibleVersion) { whole.append(backend) }
            }
        }
    }

    /// - Parameter committed: loads of the table that are not visible yet.
    func whatIsMissing(needed: Int, _ committed: [Transaction]) -> String? {
        guard whole.count >= needed else {
            return "tablet \(id) has \(whole.count) whole replicas of \(needed) that it needs"
        }
        let lacking = committed.first { transaction in
            let holders = whole.count { backend in
                !transaction.failedReplicas.contains(ReplicaKey(tabletID: id, backendID: backend))
            }
            return holders < needed
        }
        return lacking.map { "transaction \($0.id) is to become visible first" }
    }
}
