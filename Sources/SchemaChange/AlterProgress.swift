internal import ClusterMetadata
internal import MasterServices
internal import Platform
internal import TabletModel

/// What this FE has seen of an alter since it started: memory only. A restart asks backends again, which answer what is
/// done already.
struct AlterProgress: Sendable {
    let job: Int64
    /// When the step that it is in was first looked at.
    var since: MonotonicTime
    var state: TableAlter.State
    var created: Set<ReplicaKey> = []
    /// A replica of a new tablet could not be made.
    var createFailure: String?
    /// Failed ALTER tasks.
    var attempts: [ReplicaKey: Int] = [:]
    var retryAt: [ReplicaKey: MonotonicTime] = [:]
    /// When a majority of every new tablet was filled.
    var majorityAt: MonotonicTime?
    var lastError = ""

    static let attemptLimit = 6

    func hasFailed(_ key: ReplicaKey) -> Bool { attempts[key, default: 0] >= Self.attemptLimit }

    mutating func noteFailure(_ key: ReplicaKey, _ reason: String, now: MonotonicTime) {
        attempts[key, default: 0] += 1
        let pause = Backoff(base: .seconds(1), limit: .seconds(30)).ceiling(retry: attempts[key, default: 1] - 1)
        retryAt[key] = now + pause
        lastError = "\(key): \(reason)"
    }
}

/// A replica of a tablet that an alter fills, and what it is filled from.
struct ShadowReplica: Hashable, Sendable {
    var key: ReplicaKey
    var replica: Replica
    var base: TabletID
    var baseHash: SchemaHash
    var hash: SchemaHash
    var partitionID: PartitionID
}

extension ClusterState {
    /// Every replica that the table's alter makes, in tablet order.
    func shadowReplicas(of table: Table) -> [ShadowReplica] {
        var found: [ShadowReplica] = []
        for partition in table.partitions {
            guard let base = partition.baseIndex, let shadow = partition.shadowIndex else { continue }
            for (tablet, from) in zip(shadow.tabletIDs, base.tabletIDs) {
                for replica in tablets.replicas(of: tablet) {
                    found.append(
                        ShadowReplica(
                            key: ReplicaKey(tabletID: tablet, backendID: replica.backendID), replica: replica,
                            base: from,
                            baseHash: base.schemaHash, hash: shadow.schemaHash, partitionID: partition.id))
                }
            }
        }
        return found
    }

    /// Replicas of all tablets of the table that are not those of these indexes.
    func replicas(of table: Table, in isWanted: (MaterializedIndex) -> Bool) -> [(key: ReplicaKey, id: ReplicaID)] {
        table.partitions.flatMap { $0.indexes.filter(isWanted).flatMap(\.tabletIDs) }.sorted().flatMap { tablet in
            tablets.replicas(of: tablet).map { (ReplicaKey(tabletID: tablet, backendID: $0.backendID), $0.id) }
        }
    }
}
