internal import AgentTasks
public import ClusterMetadata
internal import HTTPAPI
internal import Logging
public import MasterServices
internal import Synchronization
public import TabletModel

/// Drops tables: gone from the metadata first, then from the backends. A backend that does not get its DROP tasks shows
/// the tablets in its reports, and is told again.
public final class TableDropper: Sendable {
    private typealias Held = (key: ReplicaKey, id: ReplicaID)

    private let environment: MasterEnvironment
    /// Replicas of tables whose drop may be durable or not: told to nobody until that is known.
    private let held = Mutex<[TableID: [Held]]>([:])

    public init(environment: MasterEnvironment) { self.environment = environment }

    public func drop(_ id: TableID) throws {
        do {
            let replicas = try environment.commit { state, _ in
                (entries: state.table(id) == nil ? [] : [.dropTable(id)], result: Self.replicas(of: id, in: state))
            }
            tell(id, replicas)
        } catch let error as MasterError where error.code == .outcomeUnknown {
            // No change comes between: these are the replicas that the drop names.
            let replicas = environment.store.read { Self.replicas(of: id, in: $0) }
            held.withLock { $0[id] = replicas }
            throw error
        }
    }

    private static func replicas(of id: TableID, in state: ClusterState) -> [Held] {
        (state.table(id)?.tabletIDs ?? []).flatMap { tablet in
            state.tablets.replicas(of: tablet).map { (ReplicaKey(tabletID: tablet, backendID: $0.backendID), $0.id) }
        }
    }

    /// It is known now whether the drop is durable.
    public func settled(_ id: TableID, isDurable: Bool) {
        let replicas = held.withLock { $0.removeValue(forKey: id) }
        if isDurable, let replicas { tell(id, replicas) }
    }

    /// A table is gone from the metadata: its replicas go from the backends.
    public func tell(_ id: TableID, _ replicas: [(key: ReplicaKey, id: ReplicaID)]) {
        for (key, replica) in replicas {
            for type in [TaskType.create, .alter] {
                environment.tasks.remove(.init(type: type, signature: key.tabletID.rawValue), of: key.backendID)
            }
            environment.dispatcher.send(.drop(key.tabletID, replica, isTableGone: true), to: key.backendID)
        }
        environment.logger.info("table was dropped", metadata: ["table_id": "\(id)", "replicas": "\(replicas.count)"])
    }
}
