internal import ClusterMetadata
public import ClusterTestKit
internal import HTTPAPI
internal import Logging
public import MasterCore
internal import MasterServices
internal import Platform
internal import Synchronization
public import TabletModel

/// The FE of a simulated cluster: the same parts as in the daemon, over a memory machine and direct calls.
public final class SimulatedFrontend: SimulatedProcess {
    public static let rpcAddress = NetworkAddress(host: "10.0.0.100", port: 9020)
    static let httpPort: Int32 = 8030
    /// So few that tables are journaled in pieces, as large ones are.
    private static let tabletsPerRecord = 3

    private struct Life {
        var node: SimulatedNode
        var master: Master
        var store: MetadataStore
    }

    private struct State {
        var life: Life?
        var incarnation = 0
        var lastFault: FaultOperation?
    }

    public let name = "fe"
    public let machine: MemoryMachine
    public let plan: FaultPlan
    private let shared: SharedParts
    private let clock: SimulatedClock
    private let state = Mutex(State())

    init(shared: SharedParts) {
        clock = SimulatedClock(shared.scheduler)
        machine = MemoryMachine(time: clock)
        plan = shared.makeFaultPlan()
        self.shared = shared
    }

    public var isRunning: Bool { state.withLock { $0.life != nil } }
    public var incarnation: Int { state.withLock { $0.incarnation } }
    public var lastFault: FaultOperation? { state.withLock { $0.lastFault } }
    /// nil while the FE is down.
    public var master: Master? { state.withLock { $0.life?.master } }
    /// Never: one whose journal can't be written lives on.
    public var mustExit: Bool { false }
    /// Metadata can't be written now.
    public var isUnwritable: Bool { state.withLock { $0.life?.store.trouble != nil } }

    public var clockAhead: Duration {
        get { clock.ahead }
        set {
            clock.ahead = newValue
            state.withLock { $0.life?.node }?.setWallSkew(newValue)
        }
    }

    /// When it took in a tablet report of a backend last, by its own clock; nil: not in this life, or it is down.
    func lastTabletReport(of host: String, uuid: BackendUUID?) -> Int64? {
        guard let master, let views = try? master.backends(),
            let view = views.first(where: { $0.uuid == uuid?.description || $0.host == host })
        else { return nil }
        return view.lastTabletReportMs == 0 ? nil : view.lastTabletReportMs
    }

    public func start() throws {
        state.withLock { $0.incarnation += 1 }
        let node = shared.scheduler.makeNode(name)
        node.setWallSkew(clock.ahead)
        do {
            let life = try wire(node)
            state.withLock { $0.life = life }
            life.master.start()
            shared.network.listen(frontend: Self.rpcAddress, life.master.frontend)
        } catch {
            node.kill()
            // A machine that went down is not a daemon that refuses to start.
            let wentDown = plan.hasCrashed
            crash(.everything)
            throw wentDown ? CrashedError(operation: "start of \(name)") : error
        }
    }

    private func wire(_ node: SimulatedNode) throws -> Life {
        let files = FaultyFileSystem(machine.fileSystem, plan: plan)
        let stores = FaultyKeyValueStoreOpener(machine.keyValueStores, plan: plan)
        let random = random(shared.random)
        let logger = shared.log.logger(name, level: shared.settings.logLevel)
        let store = try MetadataStore.open(
            folder: "/fe/image", files: files,
            journal: KeyValueJournal(try ReopeningStore(stores, path: "/fe/journal")), nodeName: "fe1",
            random: random, checkpoints: shared.settings.checkpoints, time: node, gates: DispatchGates(),
            elementsPerRecord: Self.tabletsPerRecord, logger: logger)
        var configuration = MasterConfiguration(
            host: Self.rpcAddress.host, httpPort: Self.httpPort, rpcPort: Self.rpcAddress.port,
            version: "tabletd-simulation", spoolDirectory: "/fe/spool")
        configuration.tabletsPerRecord = Self.tabletsPerRecord
        shared.settings.configureMaster(&configuration)
        let epoch = try beginEpoch(store)
        let master = Master(
            configuration: configuration,
            heartbeat: HeartbeatConfiguration(master: Self.rpcAddress, httpPort: Self.httpPort), store: store,
            epoch: epoch,
            connector: GuardedBackendConnector(
                base: shared.network.backendConnector(from: name), caller: plan, peers: shared.peers,
                watch: shared.watch, confLoss: shared.confLoss),
            stores: FaultyObjectStoreProvider(shared.objects.stores, plan: plan), fileSystem: files, scheduler: node,
            random: random, logger: logger)
        return Life(node: node, master: master, store: store)
    }

    /// As the daemon does: nil when metadata can't be written now.
    private func beginEpoch(_ store: MetadataStore) throws -> Int64? {
        do {
            return try store.beginEpoch()
        } catch is MetadataError {
            return nil
        }
    }

    public func crash(_ loss: CrashLoss) {
        let fault = plan.touchedOperation
        let life = state.withLock { state in
            state.lastFault = fault
            return state.life.take()
        }
        life?.node.kill()
        shared.network.listen(frontend: Self.rpcAddress, nil)
        machine.crash(loss)
        plan.restart()
    }
}
