public import TabletModel

/// Chooses the backends of a new table's tablets: a pure function of what the backends hold now.
public struct ReplicaPlacement: Sendable {
    /// A backend that may get replicas: alive, not decommissioned, with an online disk below the high watermark.
    public struct Candidate: Hashable, Sendable {
        public var id: BackendID
        public var host: String
        public var replicaCount: Int
        /// Used part of its disks in thousandths.
        public var usedPermille: Int
        /// Of the table's cluster: no two replicas of a tablet share one. nil: the table is in no cluster.
        public var shard: UInt32?

        public init(id: BackendID, host: String, replicaCount: Int, usedPermille: Int, shard: UInt32? = nil) {
            self.id = id
            self.shard = shard
            self.host = host
            self.replicaCount = replicaCount
            self.usedPermille = usedPermille
        }
    }

    public enum Failure: Error, Hashable, Sendable {
        case notEnoughBackends(wanted: Int, found: Int)
        /// Enough backends, but too many share a host.
        case notEnoughHosts(wanted: Int, found: Int)
        case notEnoughShards(wanted: Int, found: Int)
    }

    /// Replicas of one tablet may share a host (several backends on one machine: a demo, never production).
    public var allowsSameHost: Bool

    public init(allowsSameHost: Bool) { self.allowsSameHost = allowsSameHost }

    /// Backends for each bucket, in bucket order. Each tablet goes to the backends with the fewest replicas (those
    /// placed here included); fuller disks come later, then the higher id. Hosts are shared only where they must be, shards
    /// never.
    public func place(buckets: Int, replicas: Int, on candidates: [Candidate]) throws(Failure) -> [[BackendID]] {
        let shards = Set(candidates.compactMap(\.shard)).count
        guard shards == 0 || shards >= replicas else { throw .notEnoughShards(wanted: replicas, found: shards) }
        guard candidates.count >= replicas else {
            throw .notEnoughBackends(wanted: replicas, found: candidates.count)
        }
        let hosts = Set(candidates.map(\.host)).count
        guard allowsSameHost || hosts >= replicas else { throw .notEnoughHosts(wanted: replicas, found: hosts) }
        var pool = candidates
        var placed: [[BackendID]] = []
        placed.reserveCapacity(buckets)
        for _ in 0..<buckets {
            pool.sort { ($0.replicaCount, $0.usedPermille, $0.id) < ($1.replicaCount, $1.usedPermille, $1.id) }
            var chosen: [BackendID] = []
            var usedHosts: Set<String> = []
            var usedShards: Set<UInt32> = []
            for sharesHosts in [false, true] {
                for index in pool.indices where chosen.count < replicas {
                    let candidate = pool[index]
                    guard !chosen.contains(candidate.id), sharesHosts || !usedHosts.contains(candidate.host),
                        candidate.shard.map({ !usedShards.contains($0) }) ?? true
                    else { continue }
                    chosen.append(candidate.id)
                    usedHosts.insert(candidate.host)
                    if let shard = candidate.shard { usedShards.insert(shard) }
                    pool[index].replicaCount += 1
                }
            }
            // Each shard has a host of its own only where there are enough: on few hosts a tablet may not find its place.
            guard chosen.count == replicas else { throw .notEnoughHosts(wanted: replicas, found: usedHosts.count) }
            placed.append(chosen)
        }
        return placed
    }
}
