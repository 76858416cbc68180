/// What state a tablet is in (`TabletStatePB`).
public enum TabletState: Int32, Hashable, Sendable {
    case notReady = 0
    case running = 1
    case tombstoned = 2
    case stopped = 3
    case shutdown = 4
}

/// The header of a tablet: everything that is not a rowset.
public struct TabletHeader: Hashable, Sendable {
    public var tabletID: TabletID
    public var schemaHash: SchemaHash
    public var replicaID: ReplicaID
    public var tableID: TableID
    public var partitionID: PartitionID
    public var uid: UniqueID
    public var shardID: Int32
    public var state: TabletState
    public var createdAt: UnixTime
    public var schema: TabletSchema
    public var isInMemory: Bool
    /// Empty: the tablet does not cool.
    public var storagePolicy: String
    /// Name of the newest remote meta this replica stands on; nil before the first upload or follow.
    public var cooldownMetaID: UniqueID?
    public var cooldownReplicaID: ReplicaID
    public var cooldownTerm: Int64
    /// First version that cumulative compaction may touch.
    public var cumulativePoint: Version
    /// It waits for the rows of a restore.
    public var inRestoreMode: Bool
    /// What few tablets have: one pointer in the others, of which there may be a million.
    private var rare = Rare.none

    private indirect enum Rare: Hashable, Sendable {
        case none
        case some(options: TabletOptions, move: TabletMove?, alterBase: TabletID)
    }

    public init(
        tabletID: TabletID, schemaHash: SchemaHash, replicaID: ReplicaID, tableID: TableID, partitionID: PartitionID,
        uid: UniqueID, shardID: Int32, state: TabletState, createdAt: UnixTime, schema: TabletSchema,
        isInMemory: Bool = false, storagePolicy: String = "", cooldownMetaID: UniqueID? = nil,
        cooldownReplicaID: ReplicaID = -1, cooldownTerm: Int64 = -1, cumulativePoint: Version = 0,
        inRestoreMode: Bool = false, options: TabletOptions = TabletOptions(), move: TabletMove? = nil,
        alterBaseID: TabletID = 0
    ) {
        self.tabletID = tabletID
        self.schemaHash = schemaHash
        self.replicaID = replicaID
        self.tableID = tableID
        self.partitionID = partitionID
        self.uid = uid
        self.shardID = shardID
        self.state = state
        self.createdAt = createdAt
        self.schema = schema
        self.isInMemory = isInMemory
        self.storagePolicy = storagePolicy
        self.cooldownMetaID = cooldownMetaID
        self.cooldownReplicaID = cooldownReplicaID
        self.cooldownTerm = cooldownTerm
        self.cumulativePoint = cumulativePoint
        self.inRestoreMode = inRestoreMode
        self.rare = Self.rare(options, move, alterBaseID)
    }

    /// What the FE asked of it besides.
    public var options: TabletOptions {
        get {
            if case .some(let options, _, _) = rare { options } else { TabletOptions() }
        }
        set { rare = Self.rare(newValue, move, alterBaseID) }
    }

    /// Set only while the tablet moves to another data dir, or has moved and its remains are still there.
    public var move: TabletMove? {
        get {
            if case .some(_, let move, _) = rare { move } else { nil }
        }
        set { rare = Self.rare(options, newValue, alterBaseID) }
    }

    /// The tablet that an alter fills, or filled, this one from; 0: none.
    public var alterBaseID: TabletID {
        get {
            if case .some(_, _, let base) = rare { base } else { 0 }
        }
        set { rare = Self.rare(options, move, newValue) }
    }

    private static func rare(_ options: TabletOptions, _ move: TabletMove?, _ alterBase: TabletID) -> Rare {
        move == nil && options == TabletOptions() && alterBase == 0
            ? .none : .some(options: options, move: move, alterBase: alterBase)
    }

    /// The node does not compact it by itself.
    public var isAutoCompactionDisabled: Bool {
        options.disableAutoCompaction ?? schema.disableAutoCompaction
    }
}
