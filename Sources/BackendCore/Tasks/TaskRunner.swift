internal import Logging
internal import NodeMetrics
internal import Platform
internal import TabletModel

/// Runs one accepted task on a worker's thread, and hands its end to the finisher.
final class TaskRunner: Sendable {
    private let engine: any AgentEngine
    private let time: any TimeSource
    private let options: BackendOptions
    private let finisher: TaskFinisher
    private let registry: TaskRegistry
    private let logger: Logger
    private let metrics: TaskMetricsByType
    private let upkeep: any TaskUpkeep
    private let link: MasterLink

    init(
        engine: any AgentEngine, time: any TimeSource, options: BackendOptions, finisher: TaskFinisher,
        registry: TaskRegistry, logger: Logger, metrics: TaskMetricsByType, upkeep: any TaskUpkeep, link: MasterLink
    ) {
        self.engine = engine
        self.time = time
        self.options = options
        self.finisher = finisher
        self.registry = registry
        self.logger = logger
        self.metrics = metrics
        self.upkeep = upkeep
        self.link = link
    }

    /// nil when the task ended; else how long to wait before it runs again.
    func run(_ entry: TaskEntry) -> Duration? {
        entry.phase = .running
        let began = time.monotonicNow
        let outcome = outcome(entry, began)
        let metrics = metrics[entry.task.type]
        metrics.seconds.observe(Double((time.monotonicNow - began).wholeNanoseconds) / 1e9)
        switch outcome {
        case .again(let pause):
            entry.phase = .pausing
            return pause
        case .finished(let result):
            metrics.runs.total.increment()
            if !result.status.isOK { metrics.runs.failed.increment() }
            log(entry, result)
            finisher.finish(entry, result)
            return nil
        }
    }

    /// Runs creations together: they share what is written. Each ends by itself.
    func runCreations(_ entries: [TaskEntry]) {
        for entry in entries {
            entry.phase = .running
            _ = entry.beginRun()
        }
        let began = time.monotonicNow
        let outcomes = TaskHandlers.create(entries.compactMap(\.job.creation), engine)
        let seconds = Double((time.monotonicNow - began).wholeNanoseconds) / 1e9 / Double(entries.count)
        var done = 0
        var results: [(entry: TaskEntry, result: TaskResult)] = []
        for (entry, outcome) in zip(entries, outcomes) {
            guard case .finished(let result) = outcome else { preconditionFailure("a creation ends when it ran") }
            let metrics = metrics[entry.task.type]
            metrics.seconds.observe(seconds)
            metrics.runs.total.increment()
            if result.status.isOK {
                done += 1
            } else {
                metrics.runs.failed.increment()
                log(entry, result)
            }
            results.append((entry, result))
        }
        logger.info("tasks done", metadata: ["type": "\(entries[0].task.type)", "count": "\(done)"])
        finisher.finish(results)
    }

    /// The backend stops before the task could run (again): the FE sends it anew when it misses it in a task report.
    func abandon(_ entry: TaskEntry) {
        registry.remove(entry)
        logger.info("task abandoned: the backend stops", metadata: entry.task.logMetadata)
    }

    private func outcome(_ entry: TaskEntry, _ now: MonotonicTime) -> TaskOutcome {
        let context = TaskContext(
            engine: engine, options: options, age: now - entry.acceptedAt, earlierRuns: entry.beginRun(),
            upkeep: upkeep, link: link)
        do {
            return try entry.job.run(context)
        } catch {
            return .finished(.failed(TaskError(error).status))
        }
    }

    private func log(_ entry: TaskEntry, _ result: TaskResult) {
        if result.status.isOK {
            logger.info("task done", metadata: entry.task.logMetadata)
        } else {
            logger.warning(
                "task failed",
                metadata: entry.task.logMetadata.merging(["status": "\(result.status)"]) { old, _ in old })
        }
    }
}
