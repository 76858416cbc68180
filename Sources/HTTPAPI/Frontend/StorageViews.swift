public import TabletModel

/// A storage resource without its secret.
public struct StorageResourceView: Hashable, Sendable, Codable {
    public var id: Int64
    public var name: String
    /// Grows by one with each change.
    public var version: Int64
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
    /// Tables whose policies ever pointed to it: their rowsets may be there.
    public var usedByTables: [TableName]
    /// Replicas with rows in it, and records of objects that wait for their deletion, as backends reported last.
    public var coldReplicas: Int64
    public var garbageRecords: Int64
    /// Backends that told of it.
    public var backends: [BackendUse]

    public init(
        id: Int64, name: String, version: Int64, endpoint: String, region: String, bucket: String, rootPath: String,
        usePathStyle: Bool, accessKey: String, maxConnections: Int32, requestTimeoutMs: Int32,
        connectTimeoutMs: Int32, usedByPolicies: [String], usedByTables: [TableName], coldReplicas: Int64,
        garbageRecords: Int64, backends: [BackendUse]
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.endpoint = endpoint
        self.region = region
        self.bucket = bucket
        self.rootPath = rootPath
        self.usePathStyle = usePathStyle
        self.accessKey = accessKey
        self.maxConnections = maxConnections
        self.requestTimeoutMs = requestTimeoutMs
        self.connectTimeoutMs = connectTimeoutMs
        self.usedByPolicies = usedByPolicies
        self.usedByTables = usedByTables
        self.coldReplicas = coldReplicas
        self.garbageRecords = garbageRecords
        self.backends = backends
    }

    public struct BackendUse: Hashable, Sendable, Codable {
        public var backendID: BackendID
        /// nil: it does not know the resource yet.
        public var knownVersion: Int64?
        public var coldReplicas: Int64
        public var garbageRecords: Int64
        /// Of the newest request that failed and whose like has not succeeded since; empty when there is none.
        public var error: String
        public var errorAtMs: Int64
        public var errorSinceMs: Int64

        public init(
            backendID: BackendID, knownVersion: Int64? = nil, coldReplicas: Int64, garbageRecords: Int64,
            error: String, errorAtMs: Int64, errorSinceMs: Int64
        ) {
            self.backendID = backendID
            self.knownVersion = knownVersion
            self.coldReplicas = coldReplicas
            self.garbageRecords = garbageRecords
            self.error = error
            self.errorAtMs = errorAtMs
            self.errorSinceMs = errorSinceMs
        }
    }
}

public struct CooldownStatusView: Hashable, Sendable, Codable {
    public var jobs: [CooldownJobView]
    public var tables: [CooldownTableView]
    /// Tablets that fail to cool, as backends reported last; some, not all, when there are many.
    public var failures: [CooldownFailureView]

    public init(
        jobs: [CooldownJobView], tables: [CooldownTableView], failures: [CooldownFailureView]
    ) {
        self.jobs = jobs
        self.tables = tables
        self.failures = failures
    }
}

public struct CooldownFailureView: Hashable, Sendable, Codable {
    public var tabletID: TabletID
    public var backendID: BackendID
    public var message: String
    public var sinceMs: Int64
    public var lastAtMs: Int64

    public init(
        tabletID: TabletID, backendID: BackendID, message: String, sinceMs: Int64, lastAtMs: Int64
    ) {
        self.tabletID = tabletID
        self.backendID = backendID
        self.message = message
        self.sinceMs = sinceMs
        self.lastAtMs = lastAtMs
    }
}
