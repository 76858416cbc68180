internal import Logging
internal import Platform
internal import StorageEngine
internal import Synchronization
internal import TabletModel

/// Asks now and then which tablets are due for a kind of work, and does it on threads of its own, as `MaintenancePlan` allows.
final class MaintenanceScheduler<Due: DueMaintenance>: Sendable {
    /// What it does, and how much of it.
    struct Work: Sendable {
        /// Of the loop that asks.
        var loopName: String
        var poolName: String
        var workers: Int
        var interval: Duration
        var runsPerDir: Int
        /// The longest pause of a tablet whose runs fail; the first one is `interval`.
        var failurePause: Duration
        /// Called only once the tablets are loaded; nil: nothing is to be done.
        var due: @Sendable () -> [Due]?
        /// One run, on a worker. What it throws makes the plan leave the tablet alone for a while.
        var run: @Sendable (Due) throws -> Void
    }

    private struct State {
        var plan: MaintenancePlan<Due>
        var isStopped = false
        var completion: (@Sendable () -> Void)?
    }

    private let work: Work
    private let isLoaded: @Sendable () -> Bool
    private let scheduler: any Scheduler
    private let pool: any WorkerPool
    let workers: Int
    private let state: Mutex<State>
    private let producer = Mutex<Loop?>(nil)

    init(
        _ work: Work, engine: any AgentEngine, scheduler: any Scheduler, random: any RandomSource, logger: Logger
    ) {
        self.work = work
        self.scheduler = scheduler
        isLoaded = { engine.startupProgress.isLoaded }
        workers = max(1, work.workers)
        pool = scheduler.makePool(name: work.poolName, threads: workers, queueLimit: workers * 2)
        let pause = Backoff(base: min(work.interval, work.failurePause), limit: work.failurePause)
        state = Mutex(State(plan: MaintenancePlan(runsPerDir: work.runsPerDir, pause: pause)))
        let loop = Loop(
            name: work.loopName, scheduler: scheduler, random: random, logger: logger,
            timing: LoopTiming(interval: work.interval, retry: Backoff(base: .seconds(1), limit: work.interval))
        ) { [weak self] in self?.produce() ?? .idle }
        producer.withLock { $0 = loop }
    }

    var loop: Loop? { producer.withLock { $0 } }

    /// The tablets are loaded.
    func start() { loop?.trigger() }

    /// Tablets that failed are tried again, at once.
    func retryAll() {
        state.withLock { $0.plan.forgetFailures() }
        loop?.trigger()
    }

    /// `completion` is called once no run is left.
    func stop(completion: @escaping @Sendable () -> Void) {
        loop?.stop()
        let isQuiet = state.withLock { state in
            state.isStopped = true
            state.plan.clear()
            if state.plan.runningCount > 0 { state.completion = completion }
            return state.plan.runningCount == 0
        }
        if isQuiet { completion() }
    }

    var depth: (waiting: Int, running: Int) { state.withLock { ($0.plan.dueCount, $0.plan.runningCount) } }

    private func produce() -> LoopOutcome {
        guard isLoaded() else { return .idle }
        guard let due = work.due() else { return .done }
        let now = scheduler.monotonicNow
        state.withLock { state in
            if !state.isStopped { state.plan.offer(due, now: now) }
        }
        pump()
        return .done
    }

    /// Starts as many runs as workers and limits allow.
    private func pump() {
        while let due = nextRun() {
            guard pool.submit({ [self] in run(due) }) else {
                // The process stops; nothing runs any more.
                return finish(due, failed: false)
            }
        }
    }

    private func nextRun() -> Due? {
        state.withLock { state in
            guard !state.isStopped, state.plan.runningCount < workers else { return nil }
            return state.plan.next()
        }
    }

    private func run(_ due: Due) {
        var failed = false
        do {
            try work.run(due)
        } catch {
            // `work.run` has counted and logged it.
            failed = true
        }
        finish(due, failed: failed)
        pump()
    }

    private func finish(_ due: Due, failed: Bool) {
        let now = scheduler.monotonicNow
        let completion = state.withLock { state -> (@Sendable () -> Void)? in
            state.plan.ended(due.tabletID, failed: failed, now: now)
            return state.plan.runningCount == 0 ? state.completion.take() : nil
        }
        completion?()
    }
}
