public import TabletModel

/// What a backend says of itself. Ports are those really bound, never 0.
public struct BackendIdentity: Hashable, Sendable {
    /// The host under which this backend reports unless the master knows it under another of `localAddresses`.
    public var host: String
    /// Further names and addresses that mean this machine.
    public var localAddresses: [String]
    public var bePort: Int32
    public var httpPort: Int32
    /// tabletd serves no brpc; the port is told because an FE of Doris stores it.
    public var brpcPort: Int32
    public var version: String
    /// When the process started; with it an FE tells a restart from a lost heartbeat.
    public var startTime: UnixTime
    /// "mix" or "computation" (no tablets).
    public var nodeRole: String
    /// Of the data dirs; nil when they can't say.
    public var uuid: BackendUUID?
    /// Processors, for the planner of an FE of 2026; nil: not told.
    public var cores: Int32?

    public init(
        host: String, localAddresses: [String] = [], bePort: Int32, httpPort: Int32, brpcPort: Int32 = -1,
        version: String, startTime: UnixTime, nodeRole: String = "mix", uuid: BackendUUID? = nil
    ) {
        self.host = host
        self.localAddresses = localAddresses
        self.bePort = bePort
        self.httpPort = httpPort
        self.brpcPort = brpcPort
        self.version = version
        self.startTime = startTime
        self.nodeRole = nodeRole
        self.uuid = uuid
    }

    /// Is this a name or an address of this machine, in any spelling?
    func isCalled(_ told: String) -> Bool {
        let spelling = Self.oneSpelling(of: told)
        return ([host] + localAddresses).contains { Self.oneSpelling(of: $0) == spelling }
    }

    private static func oneSpelling(of host: String) -> String {
        do {
            return try NetworkAddress(host: host, port: 1).checked().host
        } catch {
            // What is no host is the same as itself alone.
            return host
        }
    }

    /// Is this the backend that a master which says so has on record? True where one of the two knows no uuids.
    func isMeant(by told: String?) -> Bool {
        guard let told, let uuid else { return true }
        return told == uuid.description
    }

    /// The answer to an accepted heartbeat (`contract/behaviour.md` §1: be_rpc_port is always -1).
    func heartbeatInfo(isShutdown: Bool) -> BackendInfo {
        var info = BackendInfo()
        info.bePort = bePort
        info.httpPort = httpPort
        info.beRPCPort = -1
        info.brpcPort = brpcPort
        info.version = version
        info.startTime = startTime
        info.nodeRole = nodeRole
        info.uuid = uuid
        // Sent only when true: an FE of January 2023 does not know the field.
        if isShutdown { info.isShutdown = true }
        return info
    }
}
