internal import ClusterMetadata
internal import TabletModel

/// The one place that says whether a replica may be dropped. Every drop that repair makes asks here, inside the change that
/// journals it.
enum ReplicaSafety {
    /// Why the replica must stay; nil when it may go.
    ///
    /// A replica may go only while another one is whole, readable and not about to leave, and has been seen so by this FE: in
    /// a report of its backend's process, or at the end of its clone. What the journal says of it may be out of date: the FE
    /// or the backend has just restarted, perhaps with another disk. One that was never finished holds nothing that is not
    /// elsewhere, so there it is enough that another living replica has data.
    /// - Parameter keeping: how many other whole replicas must remain, at least one.
    static func refusal(
        dropping replica: Replica, of replicas: [Replica], visible: Version, keeping: Int = 1, facts: RepairFacts
    ) -> String? {
        let others = replicas.filter { $0.id != replica.id }
        let whole = others.count { facts.condition(of: $0, visible: visible) == .good && facts.hasSeen($0) }
        if replica.state == .clone {
            let hasSource = whole > 0 || others.contains { facts.isSource($0) }
            return hasSource ? nil : "no other replica is left to copy from"
        }
        let needed = max(1, keeping)
        return whole >= needed ? nil : "only \(whole) other replicas were seen whole, \(needed) must be"
    }
}

extension ClusterState {
    /// A committed version that is not visible yet and would be on less than a majority without this replica; nil when there
    /// is none. What reports show whole is so up to the visible version only.
    func versionNeeding(_ victim: Replica, of subject: RepairSubject) -> Version? {
        guard victim.state != .clone, let partition = partition(of: subject.tablet),
            partition.nextVersion > partition.visibleVersion.next
        else { return nil }
        for transaction in allTransactions
        where transaction.state == .committed && transaction.tableID == subject.tablet.tableID {
            // A replica with a higher id than the load was made after the load began.
            let holders = subject.replicas.filter { replica in
                let key = ReplicaKey(tabletID: subject.id, backendID: replica.backendID)
                return !replica.isBad && replica.state != .clone && replica.id.rawValue < transaction.id.rawValue
                    && !transaction.failedReplicas.contains(key)
            }
            guard holders.contains(where: { $0.id == victim.id }) else { continue }
            guard holders.count - 1 < majority(of: subject.wanted) else { continue }
            return transaction.partitions.first?.version ?? partition.nextVersion
        }
        return nil
    }
}
