public import BackendCore
public import ClusterTestKit
internal import Logging
internal import NodeMetrics
internal import Platform
public import StorageEngine
internal import Synchronization
public import TabletModel

/// A BE of a simulated cluster: the same parts as in the daemon, over a memory machine and direct calls.
public final class SimulatedBackend: SimulatedProcess {
    private struct Life {
        var node: SimulatedNode
        var backend: BackendNode
        var engine: StorageEngine
        var cooldown: CooldownService
        var agent: NodeEngine
    }

    private struct State {
        var life: Life?
        var incarnation = 0
        var lastFault: FaultOperation?
        var host: String
        /// The FE's last tablet report of this backend before the start.
        var reportBeforeStart: Int64?
    }

    static let httpPort: Int32 = 8040

    static func dataDir(_ number: Int) -> String { "/data\(number)" }

    public let name: String
    public let machine: MemoryMachine
    public let plan: FaultPlan
    private let shared: SharedParts
    private let fetcher: SnapshotFetcher
    private let clock: SimulatedClock
    private let pace: DiskPace
    private let state: Mutex<State>

    init(number: Int, plan: FaultPlan, shared: SharedParts) {
        name = "be\(number)"
        let host = "10.0.0.\(number)"
        state = Mutex(State(host: host))
        clock = SimulatedClock(shared.scheduler)
        machine = MemoryMachine(time: clock)
        pace = DiskPace(of: name, shared: shared, plan: plan)
        self.plan = plan
        self.shared = shared
        fetcher = SnapshotFetcher(
            loadFiles: LoadFileFetcher(name: name, shared: shared), name: name, plan: plan, shared: shared)
        shared.peers.install(host, plan)
    }

    public var host: String { state.withLock { $0.host } }
    public var heartbeatAddress: NetworkAddress { NetworkAddress(host: host, port: 9050) }
    public var agentAddress: NetworkAddress { NetworkAddress(host: host, port: 9060) }

    /// Its machine has another address from now on. It must be down.
    func move(to host: String) {
        precondition(!isRunning, "\(name) is running")
        let old = state.withLock { state in
            defer { state.host = host }
            return state.host
        }
        shared.peers.install(old, nil)
        shared.peers.install(host, plan)
        shared.watch.moved(old, to: host)
    }

    /// What an operation of its disk takes at most; nil: no time passes.
    func setDiskPace(_ limit: Duration?) { pace.set(limit) }

    public var clockAhead: Duration {
        get { clock.ahead }
        set {
            clock.ahead = newValue
            state.withLock { $0.life?.node }?.setWallSkew(newValue)
        }
    }

    public var isRunning: Bool { state.withLock { $0.life != nil } }
    public var incarnation: Int { state.withLock { $0.incarnation } }
    public var lastFault: FaultOperation? { state.withLock { $0.lastFault } }
    /// nil while the BE is down.
    public var engine: StorageEngine? { state.withLock { $0.life?.engine } }
    /// nil while the BE is down.
    public var cooldown: CooldownService? { state.withLock { $0.life?.cooldown } }
    /// nil while the BE is down.
    public var clones: CloneService? { state.withLock { $0.life?.agent.clones } }
    /// nil while the BE is down.
    public var node: BackendNode? { state.withLock { $0.life?.backend } }
    /// The FE's last tablet report of it before its last start; nil: there was none that this FE knows of.
    var reportBeforeStart: Int64? { state.withLock { $0.reportBeforeStart } }
    /// Its meta store can't be trusted, or holds a change that its tablets lack: somebody has to restart it. With a disk that
    /// only fails it lives on, and uses it again when it can.
    public var mustExit: Bool { engine?.dataDirs.contains(where: \.needsRestart) ?? false }

    public func start() throws {
        state.withLock { $0.incarnation += 1 }
        let node = shared.scheduler.makeNode(name)
        node.setWallSkew(clock.ahead)
        do {
            let life = try wire(node)
            let reported = shared.frontends.leading?.lastTabletReport(of: host, uuid: life.engine.backendUUID)
            state.withLock { state in
                state.life = life
                state.reportBeforeStart = reported
            }
            shared.watch.cameUp(heartbeatAddress.host)
            shared.network.listen(backend: agentAddress, life.backend.backendHandler)
            shared.network.listen(heartbeat: heartbeatAddress, life.backend.heartbeatHandler)
            shared.peers.listen(
                heartbeatAddress.host,
                PeerDirectory.Server(snapshots: life.agent.snapshots) { [weak backend = life.backend] token in
                    backend?.accepts(token: token)
                })
            life.backend.start()
            try life.engine.loadAllTablets()
        } catch {
            node.kill()
            // A machine that went down is not a daemon that refuses to start.
            let wentDown = plan.hasCrashed
            crash(.everything)
            throw wentDown ? CrashedError(operation: "start of \(name)") : error
        }
    }

    private func wire(_ node: SimulatedNode) throws -> Life {
        let random = random(shared.random)
        let logger = shared.log.logger(name, level: shared.settings.logLevel)
        let environment = EngineEnvironment(
            fileSystem: SlowFileSystem(FaultyFileSystem(machine.fileSystem, plan: plan), pause: pace.pause),
            keyValueStores: FaultyKeyValueStoreOpener(machine.keyValueStores, plan: plan),
            compressor: NoCompression(), fetcher: fetcher, time: node, random: random, logger: logger)
        let engine = try StorageEngine.open(
            try installedDataDirs(), options: shared.settings.engine, environment: environment)
        let stores = shared.objects.provider(for: name, plan: plan) { [weak engine] id in
            engine?.allTablets.first { $0.id == id }?.header
        }
        let cooldown = CooldownService(engine: engine, stores: stores, settings: shared.settings.cooldown)
        let clones = CloneService(
            engine: engine,
            peers: GuardedPeerConnector(
                base: shared.network.peerConnector(from: name), caller: plan, peers: shared.peers))
        let agent = NodeEngine(
            storage: engine, cooldown: cooldown, snapshots: SnapshotService(engine: engine), clones: clones,
            backups: BackupService(engine: engine, stores: stores))
        let backend = BackendNode(
            options: shared.settings.backend,
            identity: BackendIdentity(
                host: heartbeatAddress.host, bePort: agentAddress.port, httpPort: Self.httpPort,
                version: "tabletd-simulation",
                startTime: node.wallNow, uuid: engine.backendUUID),
            engine: agent,
            connector: GuardedMasterConnector(
                base: shared.network.masterConnector(from: name), caller: plan, peers: shared.peers),
            scheduler: node, random: random, logger: logger, metrics: MetricsRegistry())
        clones.useToken { [weak backend] in backend?.clusterToken }
        return Life(node: node, backend: backend, engine: engine, cooldown: cooldown, agent: agent)
    }

    /// Folders that whoever set the machine up has made.
    private func installedDataDirs() throws -> [DataDirSpec] {
        try (1...max(1, shared.settings.dataDirsPerBackend)).map { number in
            let path = Self.dataDir(number)
            // Nobody could make them on a disk in trouble, and they are there.
            if !machine.fileSystem.isInTrouble {
                try machine.fileSystem.createDirectory(path)
                try machine.fileSystem.syncDirectory("/")
            }
            return DataDirSpec(path: path)
        }
    }

    public func crash(_ loss: CrashLoss) {
        let fault = plan.touchedOperation
        let life = state.withLock { state in
            state.lastFault = fault
            return state.life.take()
        }
        life?.node.kill()
        shared.peers.listen(heartbeatAddress.host, nil)
        shared.network.listen(heartbeat: heartbeatAddress, nil)
        shared.network.listen(backend: agentAddress, nil)
        machine.crash(loss)
        plan.restart()
    }
}
