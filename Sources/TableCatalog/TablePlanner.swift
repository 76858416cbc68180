internal import ClusterMetadata
internal import HTTPAPI
internal import MasterServices
internal import TabletModel

/// Makes the catalog's records of a new table.
enum TablePlanner {
    /// Backends for every bucket; `unavailable` with what is missing when there are not enough.
    static func place(
        _ request: CreateTableRequest, in state: ClusterState, _ configuration: MasterConfiguration
    ) throws -> [[BackendID]] {
        let members = try members(of: request.cluster, in: state)
        let candidates = members.compactMap { backend in
            candidate(backend, in: state, configuration).map { candidate in
                var candidate = candidate
                if request.cluster != nil { candidate.shard = backend.place?.shard }
                return candidate
            }
        }
        do {
            return try ReplicaPlacement(allowsSameHost: configuration.allowsSameHost)
                .place(buckets: request.buckets, replicas: request.replicas, on: candidates)
        } catch .notEnoughBackends(let wanted, let found) {
            throw MasterError(
                .unavailable, "\(wanted) replicas need \(wanted) alive backends with free disks, there are \(found)",
                nextStep:
                    "add or start backends, or ask for fewer replicas; `tabletctl backends` shows which are dead, late or "
                    + "full" + foreign(in: state))
        } catch .notEnoughShards(let wanted, let found) {
            throw MasterError(
                .unavailable,
                "\(wanted) replicas need \(wanted) shards of cluster \(request.cluster ?? "") with a backend that takes data, there are \(found)",
                nextStep:
                    "add backends to more shards (ALTER CLUSTER … ADD BACKENDS … TO SHARD n), or ask for fewer replicas"
            )
        } catch .notEnoughHosts(let wanted, let found) {
            throw MasterError(
                .unavailable, "\(wanted) replicas need backends on \(wanted) hosts, there are \(found)",
                nextStep:
                    "add backends on other hosts; for several on one machine set allow_replica_on_same_host = true")
        }
    }

    private static func members(of cluster: String?, in state: ClusterState) throws(MasterError) -> [Backend] {
        guard let cluster else { return state.backends }
        let members = state.members(ofCluster: cluster)
        guard !members.isEmpty else {
            throw MasterError(
                .notFound, "there is no cluster \(cluster)",
                nextStep:
                    "look at SHOW CLUSTERS, or make it: ALTER CLUSTER \(cluster) ADD BACKENDS 'host:port' TO SHARD 1")
        }
        return members
    }

    /// Backends that are there and can't be meant: a person counts them.
    private static func foreign(in state: ClusterState) -> String {
        let reasons = state.backends.filter { state.isAlive($0.id) }.compactMap(\.foreignRows)
        guard let first = reasons.first else { return "" }
        return "; \(first)" + (reasons.count > 1 ? ", and so are \(reasons.count - 1) more" : "")
    }

    private static func candidate(
        _ backend: Backend, in state: ClusterState, _ configuration: MasterConfiguration
    ) -> ReplicaPlacement.Candidate? {
        let status = state.status(of: backend.id)
        guard status.isAlive, status.lateSince == nil, !backend.isDecommissioned, backend.nodeRole != "computation",
            backend.foreignRows == nil
        else { return nil }
        let disks = status.disks.filter(\.takesData)
        // Before the first disk report nothing is known of the disks, and nothing held against them.
        if !status.disks.isEmpty, disks.isEmpty { return nil }
        let total = disks.reduce(Int64(0)) { $0.addingClamped(max($1.totalBytes, 0)) }
        let available = disks.reduce(Int64(0)) { $0.addingClamped(max($1.availableBytes, 0)) }
        let used = Int(max(total - available, 0) / max(total / 1000, 1))
        guard used < configuration.highWatermarkPercent * 10 else { return nil }
        return ReplicaPlacement.Candidate(
            id: backend.id, host: backend.host, replicaCount: state.tablets.tablets(on: backend.id).count,
            usedPermille: used)
    }

    static func plan(
        _ request: CreateTableRequest, _ database: Database, _ backends: [[BackendID]], _ now: UnixTime,
        _ ids: inout IDAllocator
    ) throws(MasterError) -> (Table, [TabletPlacement]) {
        let columns = try TableRequestCheck.columns(request)
        let tableID = TableID(ids.take())
        let partitionID = PartitionID(ids.take())
        let indexID = IndexID(ids.take())
        let placements = backends.map { chosen in
            TabletPlacement(
                tabletID: TabletID(ids.take()),
                replicas: chosen.map { .init(replicaID: ReplicaID(ids.take()), backendID: $0) })
        }
        let index = MaterializedIndex(
            id: indexID, schemaHash: TableRequestCheck.schemaHash(columns),
            tabletIDs: placements.map(\.tabletID))
        var table = Table(
            id: tableID, databaseID: database.id, name: request.name.table,
            delimiter: try TableRequestCheck.delimiter(request.delimiter), hasHeader: request.hasHeader,
            columns: columns, distributionColumn: Int32(request.distributionColumn),
            bucketCount: Int32(request.buckets), replicationCount: Int32(request.replicas),
            storagePolicy: request.storagePolicy, createdAt: now,
            partitions: [Partition(id: partitionID, name: request.name.table, indexes: [index])])
        table.cluster = request.cluster
        return (table, placements)
    }
}
