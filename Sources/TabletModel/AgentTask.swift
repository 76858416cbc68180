/// `TAgentTaskRequest`: one piece of work that the FE gives a BE. (type, signature) names it until it is finished.
public struct AgentTask: Hashable, Sendable {
    public var type: TaskType
    /// -1 stands for "any": such tasks are never deduplicated.
    public var signature: Int64
    public var priority: TaskPriority
    public var payload: Payload

    public init(type: TaskType, signature: Int64, priority: TaskPriority = .normal, payload: Payload) {
        self.type = type
        self.signature = signature
        self.priority = priority
        self.payload = payload
    }

    /// The request member that goes with the type; the wire allows it to be absent or to belong to another type.
    public enum Payload: Hashable, Sendable {
        case create(CreateTabletRequest)
        case drop(DropTabletRequest)
        case push(PushRequest)
        case publishVersion(PublishVersionRequest)
        case clearTransaction(ClearTransactionRequest)
        case updateTabletMeta([TabletMetaUpdate])
        case storagePolicy(StoragePolicyEntry)
        case cooldownConfs([CooldownConf])
        case clone(CloneRequest)
        case compaction(CompactionRequest)
        case checkConsistency(CheckConsistencyRequest)
        case makeSnapshot(SnapshotRequest)
        case releaseSnapshot(path: String)
        /// The member of a type that this build does not run is there, and was skipped.
        case unread
        /// The member that the type needs is not there.
        case absent
    }
}

/// `TTabletSchema` and its columns as far as the engine cares: rows are opaque, so columns are kept, not interpreted.
public struct TabletSchema: Hashable, Sendable {
    public var schemaHash: SchemaHash
    public var shortKeyColumnCount: Int16
    /// `TKeysType`: 0 primary, 1 duplicate, 2 unique, 3 aggregate.
    public var keysType: Int32
    /// `TStorageType`.
    public var storageType: Int32
    public var columns: [Column]
    public var isInMemory: Bool

    /// `TColumn`, reduced to name, type and flags.
    public struct Column: Hashable, Sendable {
        public var name: String
        /// `TPrimitiveType`.
        public var primitiveType: Int32
        public var isKey: Bool
        public var isNullable: Bool

        public init(name: String, primitiveType: Int32, isKey: Bool, isNullable: Bool) {
            self.name = name
            self.primitiveType = primitiveType
            self.isKey = isKey
            self.isNullable = isNullable
        }
    }

    public init(
        schemaHash: SchemaHash, shortKeyColumnCount: Int16 = 1, keysType: Int32 = 1, storageType: Int32 = 1,
        columns: [Column], isInMemory: Bool = false
    ) {
        self.schemaHash = schemaHash
        self.shortKeyColumnCount = shortKeyColumnCount
        self.keysType = keysType
        self.storageType = storageType
        self.columns = columns
        self.isInMemory = isInMemory
    }
}

/// `TCreateTabletReq`.
public struct CreateTabletRequest: Hashable, Sendable {
    public var tabletID: TabletID
    public var schema: TabletSchema
    /// End of the first rowset [0-version]; 1 when the FE leaves it out.
    public var version: Version
    public var medium: StorageMedium?
    public var tableID: TableID
    public var partitionID: PartitionID
    public var replicaID: ReplicaID
    /// > 0: this tablet is the new half of a schema change of that one.
    public var baseTabletID: TabletID?
    public var inRestoreMode: Bool
    public var storagePolicy: String

    public init(
        tabletID: TabletID, schema: TabletSchema, version: Version = .initial, medium: StorageMedium? = nil,
        tableID: TableID = 0, partitionID: PartitionID = 0, replicaID: ReplicaID = 0, baseTabletID: TabletID? = nil,
        inRestoreMode: Bool = false, storagePolicy: String = ""
    ) {
        self.tabletID = tabletID
        self.schema = schema
        self.version = version
        self.medium = medium
        self.tableID = tableID
        self.partitionID = partitionID
        self.replicaID = replicaID
        self.baseTabletID = baseTabletID
        self.inRestoreMode = inRestoreMode
        self.storagePolicy = storagePolicy
    }
}

/// `TDropTabletReq`.
public struct DropTabletRequest: Hashable, Sendable {
    public var tabletID: TabletID
    public var schemaHash: SchemaHash?
    /// 0 matches any replica; another id must be the local one.
    public var replicaID: ReplicaID
    /// True also queues the tablet's whole remote folder for removal.
    public var isDropTableOrPartition: Bool

    public init(
        tabletID: TabletID, schemaHash: SchemaHash? = nil, replicaID: ReplicaID = 0,
        isDropTableOrPartition: Bool = false
    ) {
        self.tabletID = tabletID
        self.schemaHash = schemaHash
        self.replicaID = replicaID
        self.isDropTableOrPartition = isDropTableOrPartition
    }
}

/// `TPushReq`: fetch a file of rows by HTTP and keep it as the pending rowset of a transaction.
public struct PushRequest: Hashable, Sendable {
    public var tabletID: TabletID
    public var schemaHash: SchemaHash
    public var version: Version
    public var timeoutSeconds: Int64
    public var pushType: PushType
    public var url: String?
    public var sizeBytes: Int64?
    public var needsDecompression: Bool
    public var transactionID: TransactionID?
    public var partitionID: PartitionID?

    public init(
        tabletID: TabletID, schemaHash: SchemaHash, version: Version = .none, timeoutSeconds: Int64 = 300,
        pushType: PushType = .loadV2, url: String? = nil, sizeBytes: Int64? = nil, needsDecompression: Bool = false,
        transactionID: TransactionID? = nil, partitionID: PartitionID? = nil
    ) {
        self.tabletID = tabletID
        self.schemaHash = schemaHash
        self.version = version
        self.timeoutSeconds = timeoutSeconds
        self.pushType = pushType
        self.url = url
        self.sizeBytes = sizeBytes
        self.needsDecompression = needsDecompression
        self.transactionID = transactionID
        self.partitionID = partitionID
    }
}

/// `TPublishVersionRequest`: make a transaction's pending rowsets visible at these versions.
public struct PublishVersionRequest: Hashable, Sendable {
    public var transactionID: TransactionID
    public var partitions: [PartitionVersion]
    /// True: every tablet of the partition must hold the version afterwards, not only those the transaction wrote.
    public var strictMode: Bool

    /// `TPartitionVersionInfo`.
    public struct PartitionVersion: Hashable, Sendable, Codable {
        public var partitionID: PartitionID
        public var version: Version
        public init(partitionID: PartitionID, version: Version) {
            self.partitionID = partitionID
            self.version = version
        }
    }

    public init(transactionID: TransactionID, partitions: [PartitionVersion], strictMode: Bool = false) {
        self.transactionID = transactionID
        self.partitions = partitions
        self.strictMode = strictMode
    }
}

/// `TClearTransactionTaskRequest`. No partitions means all of the transaction's.
public struct ClearTransactionRequest: Hashable, Sendable {
    public var transactionID: TransactionID
    public var partitionIDs: [PartitionID]

    public init(transactionID: TransactionID, partitionIDs: [PartitionID] = []) {
        self.transactionID = transactionID
        self.partitionIDs = partitionIDs
    }
}

/// `TTabletMetaInfo`: a change of one tablet's header; unset members leave it as it is.
public struct TabletMetaUpdate: Hashable, Sendable {
    public var tabletID: TabletID
    public var schemaHash: SchemaHash?
    public var partitionID: PartitionID?
    /// `TTabletMetaType`: nil or 0 = partition id, 1 = in-memory flag or storage policy.
    public var metaType: Int32?
    public var isInMemory: Bool?
    public var storagePolicy: String?
    /// The tablet does not cool any longer. Ours: an older peer leaves the policy as it is.
    public var removesStoragePolicy: Bool

    public init(
        tabletID: TabletID, schemaHash: SchemaHash? = nil, partitionID: PartitionID? = nil, metaType: Int32? = nil,
        isInMemory: Bool? = nil, storagePolicy: String? = nil, removesStoragePolicy: Bool = false
    ) {
        self.tabletID = tabletID
        self.schemaHash = schemaHash
        self.partitionID = partitionID
        self.metaType = metaType
        self.isInMemory = isInMemory
        self.storagePolicy = storagePolicy
        self.removesStoragePolicy = removesStoragePolicy
    }
}
