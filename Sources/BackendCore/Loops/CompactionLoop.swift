internal import Logging
internal import NodeMetrics
internal import Platform
internal import Synchronization
internal import TabletModel

/// Finds tablets that are due for a compaction, and compacts them on `max_compaction_threads` threads, a few a data dir.
final class CompactionLoop: Sendable {
    private struct State {
        var plan: CompactionPlan
        var isStopped = false
        var completion: (@Sendable () -> Void)?
    }

    private let engine: any AgentEngine
    private let scheduler: any Scheduler
    private let pool: any WorkerPool
    let workers: Int
    private let isEnabled: Bool
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
        isEnabled = options.compactsByItself
        workers = max(1, options.compactionThreads)
        pool = scheduler.makePool(name: "compaction-own", threads: workers, queueLimit: workers * 2)
        state = Mutex(
            State(
                plan: CompactionPlan(
                    runsPerDir: options.compactionRunsPerDir, failurePause: options.compactionFailurePause)))
        let loop = Loop(
            name: "compaction", scheduler: scheduler, random: random, logger: logger,
            timing: LoopTiming(
                interval: options.compactionInterval,
                retry: Backoff(base: .seconds(1), limit: options.compactionInterval))
        ) { [weak self] in self?.produce() ?? .idle }
        producer.withLock { $0 = loop }
    }

    var loop: Loop? { producer.withLock { $0 } }

    /// The tablets are loaded.
    func start() { loop?.trigger() }

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

    /// Looks even when it may not compact: the tablet report names the highest score.
    private func produce() -> LoopOutcome {
        guard engine.loadProgress.isLoaded else { return .idle }
        let due = engine.dueCompactions()
        guard isEnabled else { return .done }
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
            guard pool.submit({ [self] in compact(run) }) else {
                // The process stops; nothing runs any more.
                return finish(run, failed: false)
            }
        }
    }

    private func nextRun() -> DueCompaction? {
        state.withLock { state in
            guard !state.isStopped, state.plan.runningCount < workers else { return nil }
            return state.plan.next()
        }
    }

    private func compact(_ run: DueCompaction) {
        metrics.compactionRuns.increment()
        var failed = false
        do {
            try engine.runCompaction(run)
        } catch {
            failed = true
            metrics.compactionFailures.increment()
            logger.warning(
                "compaction failed",
                metadata: ["tablet": "\(run.tabletID)", "kind": "\(run.kind.rawValue)", "reason": "\(error)"])
        }
        finish(run, failed: failed)
        pump()
    }

    private func finish(_ run: DueCompaction, failed: Bool) {
        let now = scheduler.monotonicNow
        let completion = state.withLock { state -> (@Sendable () -> Void)? in
            state.plan.ended(run.tabletID, failed: failed, now: now)
            return state.plan.runningCount == 0 ? state.completion.take() : nil
        }
        completion?()
    }
}
