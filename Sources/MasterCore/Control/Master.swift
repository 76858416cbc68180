internal import AgentTasks
internal import BackupRestore
internal import ClusterMembership
public import ClusterMetadata
internal import ColdStorage
internal import DataLoading
public import Logging
public import MasterServices
public import Platform
internal import ReplicaRepair
internal import SchemaChange
internal import Synchronization
internal import TableCatalog
internal import TabletModel
internal import TabletReports

/// The FE master: wires its parts over a metadata store and gives them to the outside: `frontend` to the rpc server,
/// itself (`MasterControl`) to the HTTP layer. Makes its own pools through the scheduler; nothing runs before `start`.
public final class Master: MasterControl {
    let environment: MasterEnvironment
    let heartbeats: HeartbeatManager
    let frontendHeartbeats: FrontendHeartbeats?
    let jobRegistry = JobRegistry()
    let dropper: TableDropper
    let creator: TableCreator
    let loadManager: LoadManager
    let cooldown: CooldownManager
    let policies: PolicyManager
    let repairs: RepairManager
    let moves: DiskMover
    let consistency: ConsistencyChecker
    let trials: StorageTrials
    let alters: AlterManager
    let reports: ReportProcessor
    let backupJobs: BackupManager
    let older: OlderMetadataKeeper
    public let frontend: MasterFrontend
    let events: BackendEvents
    private let drained: DrainedBackends
    private let keeper = Mutex<MetadataKeeper?>(nil)
    /// The epoch of this start could not be written yet.
    let isEpochOwed: Atomic<Bool>
    private let checkpoints: any WorkerPool

    /// - Parameters:
    ///   - store: opened, with the epoch begun.
    ///   - epoch: what `MetadataStore.beginEpoch` gave; nil when metadata can't be written now (`MetadataStore.trouble`): it is
    ///     begun as soon as it can, and backends hear the one of the last start until then.
    ///   - frontends: to ping them; nil: nobody does.
    public init(
        configuration: MasterConfiguration, heartbeat: HeartbeatConfiguration, store: MetadataStore, epoch: Int64?,
        connector: any BackendConnector, frontends: (any FrontendConnector)? = nil, stores: any ObjectStoreProvider,
        fileSystem: any FileSystem,
        scheduler: any Scheduler,
        random: any RandomSource, logger: Logger
    ) {
        var configuration = configuration
        configuration.firstHeartbeatWait = heartbeat.interval
        let tasks = AgentTaskQueue()
        let senders = scheduler.makePool(
            name: "task-sender", threads: configuration.taskSenderThreads, queueLimit: 10_000)
        let dispatcher = AgentTaskDispatcher(
            queue: tasks, scheduler: scheduler, random: random, pool: senders,
            batchLimit: configuration.taskBatchLimit, logger: logger,
            judge: { tasks, backend in
                store.read { state in tasks.map { state.allowsSending($0, to: backend) } }
            }
        ) { id in
            let backend = store.read { $0.isAlive(id) ? $0.backend(id) : nil }
            guard let backend, let agent = backend.agentAddress else { return nil }
            return SpokenBackendConnection(
                connector.connection(heartbeat: backend.heartbeatAddress, agent: agent), in: backend.dialect)
        }
        let pool = scheduler.makePool(name: "master", threads: 2, queueLimit: 10_000)
        let signatures =
            epoch.map { TaskSignatures(epoch: $0) }
            ?? TaskSignatures(lastEpoch: store.read { $0.epoch }, random: random)
        environment = MasterEnvironment(
            configuration: configuration, store: store, scheduler: scheduler, random: random, fileSystem: fileSystem,
            tasks: tasks, signatures: signatures, signs: LifeSigns(), dispatcher: dispatcher,
            pool: pool, logger: logger)
        checkpoints = scheduler.makePool(name: "checkpoint", threads: 1, queueLimit: 4)
        let touched = TouchedTablets()
        dropper = TableDropper(environment: environment)
        creator = TableCreator(environment: environment, jobs: jobRegistry, dropper: dropper)
        loadManager = LoadManager(environment: environment)
        cooldown = CooldownManager(environment: environment)
        policies = PolicyManager(environment: environment)
        trials = StorageTrials(environment: environment, jobs: jobRegistry)
        repairs = RepairManager(environment: environment) { [cooldown] in cooldown.add([$0]) }
        moves = DiskMover(environment: environment, repairs: repairs, jobs: jobRegistry)
        consistency = ConsistencyChecker(environment: environment)
        alters = AlterManager(environment: environment) { [loadManager, cooldown] table, new in
            loadManager.tabletsGone(from: table)
            cooldown.add(new)
        }
        backupJobs = BackupManager(
            environment: environment, jobs: jobRegistry, stores: stores,
            neighbours: Self.backupNeighbours(environment, dropper, creator, loadManager))
        let surplus = SurplusBook()
        older = OlderMetadataKeeper(
            environment: environment, surplus: surplus, loads: loadManager, cooldown: cooldown)
        reports = ReportProcessor(
            environment: environment, touched: touched,
            tablets: TabletReportActions(
                environment: environment,
                listeners: ReportListeners(
                    factsTaken: { [cooldown] in cooldown.confirm($0, from: $1) },
                    lacksPolicy: { [policies] in policies.reported($0, by: $1) },
                    knownRules: { [policies] in policies.reported($0, by: $1) },
                    needsConf: { [cooldown] in cooldown.add($0) }),
                surplus: surplus))
        frontend = MasterFrontend(
            environment: environment,
            router: FinishTaskRouter(
                environment: environment, tables: creator, loads: loadManager, cooldown: cooldown, repairs: repairs,
                moves: moves, consistency: consistency, trials: trials, alters: alters, backups: backupJobs,
                touched: touched),
            reports: reports, backups: backupJobs)
        events = BackendEvents(
            environment: environment, creator: creator, loads: loadManager, cooldown: cooldown, repairs: repairs,
            moves: moves, consistency: consistency, trials: trials, touched: touched, surplus: surplus, reports: reports
        )
        drained = DrainedBackends(environment: environment, dropped: events.dropped)
        heartbeats = HeartbeatManager(
            store: store, signs: environment.signs, connector: connector, scheduler: scheduler,
            configuration: heartbeat, logger: logger, listener: events.take)
        frontendHeartbeats = frontends.map {
            FrontendHeartbeats(
                store: store, connector: $0, scheduler: scheduler, configuration: heartbeat, logger: logger)
        }
        isEpochOwed = Atomic(epoch == nil)
    }

    /// Takes up what a restart left open, then begins to heartbeat. Call before the rpc port opens.
    public func start() {
        registerSelf()
        creator.dropUnfinished()
        backupJobs.start()
        loadManager.resume()
        policies.tellAll()
        cooldown.start()
        repairs.start()
        alters.start()
        moves.start()
        drained.start()
        scheduleCheckpoint()
        let keeper = MetadataKeeper(environment: environment) { [weak self] in
            self?.settled($0)
        } goOn: { [weak self] in
            self?.goOn()
        }
        self.keeper.withLock { $0 = keeper }
        keeper.start()
        heartbeats.start()
        frontendHeartbeats?.start()
    }

    /// No timer does anything any more; what is running ends by itself. The store stays open: close it afterwards.
    public func stop() {
        heartbeats.stop()
        frontendHeartbeats?.stop()
        cooldown.stop()
        repairs.stop()
        alters.stop()
        backupJobs.stop()
        moves.stop()
        drained.stop()
        keeper.withLock { $0 }?.stop()
    }

    /// Works by these values from now on, as far as they may change while it runs (`HeldConfiguration`).
    public func adopt(_ configuration: MasterConfiguration) { environment.adopt(configuration) }

    private func scheduleCheckpoint() {
        environment.scheduler.schedule(after: .seconds(5), on: checkpoints) { [weak self] in
            guard let self else { return }
            environment.store.checkpointIfDue(now: environment.monotonicNow, logger: environment.logger)
            scheduleCheckpoint()
        }
    }
}
