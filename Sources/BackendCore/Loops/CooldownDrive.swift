internal import Logging
internal import NodeMetrics
internal import Platform
internal import Synchronization
internal import TabletModel

/// Finds due tablets every `generate_cooldown_task_interval_sec`, and cools them on `cooldown_thread_num` threads.
final class CooldownDrive: Sendable, TaskUpkeep {
    private struct State {
        var plan: CooldownPlan
        var isStopped = false
        var completion: (@Sendable () -> Void)?
    }

    private let engine: any AgentEngine
    private let scheduler: any Scheduler
    private let pool: any WorkerPool
    let workers: Int
    private let logger: Logger
    private let metrics: BackendMetrics
    private let state: Mutex<State>
    private let producer = Mutex<Loop?>(nil)

    init(
        engine: any AgentEngine, scheduler: any Scheduler, random: any RandomSource, options: BackendOptions,
        logger: Logger, metrics: BackendMetrics
    ) {
        self.engine = engine
        self.scheduler = scheduler
        self.logger = logger
        self.metrics = metrics
        workers = max(1, options.cooldownWorkers)
        pool = scheduler.makePool(name: "cooldown", threads: workers, queueLimit: workers * 2)
        state = Mutex(
            State(
                plan: CooldownPlan(runsPerDir: options.cooldownRunsPerDir, failurePause: options.cooldownFailurePause)))
        let loop = Loop(
            name: "cooldown-producer", scheduler: scheduler, random: random, logger: logger,
            timing: LoopTiming(
                interval: options.cooldownInterval, retry: Backoff(base: .seconds(1), limit: options.cooldownInterval))
        ) { [weak self] in self?.produce() ?? .idle }
        producer.withLock { $0 = loop }
    }

    var loop: Loop? { producer.withLock { $0 } }

    /// The tablets are loaded.
    func start() { loop?.trigger() }

    /// An accepted conf may have made this replica the uploader, or given it somebody to follow.
    func cooldownConfsApplied() {
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
        guard engine.loadProgress.isLoaded else { return .idle }
        let due = engine.dueCooldowns()
        let now = scheduler.monotonicNow
        state.withLock { state in
            if !state.isStopped { state.plan.offer(due, now: now) }
        }
        pump()
        return .done
    }

    /// Starts as many runs as workers and limits allow.
    private func pump() {
        while let run = nextRun() {
            guard pool.submit({ [self] in cool(run) }) else {
                // The process stops; nothing runs any more.
                return finish(run, failed: false)
            }
        }
    }

    private func nextRun() -> DueCooldown? {
        state.withLock { state in
            guard !state.isStopped, state.plan.runningCount < workers else { return nil }
            return state.plan.next()
        }
    }

    private func cool(_ run: DueCooldown) {
        metrics.cooldownRuns.increment()
        var failed = false
        do {
            try engine.runCooldown(run.tabletID)
        } catch {
            failed = true
            metrics.cooldownFailures.increment()
            logger.warning("cooldown failed", metadata: ["tablet": "\(run.tabletID)", "reason": "\(error)"])
        }
        finish(run, failed: failed)
        pump()
    }

    private func finish(_ run: DueCooldown, failed: Bool) {
        let now = scheduler.monotonicNow
        let completion = state.withLock { state -> (@Sendable () -> Void)? in
            state.plan.ended(run.tabletID, failed: failed, now: now)
            return state.plan.runningCount == 0 ? state.completion.take() : nil
        }
        completion?()
    }
}
