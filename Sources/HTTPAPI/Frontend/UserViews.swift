public import TabletModel

/// A right on all databases or on one.
public struct GrantView: Hashable, Sendable, Codable {
    /// READ, LOAD or ADMIN.
    public var right: String
    /// nil: all of them.
    public var database: String?

    public init(right: String, database: String? = nil) {
        self.right = right
        self.database = database
    }
}

/// A user as others may see them: never what a password is checked with.
public struct UserView: Hashable, Sendable, Codable {
    public var name: String
    public var hasPassword: Bool
    public var grants: [GrantView]
    /// Milliseconds since 1970; 0: with the cluster.
    public var createdMs: Int64

    public init(name: String, hasPassword: Bool, grants: [GrantView], createdMs: Int64) {
        self.name = name
        self.hasPassword = hasPassword
        self.grants = grants
        self.createdMs = createdMs
    }
}

/// Whom the FE takes its caller for: `GET /api/session`.
public struct SessionView: Hashable, Sendable, Codable {
    public var user: String
    public var grants: [GrantView]

    public init(user: String, grants: [GrantView]) {
        self.user = user
        self.grants = grants
    }
}

/// A new user. Its description leaves the password out.
public struct CreateUserRequest: Hashable, Sendable, Codable, CustomStringConvertible {
    public var name: String
    /// nil: the user logs in from the FE's own machine alone.
    public var password: String?
    public var grants: [GrantView]?

    public init(name: String, password: String?, grants: [GrantView]? = nil) {
        self.name = name
        self.password = password
        self.grants = grants
    }

    public var description: String { "user \(name)" }
}

/// Another password; nil takes it away. Its description leaves the password out.
public struct SetPasswordRequest: Hashable, Sendable, Codable, CustomStringConvertible {
    public var password: String?

    public init(password: String?) { self.password = password }

    public var description: String { "a password" }
}

/// A member of a shard of a cluster.
public struct ShardMemberView: Hashable, Sendable, Codable {
    public var shard: UInt32
    public var backendID: BackendID
    /// Host and heartbeat port.
    public var address: NetworkAddress
    public var isAlive: Bool

    public init(shard: UInt32, backendID: BackendID, address: NetworkAddress, isAlive: Bool) {
        self.shard = shard
        self.backendID = backendID
        self.address = address
        self.isAlive = isAlive
    }
}

/// A cluster of backends, which is there as long as it has members.
public struct ClusterView: Hashable, Sendable, Codable {
    public var name: String
    /// By shard, then by backend.
    public var members: [ShardMemberView]

    public init(name: String, members: [ShardMemberView]) {
        self.name = name
        self.members = members
    }
}

/// Backends that become members of a shard; `shard` nil takes them out of the cluster.
public struct PlaceBackendsRequest: Hashable, Sendable, Codable {
    public var backends: [NetworkAddress]
    public var shard: UInt32?

    public init(backends: [NetworkAddress], shard: UInt32?) {
        self.backends = backends
        self.shard = shard
    }
}
