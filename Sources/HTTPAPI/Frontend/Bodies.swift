/// Body of `POST /api/databases`.
public struct CreateDatabaseRequest: Hashable, Sendable, Codable {
    public var name: String

    public init(
        name: String
    ) {
        self.name = name
    }
}

/// Body of `POST /api/tables/{database}/{table}/delete`.
public struct DeleteRowsBody: Hashable, Sendable, Codable {
    public var condition: String
    public var label: String
    public var timeoutMs: Int64?

    private enum CodingKeys: String, CodingKey {
        case condition = "where"
        case label
        case timeoutMs
    }

    public init(condition: String, label: String, timeoutMs: Int64? = nil) {
        self.condition = condition
        self.label = label
        self.timeoutMs = timeoutMs
    }
}

/// Body of `PUT …/storage_policy`; null takes the policy off.
public struct AttachStoragePolicyRequest: Hashable, Sendable, Codable {
    public var policy: String?

    public init(
        policy: String? = nil
    ) {
        self.policy = policy
    }
}

/// What calls without a result answer.
public struct DoneView: Hashable, Sendable, Codable {
    public var done = true

    public init() {}
}

/// `/api/health` of the FE: Doris' names with the master's own readiness.
public struct FrontendHealthView: Hashable, Sendable, Codable {
    public var status: String
    public var totalBackends: Int64
    public var onlineBackends: Int64
    /// Why it is not ready; nil when it is.
    public var reason: String?

    private enum CodingKeys: String, CodingKey {
        case status
        case totalBackends = "total_backend_num"
        case onlineBackends = "online_backend_num"
        case reason
    }

    public init(
        status: String, totalBackends: Int64, onlineBackends: Int64, reason: String?
    ) {
        self.status = status
        self.totalBackends = totalBackends
        self.onlineBackends = onlineBackends
        self.reason = reason
    }
}
