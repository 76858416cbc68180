public import TabletModel

/// An FE that belongs to the cluster, as it is registered.
public struct Frontend: Hashable, Sendable {
    /// `<host>_<edit log port>_<ms>`, or without the time as earlier builds and Doris' named themselves: what its file ROLE
    /// says. Never given twice.
    public let nodeName: String
    public var role: FrontendRole
    public var host: String
    /// What tells it from others on its host. Nothing listens there: the edit log does not go from FE to FE.
    public var editLogPort: Int32
    public var httpPort: Int32
    public var rpcPort: Int32
    public var joinedAt: UnixTime

    public init(
        nodeName: String, role: FrontendRole, host: String, editLogPort: Int32, httpPort: Int32, rpcPort: Int32,
        joinedAt: UnixTime
    ) {
        self.nodeName = nodeName
        self.role = role
        self.host = host
        self.editLogPort = editLogPort
        self.httpPort = httpPort
        self.rpcPort = rpcPort
        self.joinedAt = joinedAt
    }

    /// As people name it.
    public var address: NetworkAddress { NetworkAddress(host: host, port: editLogPort) }
    public var rpcAddress: NetworkAddress { NetworkAddress(host: host, port: rpcPort) }

    public static func newName(_ address: NetworkAddress, at now: UnixTime) -> String {
        "\(address.host)_\(address.port)_\(now.milliseconds)"
    }
}

/// Where the master is reached, as the last one said.
public struct MasterAddress: Hashable, Sendable {
    public var host: String
    public var httpPort: Int32
    public var rpcPort: Int32

    public init(host: String, httpPort: Int32, rpcPort: Int32) {
        self.host = host
        self.httpPort = httpPort
        self.rpcPort = rpcPort
    }
}

/// What pings tell of an FE: memory only.
public struct FrontendStatus: Hashable, Sendable {
    public var isAlive = false
    /// Why the last ping failed; empty when it did not.
    public var error = ""
    public var lastHeartbeatAt: UnixTime?
    public var replayedLogID: Int64 = 0
    public var version = ""
    /// Another one after each start of its process; 0: it was not heard yet.
    public var processUUID: Int64 = 0

    public init() {}
}

/// The FEs of a cluster, and what they tell each other through its metadata.
public struct FrontendRegistry: Hashable, Sendable {
    private(set) var byName: [String: Frontend] = [:]
    /// Names of FEs that were removed, ascending: none joins under one again.
    public internal(set) var removedNames: [String] = []
    /// The last time at which a master said that it was there; nil: none ever did.
    public internal(set) var timestamp: UnixTime?
    public internal(set) var master: MasterAddress?

    /// By name.
    public var all: [Frontend] { byName.values.sorted { $0.nodeName < $1.nodeName } }
    public subscript(nodeName: String) -> Frontend? { byName[nodeName] }
    public func at(_ address: NetworkAddress) -> Frontend? { byName.values.first { $0.address == address } }
    public var isEmpty: Bool { byName.isEmpty && removedNames.isEmpty }

    mutating func put(_ frontend: Frontend) {
        if !removedNames.contains(frontend.nodeName) { byName[frontend.nodeName] = frontend }
    }

    /// Of one that is there.
    mutating func remove(_ nodeName: String) {
        guard byName.removeValue(forKey: nodeName) != nil else { return }
        removedNames = (removedNames + [nodeName]).sorted()
    }
}
