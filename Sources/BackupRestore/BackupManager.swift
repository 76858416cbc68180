internal import AgentTasks
public import ClusterMetadata
public import HTTPAPI
internal import Logging
public import MasterServices
public import Platform
internal import Synchronization
public import TabletModel

/// What the room needs of others.
public struct BackupNeighbours: Sendable {
    /// Plans a table like that of a backup, hidden under a name: places its replicas.
    public var plan:
        @Sendable (BackupContents, RestoreTarget, ClusterState, inout IDAllocator) throws -> (Table, [TabletPlacement])
    /// Drops a table that was never seen.
    public var drop: @Sendable (TableID) throws -> Void
    /// A table gave way to a restored one: its replicas go from the backends, and its loads end.
    public var dropped: @Sendable (TableID, TableReplicas) -> Void

    public init(
        plan:
            @escaping @Sendable (BackupContents, RestoreTarget, ClusterState, inout IDAllocator) throws -> (
                Table, [TabletPlacement]
            ),
        drop: @escaping @Sendable (TableID) throws -> Void,
        dropped: @escaping @Sendable (TableID, TableReplicas) -> Void
    ) {
        self.plan = plan
        self.drop = drop
        self.dropped = dropped
    }
}

/// What a restore makes.
public struct RestoreTarget: Hashable, Sendable {
    public var database: Database
    public var table: String
    public var hiddenName: String
    public var replicas: Int
}

/// Runs backups and restores: snapshot, upload, meta file; create, snapshot, download, move, commit. A phase is journaled
/// before its first task goes out, so that a restart of the FE takes it up; see `docs/backup.md`. Any thread.
public final class BackupManager: Sendable {
    static let runningLimit = 100
    static let rememberedJobs = 100
    private static let round: Duration = .seconds(1)

    struct State {
        var runs: [Int64: BackupRun] = [:]
        var isStopped = false
        var isTicking = false
    }

    let environment: MasterEnvironment
    let jobs: JobRegistry
    let stores: any ObjectStoreProvider
    let neighbours: BackupNeighbours
    /// Waits for object stores.
    let pool: any WorkerPool
    let state = Mutex(State())

    public init(
        environment: MasterEnvironment, jobs: JobRegistry, stores: any ObjectStoreProvider,
        neighbours: BackupNeighbours
    ) {
        self.environment = environment
        self.jobs = jobs
        self.stores = stores
        self.neighbours = neighbours
        pool = environment.scheduler.makePool(name: "backup", threads: 2, queueLimit: 1000)
    }

    var logger: Logger { environment.logger }
    var now: MonotonicTime { environment.monotonicNow }

    /// Takes up what ran when the FE ended. What a restore made and no job knows any more goes.
    public func start() {
        let (open, hidden) = environment.store.read { state in
            (
                state.backupJobs.filter { !$0.phase.isEnded },
                state.tables.filter { $0.state == .restoring }.map(\.id)
            )
        }
        for job in open { takeUp(job, restarted: true) }
        for table in hidden where !open.contains(where: { $0.tableID == table }) {
            do {
                try neighbours.drop(table)
            } catch {
                logger.error(
                    "what a restore left was not dropped, the next start does it",
                    metadata: ["table_id": "\(table)", "error": "\(error)"])
            }
        }
    }

    public func stop() { state.withLock { $0.isStopped = true } }

    func add(_ run: BackupRun) {
        jobs.add(JobView(run))
        let starts = state.withLock { state in
            state.runs[run.job.id] = run
            defer { state.isTicking = true }
            return !state.isTicking
        }
        if starts { scheduleRound() }
    }

    private func scheduleRound() {
        environment.after(Self.round) { [weak self] in
            guard let self, !state.withLock({ $0.isStopped }) else { return }
            roundOnce()
            let goesOn = state.withLock { state in
                state.isTicking = !state.runs.isEmpty
                return state.isTicking
            }
            if goesOn { scheduleRound() }
        }
    }

    /// Looks after every run: what is due, who is away, what could not be written.
    func roundOnce() {
        let now = now
        let here = environment.store.read { state in
            Dictionary(uniqueKeysWithValues: state.backends.map { ($0.id, state.isAlive($0.id)) })
        }
        let tables = environment.store.read { state in Set(state.tables.map(\.id)) }
        for id in state.withLock({ $0.runs.keys.sorted() }) {
            let steps = with(id) { run -> (givenUp: [BackupStep], due: [BackupStep]) in
                if run.end == nil, !tables.contains(run.job.tableID), run.job.phase != .saving {
                    run.end = (.failed, "the table is not there any more")
                }
                let givenUp = run.watch(now: now, isKnown: { here[$0] != nil }, isHere: { here[$0] ?? false })
                return (givenUp, run.takeRetries(now: now) { self.environment.signatures.next() })
            }
            forget(steps?.givenUp ?? [])
            for step in steps?.due ?? [] { environment.dispatcher.send(step.task, to: step.backend) }
            proceed(id)
            // Once a round: to count what is done takes a look at every step.
            if let view = state.withLock({ $0.runs[id].map { JobView($0) } }) { jobs.update(id) { $0 = view } }
        }
    }

    /// Changes a run; nil when it has ended.
    func with<R>(_ id: Int64, _ body: (inout BackupRun) -> R) -> R? {
        state.withLock { state in
            guard state.runs[id] != nil else { return nil }
            return body(&state.runs[id]!)
        }
    }

    // MARK: What comes back

    /// The end of a task of one of the types that jobs send. False: of none that runs.
    @discardableResult
    public func ended(_ request: FinishTaskRequest, _ task: AgentTask, on backend: BackendID) -> Bool {
        let key = StepKey(backend: backend, task: .init(type: task.type, signature: task.signature))
        let found = state.withLock { state in state.runs.first { $0.value.steps[key] != nil }?.key }
        guard let id = found else { return false }
        let now = now
        _ = with(id) { run in
            if request.status.isOK {
                run.succeeded(key, request)
            } else {
                run.failed(key, request.status, now: now)
            }
        }
        proceed(id)
        return true
    }

    /// Nothing is backed up or restored: no task is waited for.
    public var isIdle: Bool { state.withLock { $0.runs.isEmpty } }

    public func isWaiting(for task: AgentTask, on backend: BackendID) -> Bool {
        let key = StepKey(backend: backend, task: .init(type: task.type, signature: task.signature))
        return state.withLock { state in state.runs.contains { $0.value.steps[key] != nil } }
    }

    /// The answer to an upload's or download's progress.
    public func progress(_ report: LoaderProgress) -> RPCStatus {
        guard with(report.jobID, { $0.progress(report) }) == true else {
            return RPCStatus(.cancelled, "task \(report.taskID) of job \(report.jobID) is not wanted any more")
        }
        return .ok
    }

    // MARK: Asking

    /// - Throws: `MasterError` for a job that is not there or has ended.
    public func cancel(_ id: Int64) throws -> BackupJobView {
        guard with(id, { $0.end = $0.end ?? (.cancelled, "cancelled") }) != nil else {
            guard let job = environment.store.read({ $0.backupJob(id) }) else {
                throw MasterError(.notFound, "there is no backup or restore \(id)", nextStep: "list tabletctl backups")
            }
            throw MasterError(
                .conflict, "\(job.kind) \(id) is \(job.phase)\(job.phase.isEnded ? " already" : "")",
                nextStep: job.phase.isEnded ? "there is nothing to cancel" : "try again when it has begun")
        }
        proceed(id)
        return try view(id)
    }
}
