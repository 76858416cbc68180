import BackendCore
import ClusterTestKit
import Logging
import NodeMetrics
import Platform
import TabletModel

let masterAddress = NetworkAddress(host: "10.0.0.1", port: 9020)
/// From where the masters' heartbeats and tasks come, unless a test says otherwise.
let masterHost = CallerHost("10.0.0.1")
let otherMaster = NetworkAddress(host: "10.0.0.9", port: 9020)

/// A node on one thread and a manual clock, with a recording engine and master.
struct Fixture {
    let scheduler: ManualScheduler
    let engine: RecordingEngine
    let master: RecordingMaster
    let metrics = MetricsRegistry()
    let node: BackendNode

    init(
        _ options: BackendOptions = .init(), engine: RecordingEngine = RecordingEngine(), seed: UInt64? = nil,
        identity: BackendIdentity = Fixture.identity
    ) {
        scheduler = ManualScheduler(seed: seed)
        self.engine = engine
        master = RecordingMaster(time: scheduler)
        node = BackendNode(
            options: options, identity: identity, engine: engine, connector: master, scheduler: scheduler,
            random: SeededRandom(seed: 7), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            metrics: metrics)
    }

    static let identity = BackendIdentity(
        host: "10.0.0.2", localAddresses: ["127.0.0.1"], bePort: 9060, httpPort: 8040, version: "v",
        startTime: UnixTime(milliseconds: 1_673_712_000_000))

    @discardableResult
    func heartbeat(
        from address: NetworkAddress = masterAddress, cluster: Int32 = 1, epoch: Int64 = 1, token: String? = "t",
        ip: String? = nil, speaking dialect: WireDialect = .tabletd, caller: CallerHost = masterHost
    ) -> HeartbeatReply {
        var master = MasterInfo(
            address: address, clusterID: cluster, epoch: epoch, token: token, backendIP: ip, httpPort: 8030,
            flags: dialect == .tabletd ? 1 | WireDialect.frontendFlag : 1, backendID: 10003)
        if dialect == .year2026 { master.frontends = [MasterInfo.Frontend(address: address, processUUID: 7)] }
        return node.heartbeatHandler.heartbeat(master, from: caller)
    }

    /// A node with a master, loaded, its first reports sent and forgotten.
    static func running(
        _ options: BackendOptions = .init(), engine: RecordingEngine = RecordingEngine(), seed: UInt64? = nil,
        under dialect: WireDialect = .tabletd
    ) throws -> Fixture {
        let fixture = Fixture(options, engine: engine, seed: seed)
        fixture.node.start()
        fixture.heartbeat(speaking: dialect)
        try fixture.scheduler.runUntilIdle()
        fixture.master.set { $0.reports = [] }
        return fixture
    }

    func submit(_ tasks: AgentTask...) -> RPCStatus { node.backendHandler.submitTasks(tasks, from: masterHost) }
    func run() throws { try scheduler.runUntilIdle() }
    func advance(_ duration: Duration) throws { try scheduler.advance(by: duration) }
    var taskCount: Int { node.status().taskCount }

    /// The value of the first metric line that begins so.
    func metric(_ prefix: String) -> Double? {
        let line = metrics.render().split(separator: "\n").first { $0.hasPrefix(prefix) }
        return line.flatMap { Double($0.split(separator: " ").last ?? "") }
    }
}

extension AgentTask {
    static func create(_ id: Int64) -> AgentTask {
        AgentTask(
            type: .create, signature: id,
            payload: .create(
                CreateTabletRequest(tabletID: TabletID(id), schema: TabletSchema(schemaHash: 5, columns: []))))
    }
    static func drop(_ id: Int64) -> AgentTask {
        AgentTask(type: .drop, signature: id, payload: .drop(DropTabletRequest(tabletID: TabletID(id))))
    }
    static func push(
        _ signature: Int64, type: TaskType = .realtimePush, pushType: PushType = .loadV2,
        priority: TaskPriority = .normal
    ) -> AgentTask {
        AgentTask(
            type: type, signature: signature, priority: priority,
            payload: .push(PushRequest(tabletID: TabletID(signature), schemaHash: 5, version: 9, pushType: pushType)))
    }
    static func publish(_ transaction: Int64) -> AgentTask {
        AgentTask(
            type: .publishVersion, signature: transaction,
            payload: .publishVersion(
                PublishVersionRequest(
                    transactionID: TransactionID(transaction), partitions: [.init(partitionID: 3, version: 2)])))
    }
    static func confs(_ confs: CooldownConf..., signature: Int64 = -1) -> AgentTask {
        AgentTask(type: .pushCooldownConf, signature: signature, payload: .cooldownConfs(confs))
    }
}
