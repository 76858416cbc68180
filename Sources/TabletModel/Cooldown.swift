/// `TCooldownConf`: which replica of a tablet uploads, as of a term. The newest (highest) term wins.
public struct CooldownConf: Hashable, Sendable, Codable, CustomStringConvertible {
    public var tabletID: TabletID
    /// -1 (or anything not positive): no replica is chosen yet, so nobody uploads and nobody follows.
    public var cooldownReplicaID: ReplicaID
    public var term: Int64

    public init(tabletID: TabletID, cooldownReplicaID: ReplicaID = -1, term: Int64 = -1) {
        self.tabletID = tabletID
        self.cooldownReplicaID = cooldownReplicaID
        self.term = term
    }

    public var description: String { "tablet \(tabletID) replica \(cooldownReplicaID) term \(term)" }
}

/// When rowsets of a tablet leave the local disk, and to which storage resource (`TGetStoragePolicy`).
public struct StoragePolicyEntry: Hashable, Sendable {
    public var name: String
    /// Rowsets are due once this moment has passed; nil = unset (-1 on the wire).
    public var cooldownAt: UnixTime?
    /// Rowsets are due this many seconds after their newest write; nil = unset (-1 on the wire).
    public var cooldownTTLSeconds: Int64?
    public var resource: S3Resource?
    /// Which resource that is; nil from a Doris FE, which does not say.
    public var resourceID: Int64?
    public var resourceVersion: Int64
    /// Changes whenever the policy does.
    public var checksum: String

    public init(
        name: String, cooldownAt: UnixTime? = nil, cooldownTTLSeconds: Int64? = nil, resource: S3Resource? = nil,
        resourceID: Int64? = nil, resourceVersion: Int64 = 0, checksum: String = ""
    ) {
        self.name = name
        self.cooldownAt = cooldownAt
        self.cooldownTTLSeconds = cooldownTTLSeconds
        self.resource = resource
        self.resourceID = resourceID
        self.resourceVersion = resourceVersion
        self.checksum = checksum
    }
}

/// A bucket and what opens it (`TS3StorageParam`). The secret never shows in `description`, a log or an error.
public struct S3Resource: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// `http://host:port`, `https://host` or a bare `host[:port]`, which means https.
    public var endpoint: String
    public var region: String
    public var accessKey: String
    public var secretKey: String
    public var sessionToken: String?
    public var bucket: String
    /// Key prefix inside the bucket; a leading "/" is dropped.
    public var rootPath: String
    public var usePathStyle: Bool
    public var maxConnections: Int32
    public var requestTimeoutMs: Int32
    public var connectTimeoutMs: Int32

    public init(
        endpoint: String, region: String = "us-east-1", accessKey: String, secretKey: String,
        sessionToken: String? = nil, bucket: String, rootPath: String = "", usePathStyle: Bool = true,
        maxConnections: Int32 = 50, requestTimeoutMs: Int32 = 3000, connectTimeoutMs: Int32 = 1000
    ) {
        self.endpoint = endpoint
        self.region = region
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.bucket = bucket
        self.rootPath = rootPath
        self.usePathStyle = usePathStyle
        self.maxConnections = maxConnections
        self.requestTimeoutMs = requestTimeoutMs
        self.connectTimeoutMs = connectTimeoutMs
    }

    public var description: String { "s3 \(endpoint)/\(bucket)/\(rootPath) (access key \(accessKey))" }
    public var debugDescription: String { description }
}
