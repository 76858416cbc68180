internal import ClusterMetadata
public import MasterServices
internal import Platform
internal import Synchronization
public import TabletModel

/// Sees to it that every tablet has as many whole replicas as its table wants: finds tablets in need (`+Check`), decides and
/// acts (`+Schedule`), takes in how clones ended (`+Clone`), and tells what it does (`+Views`). The shell around
/// `TabletHealth`, `RepairPlanner` and `TabletScheduler`. Any thread; its own work runs on one of its own.
public final class RepairManager: Sendable {
    struct State {
        var isStopped = false
        var scheduler: TabletScheduler
        var scan = ReplicaScan()
        var unhealthy = UnhealthyReplicas()
        /// Backends that died since the FE started.
        var deadSince: [BackendID: Since] = [:]
        /// When the FE started: nobody is known to be dead for longer.
        var started: Since
    }

    /// One moment on both clocks.
    struct Since: Hashable, Sendable {
        var monotonic: MonotonicTime
        var wall: UnixTime
    }

    let environment: MasterEnvironment
    let uploaderDropped: @Sendable (TabletID) -> Void
    let pool: any WorkerPool
    private let state: Mutex<State>

    /// - Parameter uploaderDropped: told of each tablet whose uploader was a surplus replica.
    public init(environment: MasterEnvironment, uploaderDropped: @escaping @Sendable (TabletID) -> Void) {
        self.environment = environment
        self.uploaderDropped = uploaderDropped
        pool = environment.scheduler.makePool(name: "repair", threads: 1, queueLimit: 1000)
        let now = Since(monotonic: environment.monotonicNow, wall: environment.wallNow)
        state = Mutex(State(scheduler: TabletScheduler(environment.configuration.repair), started: now))
    }

    var configuration: RepairConfiguration { environment.configuration.repair }
    var now: Since { Since(monotonic: environment.monotonicNow, wall: environment.wallNow) }

    /// Short: no I/O, log or call of another part inside.
    func with<R: Sendable>(_ body: (inout State) -> R) -> R { state.withLock { body(&$0) } }

    public func start() {
        let now = now
        with { $0.started = now }
        scheduleCheck()
        scheduleTick()
        // Backends that do not come back with this FE are dead for good once the grace is over.
        after(configuration.deadBackendGrace) { $0.requestScan() }
    }

    public func stop() { with { $0.isStopped = true } }

    /// Runs on the manager's own thread unless it was stopped meanwhile.
    func after(_ delay: Duration, _ job: @escaping @Sendable (RepairManager) -> Void) {
        environment.scheduler.schedule(after: delay, on: pool) { [weak self] in
            guard let self, !with({ $0.isStopped }) else { return }
            job(self)
        }
    }

    private func scheduleCheck() {
        after(configuration.checkInterval) { manager in
            manager.requestScan()
            manager.scheduleCheck()
        }
    }

    private func scheduleTick() {
        after(configuration.scheduleInterval) { manager in
            manager.tick()
            manager.scheduleTick()
        }
    }

    // MARK: Backends

    public func backendDied(_ backend: BackendID) {
        let now = now
        with { $0.deadSince[backend] = now }
        giveUpClones(to: backend, "backend \(backend) died")
        after(configuration.deadBackendGrace) { $0.requestScan() }
    }

    public func backendIsAlive(_ backend: BackendID) {
        let now = now
        with { state in
            state.deadSince[backend] = nil
            state.scheduler.wake(now: now.monotonic)
        }
        requestScan()
    }

    public func backendIsHeard() {
        let now = now
        with { $0.scheduler.wake(now: now.monotonic) }
        requestScan()
    }

    public func backendDropped(_ backend: BackendID) {
        with { $0.deadSince[backend] = nil }
        giveUpClones(to: backend, "backend \(backend) was dropped")
        requestScan()
    }

    /// It is to be drained, or no longer.
    public func decommissionChanged() {
        let now = now
        with { $0.scheduler.wake(now: now.monotonic) }
        requestScan()
    }

    /// The backends as they are now.
    func facts(_ state: ClusterState) -> RepairFacts {
        let now = environment.monotonicNow
        let (started, deadSince) = with { ($0.started, $0.deadSince) }
        return RepairFacts(
            state, grace: configuration.deadBackendGrace,
            deadFor: { now - (deadSince[$0]?.monotonic ?? started.monotonic) }, now: now)
    }
}
