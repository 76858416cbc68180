import Logging
import Platform
import ReportCodec
import Synchronization
import TabletModel
import ThriftRPC

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Answers every heartbeat alike and remembers what it was told.
final class HeartbeatRecorder: HeartbeatHandler {
    let seen = Mutex<[MasterInfo]>([])
    let callers = Mutex<[CallerHost]>([])
    let reply: HeartbeatReply

    init(reply: HeartbeatReply = HeartbeatReply(status: .ok)) { self.reply = reply }

    func heartbeat(_ master: MasterInfo, from caller: CallerHost) -> HeartbeatReply {
        seen.withLock { $0.append(master) }
        callers.withLock { $0.append(caller) }
        return reply
    }
}

final class BackendRecorder: BackendHandler {
    let tasks = Mutex<[AgentTask]>([])
    let cleaned = Mutex(0)
    let stats = [TabletStat(tabletID: 7, dataSizeBytes: 8, rowCount: 9, versionCount: 10, remoteDataSizeBytes: 11)]

    func submitTasks(_ tasks: [AgentTask], from caller: CallerHost) -> RPCStatus {
        self.tasks.withLock { $0 += tasks }
        return RPCStatus(.invalidArgument, "one of \(tasks.count)")
    }
    let snapshots = Mutex<[SnapshotRequest]>([])
    func makeSnapshot(_ request: SnapshotRequest) -> AgentResult {
        snapshots.withLock { $0.append(request) }
        return AgentResult(
            status: .ok, snapshotPath: "/\(request.tabletID)/\(request.schemaHash)", allowIncrementalClone: true,
            snapshotVersion: request.preferredSnapshotVersion)
    }
    func releaseSnapshot(path: String) -> AgentResult { AgentResult(status: RPCStatus(.notFound, path)) }
    func publishClusterState(from _: CallerHost) -> AgentResult {
        AgentResult(status: RPCStatus(.notImplementedError))
    }
    func tabletStats() -> [TabletStat] { stats }
    func trashUsedBytes() -> Int64 { 1 << 40 }
    func diskTrash() -> [DiskTrash] { [DiskTrash(rootPath: "/d", isOnline: true, usedBytes: 5)] }
    func cleanTrash(from caller: CallerHost) { cleaned.withLock { $0 += 1 } }
    func checkStorageFormat() -> (v1: [TabletID], v2: [TabletID]) { ([], [1, 2]) }
}

final class FrontendRecorder: FrontendHandler {
    let finished = Mutex<[FinishTaskRequest]>([])
    /// How many ends were handed over at a time.
    let together = Mutex<[Int]>([])
    let reports = Mutex<[IncomingReport]>([])
    let rules: StorageRules

    init(policies: [StoragePolicyEntry] = []) { rules = StorageRules(policies: policies) }
    init(rules: StorageRules) { self.rules = rules }

    func finishTask(_ request: FinishTaskRequest) -> RPCStatus {
        finished.withLock { $0.append(request) }
        return .ok
    }
    static let unwantedSignature = Int64.min
    func finishTasks(_ requests: [FinishTaskRequest]) -> [RPCStatus] {
        together.withLock { $0.append(requests.count) }
        return requests.map {
            $0.signature == Self.unwantedSignature ? RPCStatus(.cancelled, "nobody waits for it") : finishTask($0)
        }
    }
    func report(_ report: IncomingReport) -> RPCStatus {
        reports.withLock { $0.append(report) }
        return RPCStatus(.ok)
    }
    func tabletsArrive(from backend: BackendAddress) -> (any ArrivingTablets)? { ArrivedRows(backend, of: self) }
    /// Reports whose tablets are arriving, and those that ended either way.
    let arriving = Atomic(0)
    /// Of FEs of ours, which say more.
    static let ownCluster: Int32 = 2
    func ping(_ request: PingRequest) -> PingReply {
        var reply = PingReply(
            isOK: request.token == "t", message: "m", queryPort: 1, rpcPort: 2, replayedJournalID: 3, version: "v")
        if request.clusterID == Self.ownCluster { (reply.processUUID, reply.httpPort) = (4, 5) }
        return reply
    }
    func storageRules() -> (status: RPCStatus, rules: StorageRules) { (.ok, rules) }
    func confirmUnusedRemoteFiles(_ tablets: [TabletCooldownState]) -> [TabletID] {
        tablets.filter { $0.cooldownReplicaID == 1 }.map(\.tabletID)
    }
    func snapshotLoaderReport(_ progress: LoaderProgress) -> RPCStatus {
        RPCStatus(progress.jobID == 1 ? .ok : .cancelled)
    }
}

/// Keeps the rows of a report as they come.
final class ArrivedRows: ArrivingTablets {
    let backend: BackendAddress
    private let recorder: FrontendRecorder
    private let kept = Mutex<[TabletReportRow]>([])
    var rows: [TabletReportRow] { kept.withLock { $0 } }

    init(_ backend: BackendAddress, of recorder: FrontendRecorder) {
        self.backend = backend
        self.recorder = recorder
        recorder.arriving.add(1, ordering: .relaxed)
    }

    deinit { recorder.arriving.subtract(1, ordering: .relaxed) }

    func take(_ piece: TabletPiece) throws {
        try kept.withLock { kept in
            try piece.withRows { rows in while try rows.next() { kept.append(rows.row) } }
        }
    }
}

extension ServerLimits {
    /// Few threads: many servers run side by side in these tests.
    static func small(_ change: (inout ServerLimits) -> Void = { _ in }) -> ServerLimits {
        var limits = ServerLimits()
        limits.workers = 2
        change(&limits)
        return limits
    }
}

extension NetworkAddress {
    static func local(_ port: Int32) -> NetworkAddress { NetworkAddress(host: "127.0.0.1", port: port) }
}

/// Starts, hands the server out, stops.
private func withServer(
    _ service: ThriftService, _ limits: ServerLimits, _ logger: Logger, _ body: (ThriftServer) throws -> Void
) throws {
    let server = ThriftServer(service, address: "127.0.0.1", port: 0, limits: limits, logger: logger)
    try server.start()
    defer { server.stop() }
    try body(server)
}

func withHeartbeatServer(
    _ handler: HeartbeatRecorder = HeartbeatRecorder(), limits: ServerLimits = .small(), logger: Logger = quiet,
    _ body: (ThriftServer) throws -> Void
) throws { try withServer(.heartbeat(handler), limits, logger, body) }

func withBackendServer(
    _ handler: BackendRecorder = BackendRecorder(), limits: ServerLimits = .small(),
    _ body: (ThriftServer) throws -> Void
) throws { try withServer(.agent(handler), limits, quiet, body) }

func withFrontendServer(
    _ handler: FrontendRecorder = FrontendRecorder(), limits: ServerLimits = .small(),
    _ body: (ThriftServer) throws -> Void
) throws { try withServer(.frontend(handler), limits, quiet, body) }

let someMaster = MasterInfo(address: NetworkAddress(host: "10.0.0.1", port: 9020), clusterID: 1, epoch: 2)

func heartbeat(_ port: Int32, _ connector: ThriftBackendConnector = ThriftBackendConnector()) throws -> HeartbeatReply {
    try connector.connection(heartbeat: .local(port), agent: nil).heartbeat(someMaster)
}
