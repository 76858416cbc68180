public import TabletModel

/// What must be known of a backend after a restart: journaled whole when it changes.
public struct Backend: Hashable, Sendable {
    public let id: BackendID
    public var host: String
    public var heartbeatPort: Int32
    /// Of its data dirs. nil until a heartbeat told it, and of a Doris BE: that one is known by its address alone.
    public var uuid: BackendUUID?
    /// 0 until the first heartbeat was answered; so are the other ports.
    public var bePort: Int32 = 0
    public var httpPort: Int32 = 0
    public var brpcPort: Int32 = 0
    public var version: String = ""
    /// When its process started; nil until a heartbeat said so.
    public var startedAt: UnixTime?
    /// "mix", or "computation" for one without tablets.
    public var nodeRole: String = ""
    /// Whose words it understands, as of its last heartbeat; nil until one was answered.
    public var dialect: WireDialect?
    /// Gets no new replicas.
    public var isDecommissioned: Bool = false
    /// nil: a member of no cluster.
    public var place: ShardPlace?

    public init(id: BackendID, host: String, heartbeatPort: Int32, uuid: BackendUUID? = nil) {
        self.id = id
        self.uuid = uuid
        self.host = host
        self.heartbeatPort = heartbeatPort
    }

    public var heartbeatAddress: NetworkAddress { NetworkAddress(host: host, port: heartbeatPort) }
    /// nil until the first heartbeat told the port.
    public var agentAddress: NetworkAddress? { bePort > 0 ? NetworkAddress(host: host, port: bePort) : nil }
    public var address: BackendAddress { BackendAddress(host: host, bePort: bePort, httpPort: httpPort) }
}

/// What heartbeats and reports say of a backend now. Memory only: after a restart every backend is dead until it answers.
public struct BackendStatus: Hashable, Sendable {
    public var isAlive = false
    /// Heartbeats that failed in a row.
    public var failureCount = 0
    public var lastHeartbeatAt: UnixTime?
    /// Why the last heartbeat failed; empty when it did not.
    public var heartbeatError = ""
    /// Since when heartbeats have failed.
    public var failingSince: UnixTime?
    /// What answers at its address has the uuid of this other backend: it is a second address of that one's process, or runs
    /// on a copy of its data dirs. Nothing that it says is taken in.
    public var answersAs: BackendID?
    /// The highest `report_version` seen since the backend's process started; never goes back (§11, 36).
    public private(set) var reportVersion: Int64 = 0
    public var lastTabletReportAt: UnixTime?
    /// It was added since the FE started: no FE has ever known a replica of it that this one does not know.
    public var isNewcomer = false
    /// A tablet report of its process, as it runs now, was taken in.
    public var hasReportedTablets = false
    public var lastDiskReportAt: UnixTime?
    /// Since when it has counted as late: it answers heartbeats, but nothing comes from it, as when packets from it to this FE
    /// are dropped. It gets nothing new, and nobody waits for it; what it has can be read. nil: it is not.
    public var lateSince: MonotonicTime?
    public var disks: [DiskReport] = []
    /// Of its last tablet report: replicas that are whole by their versions and can't be read.
    public var unreadable: [ReplicaID: UnreadableReplica] = [:]
    /// As of the last disk report; nil until one of its process told, and from backends that don't.
    public var storage: StorageUse?
    public var maxCompactionScore: Int64 = 0
    /// What it remembers of metadata, compared with these when its last heartbeat was answered.
    public var verdict = PositionVerdict.unheard

    public init() {}

    /// False when the report is older than one that was taken already.
    public mutating func raiseReportVersion(_ new: Int64) -> Bool {
        guard new >= reportVersion else { return false }
        reportVersion = new
        return true
    }

    /// A new process counts anew, perhaps from a clock that went back, and its tablets may not be those that were.
    public mutating func forgetReportVersion() {
        reportVersion = 0
        hasReportedTablets = false
        storage = nil
    }
}

extension Backend {
    /// It is one of our own daemons, whose report version counts each tablet's changes.
    public var isOurs: Bool { version.hasPrefix("tabletd") }

    /// Why its rows and ours can't be mixed: no replica is put there, loaded there or copied from there. nil: they are alike.
    public var foreignRows: String? {
        guard let dialect, dialect != .tabletd else { return nil }
        return "backend \(id) (\(version)) is one of Doris, whose rows are of another format"
    }
}
