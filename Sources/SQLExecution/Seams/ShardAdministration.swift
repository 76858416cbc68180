public import TabletModel

/// Which backends are members of which shard of which cluster. Changes are durable on return.
public protocol ShardAdministration: Sendable {
    /// - Throws: `MasterError`: unknown backends, dead ones, members of another shard.
    func addBackends(_ addresses: [NetworkAddress], toShard shard: Int64, of cluster: String) throws
    func dropBackends(_ addresses: [NetworkAddress], from cluster: String) throws
    /// By cluster, shard and backend.
    func members() throws -> [ShardMember]
}

public struct ShardMember: Hashable, Sendable {
    public var cluster: String
    public var shard: Int64
    public var backend: BackendID

    public init(cluster: String, shard: Int64, backend: BackendID) {
        self.cluster = cluster
        self.shard = shard
        self.backend = backend
    }
}
