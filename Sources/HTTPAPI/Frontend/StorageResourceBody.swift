internal import TabletModel

/// Body of POST /api/storage_resources. The keys are Doris' property names without the `s3.` prefix.
public struct StorageResourceBody: Codable, Sendable {
    public var name: String
    public var endpoint: String
    public var region: String?
    public var accessKey: String?
    public var secretKey: String?
    public var sessionToken: String?
    public var bucket: String
    public var rootPath: String?
    public var usePathStyle: Bool?
    public var maxConnections: Int32?
    public var requestTimeoutMs: Int32?
    public var connectTimeoutMs: Int32?
    public var roleARN: String?

    enum CodingKeys: String, CodingKey {
        case name, endpoint, region, bucket
        case accessKey = "access_key"
        case secretKey = "secret_key"
        case sessionToken = "session_token"
        case rootPath = "root_path"
        case usePathStyle = "use_path_style"
        case maxConnections = "max_connections"
        case requestTimeoutMs = "request_timeout_ms"
        case connectTimeoutMs = "connect_timeout_ms"
        case roleARN = "role_arn"
    }

    public init(name: String, endpoint: String, accessKey: String, secretKey: String, bucket: String) {
        self.name = name
        self.endpoint = endpoint
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.bucket = bucket
    }

    /// What the master is asked to make, and judges; the fields that were left out get their defaults.
    public var request: CreateStorageResourceRequest {
        var resource = S3Resource(
            endpoint: endpoint, accessKey: accessKey ?? "", secretKey: secretKey ?? "", bucket: bucket)
        if let region { resource.region = region }
        resource.sessionToken = sessionToken
        if let rootPath { resource.rootPath = rootPath }
        if let usePathStyle { resource.usePathStyle = usePathStyle }
        if let maxConnections { resource.maxConnections = maxConnections }
        if let requestTimeoutMs { resource.requestTimeoutMs = requestTimeoutMs }
        if let connectTimeoutMs { resource.connectTimeoutMs = connectTimeoutMs }
        return CreateStorageResourceRequest(name: name, s3: resource, roleARN: roleARN)
    }
}
