internal import HashTreeCollections
public import TabletModel

/// Which shard of which cluster a backend is a member of (`ALTER CLUSTER c ADD BACKENDS … TO SHARD n`). A cluster is there as long
/// as it has members. What fails together belongs into one shard: replicas of a tablet are on different ones.
public struct ShardPlace: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var cluster: String
    public var shard: UInt32

    public init(cluster: String, shard: UInt32) {
        self.cluster = cluster
        self.shard = shard
    }

    public static func < (a: Self, b: Self) -> Bool { (a.cluster, a.shard) < (b.cluster, b.shard) }

    public var description: String { "shard \(shard) of cluster \(cluster)" }
}

/// Backends that become members of a shard, or of none.
public struct PlacedBackends: Hashable, Sendable {
    public var backends: [BackendID]
    public var place: ShardPlace?

    public init(_ backends: [BackendID], at place: ShardPlace?) {
        self.backends = backends
        self.place = place
    }
}

extension ClusterState {
    mutating func place(_ placed: PlacedBackends) {
        for id in placed.backends { backendsByID[id]?.place = placed.place }
    }

    /// Of the cluster, by id.
    public func members(ofCluster name: String) -> [Backend] { backends.filter { $0.place?.cluster == name } }
    /// By name.
    public var clusterNames: [String] { Set(backendsByID.values.compactMap { $0.place?.cluster }).sorted() }
}
