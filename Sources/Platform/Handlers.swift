public import TabletModel

/// The host at the other end of the connection on which a call came: its numeric address, IPv4 as such where a socket for both
/// names it ::ffff:…; in a simulation the host's name.
public struct CallerHost: Hashable, Sendable, CustomStringConvertible {
    public let address: String
    public init(_ address: String) { self.address = address }
    public var description: String { address }
}

/// What a BE answers on its heartbeat port. Called on connection threads, several at once; must not block on I/O longer
/// than persisting a cluster id takes.
public protocol HeartbeatHandler: Sendable {
    func heartbeat(_ master: MasterInfo, from caller: CallerHost) -> HeartbeatReply
}

/// What a BE answers on its agent port (`BackendService`). Called on connection threads, several at once.
public protocol BackendHandler: Sendable {
    func submitTasks(_ tasks: [AgentTask], from caller: CallerHost) -> RPCStatus
    func makeSnapshot(_ request: SnapshotRequest) -> AgentResult
    func releaseSnapshot(path: String) -> AgentResult
    func publishClusterState(from caller: CallerHost) -> AgentResult
    func tabletStats() -> [TabletStat]
    func trashUsedBytes() -> Int64
    func diskTrash() -> [DiskTrash]
    func cleanTrash(from caller: CallerHost)
    /// Tablets by storage format; ours are all of the newer one.
    func checkStorageFormat() -> (v1: [TabletID], v2: [TabletID])
}

/// `TAgentResult`.
public struct AgentResult: Hashable, Sendable {
    public var status: RPCStatus
    public var snapshotPath: String?
    /// True: the snapshot holds the missing versions that were asked for, and nothing else.
    public var allowIncrementalClone: Bool?
    public var snapshotVersion: Int32?
    public init(
        status: RPCStatus, snapshotPath: String? = nil, allowIncrementalClone: Bool? = nil,
        snapshotVersion: Int32? = nil
    ) {
        self.status = status
        self.snapshotPath = snapshotPath
        self.allowIncrementalClone = allowIncrementalClone
        self.snapshotVersion = snapshotVersion
    }
}

/// `TDiskTrashInfo`.
public struct DiskTrash: Hashable, Sendable {
    public var rootPath: String
    public var isOnline: Bool
    public var usedBytes: Int64
    public init(rootPath: String, isOnline: Bool, usedBytes: Int64) {
        self.rootPath = rootPath
        self.isOnline = isOnline
        self.usedBytes = usedBytes
    }
}

/// What the FE answers on its rpc port (`FrontendService`). Called on connection threads, several at once.
public protocol FrontendHandler: Sendable {
    func finishTask(_ request: FinishTaskRequest) -> RPCStatus
    /// Ends that came on one connection together: an answer each, in their order.
    func finishTasks(_ requests: [FinishTaskRequest]) -> [RPCStatus]
    func report(_ report: IncomingReport) -> RPCStatus
    /// The tablets of a large report begin to arrive; the report itself follows when all of them have (`IncomingReport.arrived`).
    /// nil: nobody takes them; what to answer, `report` says.
    func tabletsArrive(from backend: BackendAddress) -> (any ArrivingTablets)?
    func ping(_ request: PingRequest) -> PingReply
    /// Answers `refreshStoragePolicy`.
    func storageRules() -> (status: RPCStatus, rules: StorageRules)
    func confirmUnusedRemoteFiles(_ tablets: [TabletCooldownState]) -> [TabletID]
    /// Not OK: the backend gives the upload or download up.
    func snapshotLoaderReport(_ progress: LoaderProgress) -> RPCStatus
}

extension FrontendHandler {
    public func finishTasks(_ requests: [FinishTaskRequest]) -> [RPCStatus] { requests.map { finishTask($0) } }
}
