public import ClusterMetadata
public import TabletModel

/// Tasks that more than one room sends.
extension AgentTask {
    /// - Parameter isTableGone: also lets the backend remove the tablet's remote folder, which all replicas share: only
    ///   when the table or partition itself is gone (`contract/behaviour.md §11` defect 29).
    public static func drop(_ tablet: TabletID, _ replica: ReplicaID, isTableGone: Bool) -> AgentTask {
        AgentTask(
            type: .drop, signature: tablet.rawValue,
            payload: .drop(
                DropTabletRequest(tabletID: tablet, replicaID: replica, isDropTableOrPartition: isTableGone)))
    }

    public static func publish(_ transaction: Transaction) -> AgentTask {
        AgentTask(
            type: .publishVersion, signature: transaction.id.rawValue,
            payload: .publishVersion(
                PublishVersionRequest(transactionID: transaction.id, partitions: transaction.partitions)))
    }
}
