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
    private let environment: MasterEnvironment
    /// Replicas of tables whose drop may be durable or not: told to nobody until that is known.
    private let held = Mutex<[TableID: TableReplicas]>([:])

    public init(environment: MasterEnvironment) { self.environment = environment }

    public func drop(_ id: TableID) throws {
        do {
            let replicas = try environment.commit { state, _ -> (entries: [JournalEntry], result: TableReplicas?) in
                guard let table = state.table(id) else { return ([], nil) }
                return ([.dropTable(id)], TableReplicas(of: table, in: state.tablets))
            }
            if let replicas { tell(id, replicas) }
        } catch let error as MasterError where error.code == .outcomeUnknown {
            // No change comes between: these are the replicas that the drop names.
            let state = environment.store.snapshot()
            held.withLock { held in held[id] = state.table(id).map { TableReplicas(of: $0, in: state.tablets) } }
            throw error
        }
    }

    /// It is known now whether the drop is durable.
    public func settled(_ id: TableID, isDurable: Bool) {
        let replicas = held.withLock { $0.removeValue(forKey: id) }
        if isDurable, let replicas { tell(id, replicas) }
    }

    /// A table is gone from the metadata: its replicas go from the backends, those of a large one a piece at a time.
    public func tell(_ id: TableID, _ replicas: TableReplicas) {
        environment.logger.info("table was dropped", metadata: ["table_id": "\(id)"])
        TaskFeed(environment, pieces: replicas.chunkCount) { [environment] chunk in
            replicas.forEach(inChunk: chunk) { tablet, replica in
                for type in [TaskType.create, .alter] {
                    environment.tasks.remove(.init(type: type, signature: tablet.rawValue), of: replica.backendID)
                }
                environment.dispatcher.send(.drop(tablet, replica.id, isTableGone: true), to: replica.backendID)
            }
        }.start()
    }
}
