import Logging
import Platform
import ServerFixtures
import Synchronization
import TabletModel
import ThriftRPC

/// A master of the tests: sends a real BE what a real FE would not, and keeps what the BE answers.
final class FakeFrontend: FrontendHandler {
    static let token = "token-of-the-tests"
    var token: String { Self.token }
    let clusterID: Int32
    private let state = Mutex(State())
    private let server = Mutex<ThriftServer?>(nil)
    private let connector = ThriftBackendConnector()

    private struct State {
        var finishes: [FinishTaskRequest] = []
        var policies: [StoragePolicyEntry] = []
        var reportCount = 0
        var tasks: [TaskType: Set<Int64>] = [:]
        var signature: Int64 = 1000
        var answer = RPCStatus.ok
    }

    init(clusterID: Int32 = 77) throws {
        self.clusterID = clusterID
        let logger = Logger(label: "fake-fe") { _ in SwiftLogNoOpLogHandler() }
        let made = ThriftServer(.frontend(self), address: "127.0.0.1", port: 0, logger: logger)
        try made.start()
        server.withLock { $0 = made }
    }

    deinit { stop() }

    /// Backends find nobody here any more. The server refers to this object until then.
    func stop() {
        let stopped = server.withLock { $0.take() }
        stopped?.stop()
    }

    var address: NetworkAddress {
        NetworkAddress(host: "127.0.0.1", port: server.withLock { $0?.boundPort ?? 0 })
    }

    // MARK: To the BE

    func master(epoch: Int64 = 1, httpPort: Int32 = 1) -> MasterInfo {
        MasterInfo(
            address: address, clusterID: clusterID, epoch: epoch, token: Self.token, backendIP: "127.0.0.1",
            httpPort: httpPort,
            flags: 1 | WireDialect.frontendFlag, backendID: 10001)
    }

    /// As an FE of ours: it names the backend by its uuid once it has heard that.
    @discardableResult
    func heartbeat(_ backend: BackendProcess, _ master: MasterInfo? = nil) throws -> HeartbeatReply {
        var master = master ?? self.master()
        let line = connector.connection(heartbeat: backend.heartbeatAddress, agent: nil)
        let reply = try line.heartbeat(master)
        guard reply.status.isOK, master.backendUUID == nil, let uuid = reply.backend.uuid else { return reply }
        master.backendUUID = uuid.description
        return try line.heartbeat(master)
    }

    @discardableResult
    func submit(_ tasks: [AgentTask], to backend: BackendProcess) throws -> RPCStatus {
        try connector.connection(heartbeat: backend.heartbeatAddress, agent: backend.agentAddress).submitTasks(tasks)
    }

    /// Submits a task under a signature of its own, and waits for its end.
    @discardableResult
    func run(_ type: TaskType, _ payload: AgentTask.Payload, on backend: BackendProcess) throws -> FinishTaskRequest {
        let signature = nextSignature()
        try submit([AgentTask(type: type, signature: signature, payload: payload)], to: backend)
        return try finish(type, signature)
    }

    func nextSignature() -> Int64 {
        state.withLock { state in
            state.signature += 1
            return state.signature
        }
    }

    // MARK: From the BE

    func finish(_ type: TaskType, _ signature: Int64) throws -> FinishTaskRequest {
        try eventually("finishTask of \(type) \(signature)") { finishes(type, signature).last }
    }

    func finishes(_ type: TaskType, _ signature: Int64) -> [FinishTaskRequest] {
        state.withLock { $0.finishes.filter { $0.type == type && $0.signature == signature } }
    }

    var finishCount: Int { state.withLock { $0.finishes.count } }
    var reportCount: Int { state.withLock { $0.reportCount } }
    /// The tasks of the last task report.
    var reportedTasks: [TaskType: Set<Int64>] { state.withLock { $0.tasks } }

    /// What `refreshStoragePolicy` answers from now on.
    func setPolicies(_ policies: [StoragePolicyEntry]) { state.withLock { $0.policies = policies } }

    /// What `finishTask` answers from now on.
    func answerFinishes(with status: RPCStatus) { state.withLock { $0.answer = status } }

    func finishTask(_ request: FinishTaskRequest) -> RPCStatus {
        state.withLock { state in
            state.finishes.append(request)
            return state.answer
        }
    }

    func report(_ report: IncomingReport) -> RPCStatus {
        state.withLock { state in
            state.reportCount += 1
            if let tasks = report.tasks { state.tasks = tasks }
        }
        return .ok
    }

    func tabletsArrive(from backend: BackendAddress) -> (any ArrivingTablets)? { nil }
    func ping(_ request: PingRequest) -> PingReply { PingReply(isOK: true, message: "") }
    func storageRules() -> (status: RPCStatus, rules: StorageRules) {
        (.ok, StorageRules(policies: state.withLock { $0.policies }))
    }
    func confirmUnusedRemoteFiles(_ tablets: [TabletCooldownState]) -> [TabletID] { tablets.map(\.tabletID) }
    func snapshotLoaderReport(_ progress: LoaderProgress) -> RPCStatus { .ok }
}
