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
    /// Since when heartbeats have failed; 0 while they do not.
    public var failingSinceMs: Int64
    /// How long nothing has come from it though heartbeats are answered; 0 unless that is too long (`REPORT_LATE`).
    public var reportLateMs: Int64
    /// Of its data dirs; empty for a backend that told none.
    public var uuid: String
    /// What a person should know of it besides, while heartbeats are answered.
    public var warnings: [String]
    public var tabletCount: Int64
    public var queuedTasks: Int64
    public var lastTabletReportMs: Int64
    public var lastDiskReportMs: Int64
    public var disks: [DiskView]

    public init(
        id: BackendID, host: String, heartbeatPort: Int32, bePort: Int32, httpPort: Int32, isAlive: Bool,
        isDecommissioned: Bool, version: String, lastStartMs: Int64, lastHeartbeatMs: Int64, heartbeatError: String,
        failingSinceMs: Int64, reportLateMs: Int64, uuid: String, warnings: [String], tabletCount: Int64,
        queuedTasks: Int64,
        lastTabletReportMs: Int64, lastDiskReportMs: Int64, disks: [DiskView]
    ) {
        self.id = id
        self.host = host
        self.heartbeatPort = heartbeatPort
        self.bePort = bePort
        self.httpPort = httpPort
        self.isAlive = isAlive
        self.isDecommissioned = isDecommissioned
        self.version = version
        self.lastStartMs = lastStartMs
        self.lastHeartbeatMs = lastHeartbeatMs
        self.heartbeatError = heartbeatError
        self.failingSinceMs = failingSinceMs
        self.reportLateMs = reportLateMs
        self.uuid = uuid
        self.warnings = warnings
        self.tabletCount = tabletCount
        self.queuedTasks = queuedTasks
        self.lastTabletReportMs = lastTabletReportMs
        self.lastDiskReportMs = lastDiskReportMs
        self.disks = disks
    }
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
    /// "good", "full", "read-only" or "failed"; why, and since when (0: the backend did not say).
    public var state: String
    public var stateReason: String
    public var stateSinceMs: Int64

    public init(
        rootPath: String, pathHash: Int64, medium: String, totalBytes: Int64, availableBytes: Int64,
        dataUsedBytes: Int64, remoteUsedBytes: Int64, trashUsedBytes: Int64, isOnline: Bool, state: String,
        stateReason: String, stateSinceMs: Int64
    ) {
        self.rootPath = rootPath
        self.pathHash = pathHash
        self.medium = medium
        self.totalBytes = totalBytes
        self.availableBytes = availableBytes
        self.dataUsedBytes = dataUsedBytes
        self.remoteUsedBytes = remoteUsedBytes
        self.trashUsedBytes = trashUsedBytes
        self.state = state
        self.stateReason = stateReason
        self.stateSinceMs = stateSinceMs
        self.isOnline = isOnline
    }
}

public struct DatabaseView: Hashable, Sendable, Codable {
    public var id: DatabaseID
    public var name: String
    public var tableCount: Int64

    public init(
        id: DatabaseID, name: String, tableCount: Int64
    ) {
        self.id = id
        self.name = name
        self.tableCount = tableCount
    }
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
    /// Of each column.
    public var columnTypes: [String]?
    public var distributionColumn: Int64
    public var delimiter: String
    public var hasHeader: Bool
    public var storagePolicy: String?
    /// On whose members its replicas are; nil: anywhere.
    public var cluster: String?
    public var visibleVersion: Version
    public var nextVersion: Version
    /// Of the freshest replica of each tablet, as last reported.
    public var rowCount: Int64
    public var localBytes: Int64
    public var remoteBytes: Int64
    public var replicaCount: Int64
    public var healthyReplicaCount: Int64
    public var coldReplicaCount: Int64

    public init(
        id: TableID, name: TableName, partitionID: PartitionID, state: String, buckets: Int64, replicationNum: Int64,
        columns: [String], columnTypes: [String]? = nil, distributionColumn: Int64, delimiter: String, hasHeader: Bool,
        storagePolicy: String? = nil,
        visibleVersion: Version, nextVersion: Version, rowCount: Int64, localBytes: Int64, remoteBytes: Int64,
        replicaCount: Int64, healthyReplicaCount: Int64, coldReplicaCount: Int64
    ) {
        self.id = id
        self.name = name
        self.partitionID = partitionID
        self.state = state
        self.buckets = buckets
        self.replicationNum = replicationNum
        self.columns = columns
        self.columnTypes = columnTypes
        self.distributionColumn = distributionColumn
        self.delimiter = delimiter
        self.hasHeader = hasHeader
        self.storagePolicy = storagePolicy
        self.visibleVersion = visibleVersion
        self.nextVersion = nextVersion
        self.rowCount = rowCount
        self.localBytes = localBytes
        self.remoteBytes = remoteBytes
        self.replicaCount = replicaCount
        self.healthyReplicaCount = healthyReplicaCount
        self.coldReplicaCount = coldReplicaCount
    }
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

    public init(
        id: TabletID, table: TableName, partitionID: PartitionID, schemaHash: SchemaHash, bucket: Int64,
        visibleVersion: Version, cooldownReplicaID: ReplicaID, cooldownTerm: Int64, replicas: [ReplicaView]
    ) {
        self.id = id
        self.table = table
        self.partitionID = partitionID
        self.schemaHash = schemaHash
        self.bucket = bucket
        self.visibleVersion = visibleVersion
        self.cooldownReplicaID = cooldownReplicaID
        self.cooldownTerm = cooldownTerm
        self.replicas = replicas
    }
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
    /// Root path of the data dir that holds it; nil until its backend reported both.
    public var dataDir: String?
    /// Where it moves inside its backend, or why it was not moved; nil when neither.
    public var move: String?

    public init(
        id: ReplicaID, backendID: BackendID, host: String, bePort: Int32, httpPort: Int32, version: Version,
        lastFailedVersion: Version, lastSuccessVersion: Version, state: String, isBad: Bool, isHealthy: Bool,
        rowCount: Int64, localBytes: Int64, remoteBytes: Int64, versionCount: Int64, reportedCooldownTerm: Int64,
        cooldownMetaID: String? = nil, isCooldownReplica: Bool, isCold: Bool, reason: String, unhealthySinceMs: Int64
    ) {
        self.id = id
        self.backendID = backendID
        self.host = host
        self.bePort = bePort
        self.httpPort = httpPort
        self.version = version
        self.lastFailedVersion = lastFailedVersion
        self.lastSuccessVersion = lastSuccessVersion
        self.state = state
        self.isBad = isBad
        self.isHealthy = isHealthy
        self.rowCount = rowCount
        self.localBytes = localBytes
        self.remoteBytes = remoteBytes
        self.versionCount = versionCount
        self.reportedCooldownTerm = reportedCooldownTerm
        self.cooldownMetaID = cooldownMetaID
        self.isCooldownReplica = isCooldownReplica
        self.isCold = isCold
        self.reason = reason
        self.unhealthySinceMs = unhealthySinceMs
    }
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

    public init(
        id: Int64, kind: String, subject: String, state: State, done: Int64, total: Int64, message: String,
        createdMs: Int64, endedMs: Int64
    ) {
        self.id = id
        self.kind = kind
        self.subject = subject
        self.state = state
        self.done = done
        self.total = total
        self.message = message
        self.createdMs = createdMs
        self.endedMs = endedMs
    }
}

public struct StoragePolicyView: Hashable, Sendable, Codable {
    public var id: Int64
    public var name: String
    public var resource: String
    public var cooldownTTLSeconds: Int64?
    public var cooldownDatetimeSeconds: Int64?
    public var checksum: String
    public var usedByTables: [TableName]

    public init(
        id: Int64, name: String, resource: String, cooldownTTLSeconds: Int64? = nil,
        cooldownDatetimeSeconds: Int64? = nil, checksum: String, usedByTables: [TableName]
    ) {
        self.id = id
        self.name = name
        self.resource = resource
        self.cooldownTTLSeconds = cooldownTTLSeconds
        self.cooldownDatetimeSeconds = cooldownDatetimeSeconds
        self.checksum = checksum
        self.usedByTables = usedByTables
    }
}

/// A load or a delete: its transaction, what came in, and how far it is.
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
    /// Of a delete: for which rows it holds, perhaps cut; nil: a load.
    public var deleteCondition: String?

    public init(
        transactionID: TransactionID, label: String, table: TableName, state: State, rowCount: Int64, bytes: Int64,
        rowChecksum: String, tabletCount: Int64, replicasPushed: Int64, replicasPublished: Int64, replicaCount: Int64,
        version: Version, message: String, beganMs: Int64, endedMs: Int64, deleteCondition: String? = nil
    ) {
        self.deleteCondition = deleteCondition
        self.transactionID = transactionID
        self.label = label
        self.table = table
        self.state = state
        self.rowCount = rowCount
        self.bytes = bytes
        self.rowChecksum = rowChecksum
        self.tabletCount = tabletCount
        self.replicasPushed = replicasPushed
        self.replicasPublished = replicasPublished
        self.replicaCount = replicaCount
        self.version = version
        self.message = message
        self.beganMs = beganMs
        self.endedMs = endedMs
    }
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
        /// For the header `token` of the reads at these backends, for some minutes; nil from a frontend of an earlier build.
        public var token: String?

        public init(
            tabletID: TabletID, schemaHash: SchemaHash, bucket: Int64, version: Version, backends: [BackendTarget]
        ) {
            self.tabletID = tabletID
            self.schemaHash = schemaHash
            self.bucket = bucket
            self.version = version
            self.backends = backends
        }
    }

    public struct BackendTarget: Hashable, Sendable, Codable {
        public var backendID: BackendID
        public var replicaID: ReplicaID
        public var host: String
        public var httpPort: Int32
        public var isCooldownReplica: Bool

        public init(
            backendID: BackendID, replicaID: ReplicaID, host: String, httpPort: Int32, isCooldownReplica: Bool
        ) {
            self.backendID = backendID
            self.replicaID = replicaID
            self.host = host
            self.httpPort = httpPort
            self.isCooldownReplica = isCooldownReplica
        }
    }

    public init(
        table: TableName, version: Version, delimiter: String, columns: [String], tablets: [TabletTarget]
    ) {
        self.table = table
        self.version = version
        self.delimiter = delimiter
        self.columns = columns
        self.tablets = tablets
    }
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

    public init(
        id: Int64, state: String, confCount: Int64, acknowledged: Int64, failures: Int64, createdMs: Int64,
        endedMs: Int64, message: String
    ) {
        self.id = id
        self.state = state
        self.confCount = confCount
        self.acknowledged = acknowledged
        self.failures = failures
        self.createdMs = createdMs
        self.endedMs = endedMs
        self.message = message
    }
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

    public init(
        table: TableName, storagePolicy: String, tablets: Int64, tabletsWithConf: Int64, replicas: Int64,
        coldReplicas: Int64, localBytes: Int64, remoteBytes: Int64, uploadedTablets: Int64, alignedTablets: Int64
    ) {
        self.table = table
        self.storagePolicy = storagePolicy
        self.tablets = tablets
        self.tabletsWithConf = tabletsWithConf
        self.replicas = replicas
        self.coldReplicas = coldReplicas
        self.localBytes = localBytes
        self.remoteBytes = remoteBytes
        self.uploadedTablets = uploadedTablets
        self.alignedTablets = alignedTablets
    }
}

public struct CheckpointView: Hashable, Sendable, Codable {
    /// Everything up to this log id is in the image.
    public var logID: Int64
    public var imageBytes: Int64
    /// How long writing it took.
    public var durationMs: Int64

    public init(logID: Int64, imageBytes: Int64, durationMs: Int64) {
        self.logID = logID
        self.imageBytes = imageBytes
        self.durationMs = durationMs
    }
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
    /// Why metadata can't be written now; nil when it can.
    public var metadataTrouble: MetadataTroubleView?
    /// Tables that are held because the metadata are older than the backends; all of them, and at least 1, when the FE is.
    public var heldTables: Int64

    public init(
        clusterID: Int32, role: String, isReady: Bool, epoch: Int64, lastLogID: Int64, imageLogID: Int64,
        version: String, backends: Int64, aliveBackends: Int64, databases: Int64, tables: Int64, tablets: Int64,
        replicas: Int64, healthyReplicas: Int64, coldReplicas: Int64, queuedTasks: Int64, queuedReports: Int64,
        runningLoads: Int64, runningCooldownJobs: Int64, unhealthyTablets: Int64, unrecoverableTablets: Int64,
        pendingRepairs: Int64, runningClones: Int64, finishedClones: Int64, failedClones: Int64, clonedBytes: Int64,
        droppedReplicas: Int64, metadataTrouble: MetadataTroubleView?, heldTables: Int64
    ) {
        self.clusterID = clusterID
        self.role = role
        self.isReady = isReady
        self.epoch = epoch
        self.lastLogID = lastLogID
        self.imageLogID = imageLogID
        self.version = version
        self.backends = backends
        self.aliveBackends = aliveBackends
        self.databases = databases
        self.tables = tables
        self.tablets = tablets
        self.replicas = replicas
        self.healthyReplicas = healthyReplicas
        self.coldReplicas = coldReplicas
        self.queuedTasks = queuedTasks
        self.queuedReports = queuedReports
        self.runningLoads = runningLoads
        self.runningCooldownJobs = runningCooldownJobs
        self.unhealthyTablets = unhealthyTablets
        self.unrecoverableTablets = unrecoverableTablets
        self.pendingRepairs = pendingRepairs
        self.runningClones = runningClones
        self.finishedClones = finishedClones
        self.failedClones = failedClones
        self.clonedBytes = clonedBytes
        self.droppedReplicas = droppedReplicas
        self.heldTables = heldTables
        self.metadataTrouble = metadataTrouble
    }
}

/// Metadata can't be written: changes are refused, reads are served.
public struct MetadataTroubleView: Hashable, Sendable, Codable {
    public var sinceMs: Int64
    public var ageMs: Int64
    public var reason: String
    /// How often the FE tried to get over it, and what the last try met.
    public var attempts: Int64
    public var lastAttempt: String
    /// Somebody was told that it is not known whether a change was made.
    public var hasUnknownChange: Bool
    public var nextStep: String

    public init(
        sinceMs: Int64, ageMs: Int64, reason: String, attempts: Int64, lastAttempt: String, hasUnknownChange: Bool,
        nextStep: String
    ) {
        self.sinceMs = sinceMs
        self.ageMs = ageMs
        self.reason = reason
        self.attempts = attempts
        self.lastAttempt = lastAttempt
        self.hasUnknownChange = hasUnknownChange
        self.nextStep = nextStep
    }
}
