/// `TNetworkAddress`.
public struct NetworkAddress: Hashable, Sendable, Codable, CustomStringConvertible {
    public var host: String
    public var port: Int32

    public init(host: String, port: Int32) {
        self.host = host
        self.port = port
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// `TBackend`: how a BE names itself; the FE finds it by exact match of host and `bePort`.
public struct BackendAddress: Hashable, Sendable, Codable, CustomStringConvertible {
    public var host: String
    public var bePort: Int32
    public var httpPort: Int32

    public init(host: String, bePort: Int32, httpPort: Int32) {
        self.host = host
        self.bePort = bePort
        self.httpPort = httpPort
    }

    public var description: String { "\(host):\(bePort)" }
}

/// `TMasterInfo`: what the FE master says of itself in each heartbeat.
public struct MasterInfo: Hashable, Sendable {
    public var address: NetworkAddress
    public var clusterID: Int32
    public var epoch: Int64
    public var token: String?
    /// The host under which the FE knows this BE.
    public var backendIP: String?
    public var httpPort: Int32?
    public var flags: Int64?
    public var backendID: BackendID?
    /// `tablet_report_inactive_duration_ms` of newer FEs.
    public var tabletReportInactiveMs: Int64?
    /// The uuid under which the FE knows this BE; empty while it knows none; nil: an FE that knows no uuids.
    public var backendUUID: String?
    /// `frontend_infos` of newer FEs, all of the cluster's frontends; nil: an FE that does not tell.
    public var frontends: [Frontend]?
    /// Of our own FE only: how far its metadata are.
    public var position: MetadataPosition?
    /// Of our own FE only: what the backend said it remembers, if the FE's metadata have that behind them.
    public var judgedPosition: MetadataPosition?

    /// `TFrontendInfo`.
    public struct Frontend: Hashable, Sendable {
        /// Host and rpc port.
        public var address: NetworkAddress
        /// Another one after each start of its process.
        public var processUUID: Int64

        public init(address: NetworkAddress, processUUID: Int64) {
            self.address = address
            self.processUUID = processUUID
        }
    }

    public init(
        address: NetworkAddress, clusterID: Int32, epoch: Int64, token: String? = nil, backendIP: String? = nil,
        httpPort: Int32? = nil, flags: Int64? = nil, backendID: BackendID? = nil, tabletReportInactiveMs: Int64? = nil,
        backendUUID: String? = nil
    ) {
        self.address = address
        self.clusterID = clusterID
        self.epoch = epoch
        self.token = token
        self.backendIP = backendIP
        self.httpPort = httpPort
        self.flags = flags
        self.backendID = backendID
        self.tabletReportInactiveMs = tabletReportInactiveMs
        self.backendUUID = backendUUID
    }
}

/// `TBackendInfo`: what the BE answers. Ports are 0 when the heartbeat was refused.
public struct BackendInfo: Hashable, Sendable {
    public var bePort: Int32 = 0
    public var httpPort: Int32 = 0
    public var beRPCPort: Int32?
    public var brpcPort: Int32?
    public var version: String?
    /// Milliseconds since 1970 at which the process started.
    public var startTime: UnixTime?
    public var nodeRole: String?
    public var isShutdown: Bool?
    /// nil of a BE that has none: a Doris BE, or one whose data dirs can't say.
    public var uuid: BackendUUID?
    /// Of our own BE only, in refusals too: the furthest metadata position that it was told (`MetadataPosition.remembered`).
    public var heardPosition: MetadataPosition?
    /// It sent members that a BE of 2023 does not have (8, 9, 10, 1000, 1001).
    public var hasNewerMembers = false

    public init() {}
}

/// `THeartbeatResult`.
public struct HeartbeatReply: Hashable, Sendable {
    public var status: RPCStatus
    public var backend: BackendInfo

    public init(status: RPCStatus, backend: BackendInfo = BackendInfo()) {
        self.status = status
        self.backend = backend
    }
}

/// `TFrontendPingFrontendRequest`.
public struct PingRequest: Hashable, Sendable {
    public var clusterID: Int32
    public var token: String

    public init(clusterID: Int32, token: String) {
        self.clusterID = clusterID
        self.token = token
    }
}

/// `TFrontendPingFrontendResult`. Every field of Doris' is always sent, on failure too (`contract/behaviour.md` defect 46).
public struct PingReply: Hashable, Sendable {
    public var isOK: Bool
    public var message: String
    public var queryPort: Int32
    public var rpcPort: Int32
    public var replayedJournalID: Int64
    public var version: String
    /// Of our own FE only, to one of its cluster: another one after each start of its process.
    public var processUUID: Int64?
    /// Likewise: where it listens for HTTP.
    public var httpPort: Int32?

    public init(
        isOK: Bool, message: String, queryPort: Int32 = 0, rpcPort: Int32 = 0, replayedJournalID: Int64 = 0,
        version: String = "", processUUID: Int64? = nil, httpPort: Int32? = nil
    ) {
        self.isOK = isOK
        self.message = message
        self.queryPort = queryPort
        self.rpcPort = rpcPort
        self.replayedJournalID = replayedJournalID
        self.version = version
        self.processUUID = processUUID
        self.httpPort = httpPort
    }
}
