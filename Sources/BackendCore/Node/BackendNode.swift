public import Logging
public import NodeMetrics
public import Platform
internal import StorageEngine
internal import Synchronization
internal import TabletModel

/// A backend: what an executable or a simulation wires and starts. Its handlers may be served before `start`.
///
/// The engine is loaded by its owner, before or after `start`: heartbeats are answered meanwhile; tasks are accepted and
/// wait.
public final class BackendNode: Sendable {
    public let heartbeatHandler: any HeartbeatHandler
    public let backendHandler: any BackendHandler

    private let engine: any AgentEngine
    private let link: MasterLink
    let heartbeats: HeartbeatService
    private let agent: Agent
    let cooldown: MaintenanceScheduler<DueCooldown>
    private let compaction: MaintenanceScheduler<DueCompaction>
    let compactsByItself: CompactionSwitch
    private let sources: ReportSources
    let reports: ReportLoops
    let upkeep: UpkeepLoops
    private let loadWatch: Loop
    let time: any TimeSource
    private let reportVersion: ReportVersion
    private let logger: Logger
    let isStopping = Atomic(false)

    public init(
        options: BackendOptions, identity: BackendIdentity, engine: any AgentEngine, connector: any MasterConnector,
        scheduler: any Scheduler, random: any RandomSource, logger: Logger, metrics registry: MetricsRegistry
    ) {
        let metrics = BackendMetrics(registry)
        let link = MasterLink()
        let events = NodeEvents()
        let reportVersion = ReportVersion(startedAt: scheduler.wallNow)
        let cooldown = MaintenanceScheduler(
            .cooldown(engine, link, options, logger, metrics), engine: engine, scheduler: scheduler, random: random,
            logger: logger)
        let compactsByItself = CompactionSwitch(options.compactsByItself)
        let compaction = MaintenanceScheduler(
            .compaction(engine, options, compactsByItself, logger, metrics), engine: engine, scheduler: scheduler,
            random: random,
            logger: logger)
        let agent = Agent(
            engine: engine, link: link, scheduler: scheduler, random: random, options: options,
            reportVersion: reportVersion, logger: logger, metrics: metrics,
            upkeep: NodeUpkeep(cooldown: cooldown, events: events))
        let sources = ReportSources(
            engine: engine, link: link, registry: agent.registry, reportVersion: reportVersion,
            identity: identity, options: options, logger: logger, metrics: metrics)
        let reports = ReportLoops(
            sources: sources, scheduler: scheduler, random: random, options: options, logger: logger)
        let upkeep = UpkeepLoops(
            engine: engine, link: link, scheduler: scheduler, random: random, options: options, logger: logger,
            position: { events.heardPosition() }, onBadDisk: { events.badDisk() },
            onStorageRules: { events.storageRulesChanged() })
        let heartbeats = HeartbeatService(
            identity: identity, engine: engine, connector: connector, link: link, dialect: options.wireDialect,
            logger: logger, metrics: metrics, onNewMaster: { events.newMaster() }, onConfirmed: { cooldown.start() },
            onNewPosition: { upkeep.heardPosition.trigger() })

        self.engine = engine
        self.link = link
        self.heartbeats = heartbeats
        self.agent = agent
        self.cooldown = cooldown
        self.compaction = compaction
        self.compactsByItself = compactsByItself
        self.sources = sources
        self.reports = reports
        self.upkeep = upkeep
        self.time = scheduler
        self.reportVersion = reportVersion
        self.logger = logger
        heartbeatHandler = heartbeats
        let gate = CommandGate(time: scheduler, logger: logger, refused: metrics.commandsRefused) {
            heartbeats.masterHosts
        }
        backendHandler = BackendService(agent: agent, engine: engine, gate: gate, scheduler: scheduler, logger: logger)
        loadWatch = Loop(
            name: "load-watch", scheduler: scheduler, random: random, logger: logger,
            timing: LoopTiming(
                interval: options.loadPollInterval,
                retry: Backoff(base: options.loadPollInterval, limit: options.loadPollInterval))
        ) { events.lookWhetherLoaded() }
        events.node.withLock { $0 = WeakNode(node: self) }
        publishGauges(registry)
    }

    /// Tells the ports that the servers really bound, where the identity left the choice to the system (0). Call it before
    /// the heartbeat port opens.
    public func announce(bePort: Int32, httpPort: Int32) { heartbeats.announce(bePort: bePort, httpPort: httpPort) }

    /// Starts waiting for the tablets, and with them everything that needs no master. Once.
    public func start() { loadWatch.trigger() }

    /// Stops gracefully: takes in no more tasks, abandons those that have not begun (nothing is lost: the FE sends again
    /// what the next task report lacks), lets running ones end, and calls `completion` once when they have. Heartbeats are
    /// still answered, and say that this backend goes away. Then the owner stops the scheduler and closes the engine.
    public func stop(completion: @escaping @Sendable () -> Void) {
        guard isStopping.compareExchange(expected: false, desired: true, ordering: .sequentiallyConsistent).exchanged
        else { return }
        heartbeats.beginShutdown()
        loadWatch.stop()
        reports.stop()
        upkeep.stop()
        let all = Countdown(from: 3, then: completion)
        cooldown.stop { all.arrive() }
        compaction.stop { all.arrive() }
        agent.stop { all.arrive() }
    }

    /// - Parameter taskLimit: tasks to list at most, oldest first.
    public func status(taskLimit: Int = 100) -> NodeStatus {
        let state = heartbeats.state
        let identity = heartbeats.identity
        let entries = agent.registry.entries()
        let loops = reports.all + upkeep.all + [cooldown.loop, compaction.loop].compactMap { $0 }
        return NodeStatus(
            identity: identity, clusterID: state.clusterID, backendID: state.backendID, master: state.master,
            masterEpoch: state.epoch, backendHost: state.backendHost ?? identity.host,
            isConfirmed: state.isConfirmed, startup: engine.startupProgress,
            isStopping: isStopping.load(ordering: .relaxed),
            reportVersion: reportVersion.current, pools: pools(),
            loops: loops.map(\.status), disks: lastDisks, tasks: tasks(entries, limit: taskLimit),
            taskCount: entries.count, unacknowledgedTasks: agent.unacknowledged)
    }

    fileprivate func lookWhetherLoaded() -> LoopOutcome {
        guard engine.startupProgress.isLoaded else { return .done }
        logger.notice("tablets loaded", metadata: ["tablets": "\(engine.startupProgress.loadedTablets)"])
        agent.open()
        upkeep.start()
        cooldown.start()
        compaction.start()
        reports.triggerAll()
        return .idle
    }

    fileprivate func newMaster() {
        agent.masterChanged()
        reports.triggerAll()
        upkeep.masterChanged()
    }

    fileprivate func badDisk() {
        reports.disk.trigger()
        reports.tablet.trigger()
    }

    /// Runs that failed for a resource may succeed now, and the FE should hear what can be read.
    fileprivate func storageRulesChanged() {
        guard engine.startupProgress.isLoaded else { return }
        cooldown.retryAll()
        reports.disk.trigger()
        reports.tablet.trigger()
    }

    var isLoaded: Bool { engine.startupProgress.isLoaded }
    var unacknowledged: Int { agent.unacknowledged }
    var currentReportVersion: Int64 { reportVersion.current }
    /// As of the last disk report.
    var lastDisks: [DiskReport] { sources.disks.withLock { $0 } }

    func pools() -> [PoolStatus] {
        let tasks = agent.queues.map { queue in
            let depth = queue.depth
            return PoolStatus(
                name: queue.id.name, workers: queue.workers, waiting: depth.waiting, running: depth.running)
        }
        let (cooling, compacting) = (cooldown.depth, compaction.depth)
        return tasks + [
            PoolStatus(name: "cooldown", workers: cooldown.workers, waiting: cooling.waiting, running: cooling.running),
            PoolStatus(
                name: "compaction_own", workers: compaction.workers, waiting: compacting.waiting,
                running: compacting.running),
        ]
    }

    private func tasks(_ entries: [TaskEntry], limit: Int) -> [TaskStatus] {
        let now = time.monotonicNow
        let oldest = entries.sorted {
            ($0.acceptedAt, $0.task.type, $0.task.signature) < ($1.acceptedAt, $1.task.type, $1.task.signature)
        }
        return oldest.prefix(limit).map { entry in
            TaskStatus(
                type: entry.task.type, signature: entry.task.signature, phase: phase(entry),
                ageMs: (now - entry.acceptedAt).wholeMilliseconds, runs: entry.runs, finishTries: entry.finishTries)
        }
    }

    private func phase(_ entry: TaskEntry) -> TaskStatus.Phase {
        switch entry.phase {
        case .waiting: .waiting
        case .running: .running
        case .pausing: .pausing
        case .finishing: .finishing
        }
    }
}

/// What parts of a node tell the node: they are made before it, and do not keep it.
private final class NodeEvents: Sendable {
    let node = Mutex(WeakNode(node: nil))
    private var current: BackendNode? { node.withLock { $0.node } }
    func newMaster() { current?.newMaster() }
    func badDisk() { current?.badDisk() }
    func storageRulesChanged() { current?.storageRulesChanged() }
    func heardPosition() -> MetadataPosition? { current?.heartbeats.state.heardPosition }
    func lookWhetherLoaded() -> LoopOutcome { current?.lookWhetherLoaded() ?? .idle }
}

/// What finished tasks set off.
private struct NodeUpkeep: TaskUpkeep {
    let cooldown: MaintenanceScheduler<DueCooldown>
    let events: NodeEvents

    /// An accepted conf may have made this replica the uploader, or given it somebody to follow.
    func cooldownConfsApplied() { cooldown.retryAll() }
    func storageRulesChanged() { events.storageRulesChanged() }
}

private struct WeakNode: Sendable {
    weak var node: BackendNode?
}

/// Calls `then` on the last arrival.
private final class Countdown: Sendable {
    private let left: Atomic<Int>
    private let then: @Sendable () -> Void

    init(from count: Int, then: @escaping @Sendable () -> Void) {
        left = Atomic(count)
        self.then = then
    }

    func arrive() {
        if left.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue == 0 { then() }
    }
}
