public import TabletModel

/// One hash bucket of an index, and where it belongs. `TabletIndex` has its replicas.
public struct Tablet: Hashable, Sendable {
    public let id: TabletID
    public let tableID: TableID
    public let partitionID: PartitionID
    public let indexID: IndexID
    /// Which replica uploads; -1 and term -1 until a cooldown conf was journaled.
    public internal(set) var cooldownReplicaID: ReplicaID = -1
    public internal(set) var cooldownTerm: Int64 = -1
    /// Where its replicas are in the chunk that holds it.
    var firstReplica: UInt32 = 0
    var replicaCountStored: UInt32 = 0

    public init(id: TabletID, tableID: TableID, partitionID: PartitionID, indexID: IndexID) {
        self.id = id
        self.tableID = tableID
        self.partitionID = partitionID
        self.indexID = indexID
    }

    public var replicaCount: Int { Int(replicaCountStored) }
    public var cooldownConf: CooldownConf {
        CooldownConf(tabletID: id, cooldownReplicaID: cooldownReplicaID, term: cooldownTerm)
    }

    var replicaRange: Range<Int> { Int(firstReplica)..<(Int(firstReplica) + Int(replicaCountStored)) }
}
