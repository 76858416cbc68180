internal import Logging
internal import TabletModel

/// Drops tables: gone from the metadata first, then from the backends. A backend that does not get its DROP tasks shows
/// the tablets in its reports, and is told again.
final class TableDropper: Sendable {
    private let environment: MasterEnvironment

    init(environment: MasterEnvironment) { self.environment = environment }

    func drop(_ id: TableID) throws {
        let replicas = try environment.commit { state, _ in
            guard let table = state.table(id) else { return (entries: [], result: [(ReplicaKey, ReplicaID)]()) }
            let replicas = table.tabletIDs.flatMap { tablet in
                state.tablets.replicas(of: tablet).map {
                    (ReplicaKey(tabletID: tablet, backendID: $0.backendID), $0.id)
                }
            }
            return (entries: [.dropTable(id)], result: replicas)
        }
        for (key, replica) in replicas {
            environment.tasks.remove(.init(type: .create, signature: key.tabletID.rawValue), of: key.backendID)
            environment.dispatcher.send(Self.dropTask(key.tabletID, replica, isTableGone: true), to: key.backendID)
        }
        environment.logger.info("table was dropped", metadata: ["table_id": "\(id)", "replicas": "\(replicas.count)"])
    }

    /// - Parameter isTableGone: also lets the backend remove the tablet's remote folder, which all replicas share: only
    ///   when the table or partition itself is gone (`contract/behaviour.md §11` defect 29).
    static func dropTask(_ tablet: TabletID, _ replica: ReplicaID, isTableGone: Bool) -> AgentTask {
        AgentTask(
            type: .drop, signature: tablet.rawValue,
            payload: .drop(
                DropTabletRequest(tabletID: tablet, replicaID: replica, isDropTableOrPartition: isTableGone)))
    }
}
