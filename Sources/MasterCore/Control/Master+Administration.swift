internal import AgentTasks
internal import ClusterMetadata
internal import ColdStorage
internal import DataLoading
public import HTTPAPI
internal import Logging
internal import MasterServices
internal import ReplicaRepair
internal import TableCatalog
public import TabletModel

extension Master {
    public func alterStoragePolicy(_ name: String, _ request: AlterStoragePolicyRequest) throws -> StoragePolicyView {
        let policy = try policies.alterPolicy(name, request)
        return environment.store.read { StoragePolicyView(policy, in: $0) }
    }

    public func setReplica(_ tablet: TabletID, on backend: BackendID, isBad: Bool) throws {
        try environment.commit { state, _ in
            guard let known = state.tablets.tablet(tablet) else {
                throw MasterError(.notFound, "there is no tablet \(tablet)", nextStep: "list the tablets of a table")
            }
            try state.checkNotOlder(known.tableID)
            let key = ReplicaKey(tabletID: tablet, backendID: backend)
            guard let replica = state.tablets.replica(key) else {
                throw MasterError(
                    .notFound, "tablet \(tablet) has no replica on backend \(backend)",
                    nextStep: "list the replicas of the tablet")
            }
            let update = ReplicaUpdate(key: key, versions: replica.versions, isBad: isBad)
            return (replica.isBad == isBad ? [] : [.updateReplicas([update])], ())
        }
        environment.logger.notice(
            isBad ? "a replica was called bad" : "a replica is not called bad any more",
            metadata: ["tablet": "\(tablet)", "backend": "\(backend)"])
        _ = repairs.repair([tablet])
    }

    public func cancelRepair(_ tablets: [TabletID]) throws -> Int {
        repairs.cancelRepair(tablets)
    }

    public func tabletIDs(of table: TableName) throws -> [TabletID] {
        Array(try environment.store.snapshot().requireTable(table).readableTabletIDs)
    }

    public func cleanTrash(on addresses: [NetworkAddress]) throws {
        let backends = try environment.store.read { state -> [BackendID] in
            guard !addresses.isEmpty else { return state.backends.map(\.id) }
            return try addresses.map { address in
                guard let backend = state.backends.first(where: { $0.heartbeatAddress == address }) else {
                    throw MasterError(.notFound, "there is no backend \(address)", nextStep: "list the backends")
                }
                return backend.id
            }
        }
        for backend in backends {
            environment.dispatcher.sendOnce(
                AgentTask(type: .cleanTrash, signature: -1, payload: .cleanTrash), to: backend)
        }
    }

    public func replaceTable(_ name: TableName, by newName: TableName) throws {
        let (old, replicas) = try environment.commit { state, _ in
            let (old, new) = (try state.requireTable(name), try state.requireTable(newName))
            try state.checkNotOlder(old.id)
            guard old.databaseID == new.databaseID, old.id != new.id, new.state == .normal else {
                throw MasterError(
                    .conflict, "\(newName) can't take the place of \(name)",
                    nextStep: "name two tables of one database, the new one whole")
            }
            let replicas = TableReplicas(of: old, in: state.tablets)
            return ([.dropTable(old.id), .tableRestored(new.id, name: old.name)], (old.id, replicas))
        }
        dropper.tell(old, replicas)
        creator.cancel(old, "the table was replaced")
        loadManager.tableDropped(old)
    }
}
