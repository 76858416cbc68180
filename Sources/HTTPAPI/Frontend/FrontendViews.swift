public import TabletModel

/// One frontend as `frontends()` lists it: what Doris' SHOW FRONTENDS has. Times are milliseconds since 1970, 0 = never.
public struct FrontendView: Hashable, Sendable, Codable {
    public var name: String
    public var host: String
    public var editLogPort: Int32
    public var httpPort: Int32
    public var rpcPort: Int32
    public var role: FrontendRole
    public var isMaster: Bool
    public var clusterID: Int32
    /// It has joined: it was heard of since this FE is master.
    public var hasJoined: Bool
    public var isAlive: Bool
    public var replayedJournalID: Int64
    public var lastHeartbeatMs: Int64
    /// A new FE may begin with this one as its helper, and go on once it is master.
    public var isHelper: Bool
    /// Why its last ping failed; empty when it did not.
    public var error: String
    public var version: String
    /// The one that answers.
    public var isCurrent: Bool
    /// When it was added.
    public var joinedMs: Int64

    public init(
        name: String, host: String, editLogPort: Int32, httpPort: Int32, rpcPort: Int32, role: FrontendRole,
        isMaster: Bool, clusterID: Int32, hasJoined: Bool, isAlive: Bool, replayedJournalID: Int64,
        lastHeartbeatMs: Int64, isHelper: Bool, error: String, version: String, isCurrent: Bool, joinedMs: Int64
    ) {
        self.name = name
        self.host = host
        self.editLogPort = editLogPort
        self.httpPort = httpPort
        self.rpcPort = rpcPort
        self.role = role
        self.isMaster = isMaster
        self.clusterID = clusterID
        self.hasJoined = hasJoined
        self.isAlive = isAlive
        self.replayedJournalID = replayedJournalID
        self.lastHeartbeatMs = lastHeartbeatMs
        self.isHelper = isHelper
        self.error = error
        self.version = version
        self.isCurrent = isCurrent
        self.joinedMs = joinedMs
    }
}

/// Body of `POST /api/frontends`.
public struct AddFrontendRequest: Hashable, Sendable, Codable {
    public var host: String
    /// Its edit log port, which is its `rpc_port`.
    public var port: Int32
    public var role: FrontendRole
    /// nil: as the master's.
    public var httpPort: Int32?

    public init(host: String, port: Int32, role: FrontendRole, httpPort: Int32? = nil) {
        self.host = host
        self.port = port
        self.role = role
        self.httpPort = httpPort
    }
}
