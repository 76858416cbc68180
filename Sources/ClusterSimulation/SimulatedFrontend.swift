internal import ClusterMetadata
public import ClusterTestKit
internal import HTTPAPI
internal import Logging
public import MasterCore
internal import Platform
internal import Synchronization
public import TabletModel

/// An FE of a simulated cluster: the same parts as in the daemon, over a memory machine and direct calls. The only one, with a
/// journal of its own; or one of several, over the log that they share.
public final class SimulatedFrontend: SimulatedProcess {
    /// Of the only FE, or the first.
    public static let rpcAddress = NetworkAddress(host: "10.0.0.100", port: 9020)
    static let httpPort: Int32 = 8030
    static let folder = "/fe/image"

    /// One life of it.
    struct Life {
        let store: MetadataStore
        let running: RunningMaster
        let files: PeerFiles
        /// nil: there is no other FE.
        let election: SimulatedElection?
        let late: LateElection
    }

    private struct State {
        var node: SimulatedNode?
        /// nil while it is down, or waits for the log.
        var life: Life?
        var incarnation = 0
        var lastFault: FaultOperation?
    }

    public let name: String
    public let address: NetworkAddress
    public let machine: MemoryMachine
    public let plan: FaultPlan
    let shared: SharedParts
    private let clock: SimulatedClock
    private let state = Mutex(State())
    /// Of its machine.
    private let drift: Int64

    init(number: Int = 1, shared: SharedParts) {
        let isAlone = shared.replicated == nil
        name = isAlone ? "fe" : "fe\(number)"
        address = NetworkAddress(host: "10.0.0.\(99 + number)", port: Self.rpcAddress.port)
        clock = SimulatedClock(shared.scheduler)
        machine = MemoryMachine(time: clock)
        plan = shared.makeFaultPlan()
        drift = isAlone ? 0 : shared.settings.drift(shared.random.fork("drift of \(name)"))
        self.shared = shared
        shared.peers.install(address.host, plan)
    }

    var life: Life? { state.withLock { $0.life } }
    var node: SimulatedNode? { state.withLock { $0.node } }
    public var host: String { address.host }
    var httpAddress: NetworkAddress { NetworkAddress(host: address.host, port: Self.httpPort) }

    public var isRunning: Bool { node != nil }
    public var incarnation: Int { state.withLock { $0.incarnation } }
    public var lastFault: FaultOperation? { state.withLock { $0.lastFault } }
    /// nil while the FE is down or stopped, and while another one leads.
    public var master: Master? {
        let (node, life) = state.withLock { ($0.node, $0.life) }
        guard let node, let life, !node.isPaused else { return nil }
        return life.election == nil || life.late.mayAct ? life.running.acting : nil
    }
    /// Never: one whose journal can't be written lives on.
    public var mustExit: Bool { false }
    /// Metadata can't be written now.
    public var isUnwritable: Bool { life?.store.trouble != nil }
    /// Up to where it has replayed, or written; nil while it is down.
    public var lastLogID: Int64? { life?.store.lastLogID }

    public var clockAhead: Duration {
        get { clock.ahead }
        set {
            clock.ahead = newValue
            node?.setWallSkew(newValue)
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
        let node = shared.scheduler.makeNode(name, driftPermille: drift)
        node.setWallSkew(clock.ahead)
        state.withLock { $0.node = node }
        do {
            guard let log = shared.replicated else { return begin(try wire(node)) }
            try begin(over: log, node)
        } catch {
            // A machine that went down is not a daemon that refuses to start.
            let wentDown = plan.hasCrashed
            crash(.everything)
            throw wentDown ? CrashedError(operation: "start of \(name)") : error
        }
    }

    func begin(_ life: Life) {
        state.withLock { $0.life = life }
        life.running.acting?.start()
        shared.network.listen(frontend: address, life.running)
    }

    /// The only FE.
    private func wire(_ node: SimulatedNode) throws -> Life {
        let stores = FaultyKeyValueStoreOpener(machine.keyValueStores, plan: plan)
        let random = random(shared.random)
        let store = try openMetadata(
            KeyValueJournal(try ReopeningStore(stores, path: "/fe/journal")), nodeName: "fe1", random, node)
        let running = RunningMaster()
        running.acting = makeMaster(
            store, epoch: try beginEpoch(store), connector: guardedConnector(), random, scheduler: node)
        return Life(
            store: store, running: running, files: files(store), election: nil, late: LateElection(isFlawed: false))
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
        let node = state.withLock { state in
            state.lastFault = fault
            state.life = nil
            return state.node.take()
        }
        node?.kill()
        shared.network.listen(frontend: address, nil)
        shared.network.silence(address.host, false)
        machine.crash(loss)
        plan.restart()
    }
}
