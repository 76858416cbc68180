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
        case migrate(MigrateRequest)
        case upload(UploadRequest)
        case download(DownloadRequest)
        case move(MoveRequest)
        case alter(AlterRequest)
        case clearAlter(ClearAlterRequest)
        case pushedRules(PushedRules)
        case cleanTrash
        /// What readers may see of each partition.
        case visibleVersions([PartitionID: Version])
        case indexPolicies(PushedIndexPolicies)
        /// The member of a type that this build does not run is there, and was skipped.
        case unread
        /// The member that the type needs is not there.
        case absent
    }
}

/// `TTabletSchema` and its columns as far as the engine cares.
public struct TabletSchema: Hashable, Sendable {
    public var schemaHash: SchemaHash
    public var shortKeyColumnCount: Int16
    /// `TKeysType`: 0 primary, 1 duplicate, 2 unique, 3 aggregate.
    public var keysType: Int32
    /// `TStorageType`.
    public var storageType: Int32
    public var columns: [Column]
    public var isInMemory: Bool
    /// The byte between two fields of a row. nil from a peer that is not ours: its rows are opaque.
    public var delimiter: UInt8?
    public var disableAutoCompaction: Bool

    /// `TColumn`, as far as rows of text need it.
    public struct Column: Hashable, Sendable {
        public var name: String
        public var type: PrimitiveType
        /// Of CHAR and VARCHAR, in bytes; nil: not told.
        public var length: Int32?
        public var precision: Int32?
        public var scale: Int32?
        public var isKey: Bool
        public var isNullable: Bool
        /// What rows from before the column have in it; nil: nothing (an empty field).
        public var defaultValue: String?
        /// Stays when the column is renamed or moved; -1: none was given.
        public var uniqueID: Int32
        /// `TAggregationType`; nil: not told.
        public var aggregation: Int32?

        public init(
            name: String, type: PrimitiveType, isKey: Bool, isNullable: Bool, length: Int32? = nil,
            precision: Int32? = nil, scale: Int32? = nil, defaultValue: String? = nil, uniqueID: Int32 = -1,
            aggregation: Int32? = nil
        ) {
            self.name = name
            self.type = type
            self.isKey = isKey
            self.isNullable = isNullable
            self.length = length
            self.precision = precision
            self.scale = scale
            self.defaultValue = defaultValue
            self.uniqueID = uniqueID
            self.aggregation = aggregation
        }
    }

    public init(
        schemaHash: SchemaHash, shortKeyColumnCount: Int16 = 1, keysType: Int32 = 1, storageType: Int32 = 1,
        columns: [Column], isInMemory: Bool = false, delimiter: UInt8? = nil, disableAutoCompaction: Bool = false
    ) {
        self.schemaHash = schemaHash
        self.shortKeyColumnCount = shortKeyColumnCount
        self.keysType = keysType
        self.storageType = storageType
        self.columns = columns
        self.isInMemory = isInMemory
        self.delimiter = delimiter
        self.disableAutoCompaction = disableAutoCompaction
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
    /// The tablet is filled by a restore: it takes no publishes before.
    public var inRestoreMode: Bool
    public var storagePolicy: String
    /// Of newer FEs, which name a policy by id; nil: not told.
    public var storagePolicyID: Int64?
    public var baseSchemaHash: SchemaHash?
    /// What else is asked of the table.
    public var options: TabletOptions

    public init(
        tabletID: TabletID, schema: TabletSchema, version: Version = .initial, medium: StorageMedium? = nil,
        tableID: TableID = 0, partitionID: PartitionID = 0, replicaID: ReplicaID = 0, baseTabletID: TabletID? = nil,
        inRestoreMode: Bool = false, storagePolicy: String = "", storagePolicyID: Int64? = nil,
        baseSchemaHash: SchemaHash? = nil, options: TabletOptions = TabletOptions()
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
        self.storagePolicyID = storagePolicyID
        self.baseSchemaHash = baseSchemaHash
        self.options = options
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
    /// Of a DELETE: all must hold for a row to go.
    public var deleteConditions: [DeleteCondition]
    /// `columns_desc`: the columns of the file's rows, where they may be others than the tablet's. nil: as the tablet's.
    public var rowColumns: [TabletSchema.Column]?

    public init(
        tabletID: TabletID, schemaHash: SchemaHash, version: Version = .none, timeoutSeconds: Int64 = 300,
        pushType: PushType = .loadV2, url: String? = nil, sizeBytes: Int64? = nil, needsDecompression: Bool = false,
        transactionID: TransactionID? = nil, partitionID: PartitionID? = nil,
        deleteConditions: [DeleteCondition] = [], rowColumns: [TabletSchema.Column]? = nil
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
        self.deleteConditions = deleteConditions
        self.rowColumns = rowColumns
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
    /// Of newer FEs; not positive: the tablet does not cool any longer.
    public var storagePolicyID: Int64?
    public var replicaID: ReplicaID?
    public var options: TabletOptions
    /// The tablet does not cool any longer. Ours: an older peer leaves the policy as it is.
    public var removesStoragePolicy: Bool

    public init(
        tabletID: TabletID, schemaHash: SchemaHash? = nil, partitionID: PartitionID? = nil, metaType: Int32? = nil,
        isInMemory: Bool? = nil, storagePolicy: String? = nil, removesStoragePolicy: Bool = false,
        storagePolicyID: Int64? = nil, replicaID: ReplicaID? = nil, options: TabletOptions = TabletOptions()
    ) {
        self.tabletID = tabletID
        self.schemaHash = schemaHash
        self.partitionID = partitionID
        self.metaType = metaType
        self.isInMemory = isInMemory
        self.storagePolicy = storagePolicy
        self.removesStoragePolicy = removesStoragePolicy
        self.storagePolicyID = storagePolicyID
        self.replicaID = replicaID
        self.options = options
    }
}
