public import TabletModel

/// One backend as `backends()` lists it. Times are milliseconds since 1970, 0 = never.
public struct BackendView: Hashable, Sendable, Codable {
    public var id: BackendID
    public var host: String
    public var heartbeatPort: Int32
    public var bePort: Int32
    public var httpPort: Int32
    public var isAlive: Bool
    public var isDecommissioned: Bool
    public var version: String
    public var lastStartMs: Int64
    public var lastHeartbeatMs: Int64
    /// Why the last heartbeat failed; empty when it did not.
    public var heartbeatError: String
    public var tabletCount: Int64
    public var queuedTasks: Int64
    public var lastTabletReportMs: Int64
    public var lastDiskReportMs: Int64
    public var disks: [DiskView]
}

public struct DiskView: Hashable, Sendable, Codable {
    public var rootPath: String
    public var pathHash: Int64
    public var medium: String
    public var totalBytes: Int64
    public var availableBytes: Int64
    public var dataUsedBytes: Int64
    public var remoteUsedBytes: Int64
    public var trashUsedBytes: Int64
    public var isOnline: Bool
}

public struct DatabaseView: Hashable, Sendable, Codable {
    public var id: DatabaseID
    public var name: String
    public var tableCount: Int64
}

public struct TableView: Hashable, Sendable, Codable {
    public var id: TableID
    public var name: TableName
    public var partitionID: PartitionID
    /// `creating` until every replica is there, then `normal`.
    public var state: String
    public var buckets: Int64
    public var replicationNum: Int64
    public var columns: [String]
    public var distributionColumn: Int64
    public var delimiter: String
    public var hasHeader: Bool
    public var storagePolicy: String?
    public var visibleVersion: Version
    public var nextVersion: Version
    /// Of the freshest replica of each tablet, as last reported.
    public var rowCount: Int64
    public var localBytes: Int64
    public var remoteBytes: Int64
    public var replicaCount: Int64
    public var healthyReplicaCount: Int64
    public var coldReplicaCount: Int64
}

public struct TabletView: Hashable, Sendable, Codable {
    public var id: TabletID
    public var table: TableName
    public var partitionID: PartitionID
    public var schemaHash: SchemaHash
    public var bucket: Int64
    public var visibleVersion: Version
    /// -1: none is chosen.
    public var cooldownReplicaID: ReplicaID
    public var cooldownTerm: Int64
    public var replicas: [ReplicaView]
}

public struct ReplicaView: Hashable, Sendable, Codable {
    public var id: ReplicaID
    public var backendID: BackendID
    public var host: String
    public var bePort: Int32
    public var httpPort: Int32
    public var version: Version
    public var lastFailedVersion: Version
    public var lastSuccessVersion: Version
    public var state: String
    public var isBad: Bool
    /// Alive, not bad, nothing missed, at the visible version.
    public var isHealthy: Bool
    public var rowCount: Int64
    public var localBytes: Int64
    public var remoteBytes: Int64
    public var versionCount: Int64
    public var reportedCooldownTerm: Int64
    public var cooldownMetaID: String?
    public var isCooldownReplica: Bool
    /// All of its rows are in the object store.
    public var isCold: Bool
    /// Why it is not healthy, or not cold though it has a policy; empty when neither.
    public var reason: String
    /// When the FE first saw it unhealthy, in milliseconds since 1970; 0 while it is healthy.
    public var unhealthySinceMs: Int64
}

/// Work that goes on after the call that started it returned.
public struct JobView: Hashable, Sendable, Codable {
    public enum State: String, Hashable, Sendable, Codable { case running, finished, failed }

    public var id: Int64
    /// `createTable`, `dropTable`, …
    public var kind: String
    /// What it is about, such as the table's name.
    public var subject: String
    public var state: State
    public var done: Int64
    public var total: Int64
    /// What it waits for, or why it failed.
    public var message: String
    public var createdMs: Int64
    public var endedMs: Int64
}

/// A storage resource without its secret.
public struct StorageResourceView: Hashable, Sendable, Codable {
    public var id: Int64
    public var name: String
    public var endpoint: String
    public var region: String
    public var bucket: String
    public var rootPath: String
    public var usePathStyle: Bool
    public var accessKey: String
    public var maxConnections: Int32
    public var requestTimeoutMs: Int32
    public var connectTimeoutMs: Int32
    public var usedByPolicies: [String]
}

public struct StoragePolicyView: Hashable, Sendable, Codable {
    public var id: Int64
    public var name: String
    public var resource: String
    public var cooldownTTLSeconds: Int64?
    public var cooldownDatetimeSeconds: Int64?
    public var checksum: String
    public var usedByTables: [TableName]
}

/// A load: its transaction, what came in, and how far it is.
public struct LoadView: Hashable, Sendable, Codable {
    public enum State: String, Hashable, Sendable, Codable {
        /// Bytes come in.
        case receiving
        /// Backends fetch and write the rows.
        case pushing
        /// Durable; backends are told to make it readable.
        case committed
        case visible
        case aborted
    }

    public var transactionID: TransactionID
    public var label: String
    public var table: TableName
    public var state: State
    public var rowCount: Int64
    public var bytes: Int64
    /// Order-independent checksum of the rows, 32 hexadecimal digits as `Checksums.RowChecksum` shows it; empty when
    /// not known any more.
    public var rowChecksum: String
    public var tabletCount: Int64
    public var replicasPushed: Int64
    public var replicasPublished: Int64
    public var replicaCount: Int64
    /// -1 until committed.
    public var version: Version
    /// Why it was aborted, or what it waits for.
    public var message: String
    public var beganMs: Int64
    public var endedMs: Int64
}

/// Where to read a table: for each tablet the backends that have it at `version`, best first.
public struct ReadPlan: Hashable, Sendable, Codable {
    public var table: TableName
    public var version: Version
    public var delimiter: String
    public var columns: [String]
    public var tablets: [TabletTarget]

    public struct TabletTarget: Hashable, Sendable, Codable {
        public var tabletID: TabletID
        public var schemaHash: SchemaHash
        public var bucket: Int64
        public var version: Version
        public var backends: [BackendTarget]
    }

    public struct BackendTarget: Hashable, Sendable, Codable {
        public var backendID: BackendID
        public var replicaID: ReplicaID
        public var host: String
        public var httpPort: Int32
        public var isCooldownReplica: Bool
    }
}

public struct CooldownStatusView: Hashable, Sendable, Codable {
    public var jobs: [CooldownJobView]
    public var tables: [CooldownTableView]
}

public struct CooldownJobView: Hashable, Sendable, Codable {
    public var id: Int64
    /// PENDING, SEND_CONF, RUNNING, FINISHED, CANCELLED.
    public var state: String
    public var confCount: Int64
    public var acknowledged: Int64
    public var failures: Int64
    public var createdMs: Int64
    public var endedMs: Int64
    public var message: String
}

/// How far a table with a storage policy has cooled.
public struct CooldownTableView: Hashable, Sendable, Codable {
    public var table: TableName
    public var storagePolicy: String
    public var tablets: Int64
    /// Tablets whose conf (replica, term) every replica has taken.
    public var tabletsWithConf: Int64
    public var replicas: Int64
    public var coldReplicas: Int64
    public var localBytes: Int64
    public var remoteBytes: Int64
    /// Uploads that are known: tablets whose cooldown replica has a cooldown meta id.
    public var uploadedTablets: Int64
    /// The same meta id on every replica of the tablet.
    public var alignedTablets: Int64
}

public struct CheckpointView: Hashable, Sendable, Codable {
    /// Everything up to this log id is in the image.
    public var logID: Int64
    public var imageBytes: Int64
}

public struct MasterStatusView: Hashable, Sendable, Codable {
    public var clusterID: Int32
    public var role: String
    public var isReady: Bool
    public var epoch: Int64
    public var lastLogID: Int64
    public var imageLogID: Int64
    public var version: String
    public var backends: Int64
    public var aliveBackends: Int64
    public var databases: Int64
    public var tables: Int64
    public var tablets: Int64
    public var replicas: Int64
    public var healthyReplicas: Int64
    public var coldReplicas: Int64
    public var queuedTasks: Int64
    public var queuedReports: Int64
    public var runningLoads: Int64
    public var runningCooldownJobs: Int64
    /// Tablets that the last round of the checker found in need, and those of them that nothing is left to copy from.
    public var unhealthyTablets: Int64
    public var unrecoverableTablets: Int64
    public var pendingRepairs: Int64
    public var runningClones: Int64
    /// Since the FE started, like the next three.
    public var finishedClones: Int64
    public var failedClones: Int64
    public var clonedBytes: Int64
    public var droppedReplicas: Int64
}
