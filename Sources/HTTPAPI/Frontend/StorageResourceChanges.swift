/// What is to change of a storage resource; nil stays as it is. Bucket and root path are what it is, and never change.
public struct AlterStorageResourceRequest: Hashable, Sendable, CustomStringConvertible {
    public var endpoint: String?
    public var region: String?
    /// With it come a secret key and, if these keys have one, a session token.
    public var accessKey: String?
    public var secretKey: String?
    public var sessionToken: String?
    public var usePathStyle: Bool?
    public var maxConnections: Int32?
    public var requestTimeoutMs: Int32?
    public var connectTimeoutMs: Int32?
    /// As when a resource is made: carried to be refused.
    public var roleARN: String?

    public init() {}

    /// Never the secrets.
    public var description: String {
        "endpoint \(endpoint ?? "-"), region \(region ?? "-"), access key \(accessKey ?? "-")"
    }
}

/// Body of PUT /api/storage_resources/{name}: what is to change, the rest is left out.
public struct StorageResourceChanges: Hashable, Codable, Sendable {
    public var endpoint: String?
    public var region: String?
    public var accessKey: String?
    public var secretKey: String?
    public var sessionToken: String?
    public var usePathStyle: Bool?
    public var maxConnections: Int32?
    public var requestTimeoutMs: Int32?
    public var connectTimeoutMs: Int32?
    public var roleARN: String?

    enum CodingKeys: String, CodingKey {
        case endpoint, region
        case accessKey = "access_key"
        case secretKey = "secret_key"
        case sessionToken = "session_token"
        case usePathStyle = "use_path_style"
        case maxConnections = "max_connections"
        case requestTimeoutMs = "request_timeout_ms"
        case connectTimeoutMs = "connect_timeout_ms"
        case roleARN = "role_arn"
    }

    public init() {}

    public var request: AlterStorageResourceRequest {
        var request = AlterStorageResourceRequest()
        request.endpoint = endpoint
        request.region = region
        request.accessKey = accessKey
        request.secretKey = secretKey
        request.sessionToken = sessionToken
        request.usePathStyle = usePathStyle
        request.maxConnections = maxConnections
        request.requestTimeoutMs = requestTimeoutMs
        request.connectTimeoutMs = connectTimeoutMs
        request.roleARN = roleARN
        return request
    }
}
