internal import Logging
internal import NodeMetrics
internal import Platform
internal import Synchronization
internal import TabletModel

/// Accepts tasks, runs them in their pools, and sees to it that the master hears of each end (`contract/behaviour.md` §2).
final class Agent: Sendable {
    private struct Stop {
        var isStopping = false
        var completion: (@Sendable () -> Void)?
    }

    private let link: MasterLink
    private let time: any TimeSource
    private let options: BackendOptions
    private let logger: Logger
    private let metrics: BackendMetrics
    private let finisher: TaskFinisher
    let registry: TaskRegistry
    /// By `TaskPoolID.rawValue`.
    let queues: [TaskQueue]
    private let stop: Mutex<Stop>

    init(
        engine: any AgentEngine, link: MasterLink, scheduler: any Scheduler, random: any RandomSource,
        options: BackendOptions, reportVersion: ReportVersion, logger: Logger, metrics: BackendMetrics,
        upkeep: any TaskUpkeep
    ) {
        self.link = link
        self.time = scheduler
        self.options = options
        self.logger = logger
        self.metrics = metrics
        let registry = TaskRegistry(limit: options.taskLimit)
        self.registry = registry
        finisher = TaskFinisher(
            link: link, registry: registry, scheduler: scheduler, random: random, options: options,
            reportVersion: reportVersion, logger: logger, metrics: metrics)
        let runner = TaskRunner(
            engine: engine, time: scheduler, options: options, finisher: finisher, registry: registry, logger: logger,
            metrics: TaskMetricsByType(metrics), upkeep: upkeep, link: link)
        let timers = scheduler.makePool(name: "task-timers", threads: 1, queueLimit: options.taskLimit)
        let quiet = QuietSignal()
        queues = TaskPoolID.allCases.map { id in
            TaskQueue(id: id, options: options, scheduler: scheduler, timers: timers, runner: runner) { quiet.fire() }
        }
        stop = Mutex(Stop())
        quiet.set { [weak self] in self?.queueWentQuiet() }
    }

    /// The tablets are loaded: tasks may run.
    func open() { for queue in queues { queue.open() } }

    func masterChanged() { finisher.masterChanged() }

    /// Task ends that the master has not acknowledged and that are being tried again.
    var unacknowledged: Int { finisher.backlogCount }

    /// Takes in nothing more, abandons what did not start (the FE sends it again when the task report of the next process
    /// lacks it), and calls `completion` once, when the last running task has ended.
    func stop(completion: @escaping @Sendable () -> Void) {
        stop.withLock { stop in
            stop.isStopping = true
            stop.completion = completion
        }
        for queue in queues { queue.stop() }
        queueWentQuiet()
    }

    private func queueWentQuiet() {
        guard queues.allSatisfy(\.isQuiet) else { return }
        let completion = stop.withLock { $0.completion.take() }
        guard let completion else { return }
        let left = finisher.stop()
        if left > 0 {
            logger.notice("stopping with task ends the master has not acknowledged", metadata: ["tasks": "\(left)"])
        }
        completion()
    }

    // MARK: Submission

    /// The answer to the whole batch: OK, or the code of the last task that was not taken or is refused, with a message
    /// for each of the first few. A refused task (unknown type, no request member) is finished with its error too, since
    /// an FE ignores this answer; one over a limit is not: it is not in the task report, so the FE sends it again.
    /// A repeated task is dropped without an error, as in Doris.
    func submit(_ tasks: [AgentTask]) -> RPCStatus {
        guard link.master != nil else {
            return RPCStatus(
                .cancelled, "this backend has not had a heartbeat yet: it could not tell anyone how the tasks end")
        }
        if stop.withLock({ $0.isStopping }) { return RPCStatus(.cancelled, "this backend is stopping") }
        var answer = BatchAnswer(messageLimit: options.refusalMessageLimit)
        let now = time.monotonicNow
        let entries = tasks.map { TaskEntry($0, acceptedAt: now) }
        for entry in entries {
            if let refusal = entry.job.refusal { answer.add(refuse(entry.task, refusal)) }
        }
        var byPool = [[TaskEntry]](repeating: [], count: queues.count)
        for (entry, admission) in zip(entries, registry.admit(entries)) {
            switch admission {
            case .admitted: byPool[entry.job.pool.rawValue].append(entry)
            case .duplicate: dropDuplicate(entry)
            case .full: answer.add(overLimit(entry, "\(options.taskLimit) tasks are known already"))
            }
        }
        for (queue, entries) in zip(queues, byPool) where !entries.isEmpty {
            let taken = queue.append(entries)
            metrics.tasksAccepted.increment(by: Int64(taken))
            for entry in entries.dropFirst(taken) {
                registry.remove(entry)
                answer.add(overLimit(entry, "\(options.queueLimit) tasks wait in pool \(queue.id.name)"))
            }
        }
        return answer.status
    }

    private func refuse(_ task: AgentTask, _ refusal: RPCStatus) -> RPCStatus {
        metrics.tasksRefused.increment()
        logger.warning(
            "task refused",
            metadata: ["type": "\(task.type)", "signature": "\(task.signature)", "reason": "\(refusal)"])
        return refusal
    }

    private func dropDuplicate(_ entry: TaskEntry) {
        metrics.tasksDuplicate.increment()
        logger.info(
            "task repeated, dropped",
            metadata: ["type": "\(entry.task.type)", "signature": "\(entry.task.signature)"])
    }

    private func overLimit(_ entry: TaskEntry, _ reason: String) -> RPCStatus {
        metrics.tasksOverLimit.increment()
        logger.warning(
            "task not taken",
            metadata: [
                "type": "\(entry.task.type)", "signature": "\(entry.task.signature)", "reason": "\(reason)",
            ])
        return RPCStatus(
            .tooManyTasks, "task \(entry.task.type) (signature \(entry.task.signature)) not taken: \(reason)")
    }
}

/// One status for a batch: the last error's code, the first few errors' messages, and how many more there were.
private struct BatchAnswer {
    let messageLimit: Int
    private var code: StatusCode = .ok
    private var messages: [String] = []
    private var count = 0

    init(messageLimit: Int) { self.messageLimit = messageLimit }

    mutating func add(_ status: RPCStatus) {
        code = status.code
        count += 1
        if messages.count < messageLimit { messages += status.messages }
    }

    var status: RPCStatus {
        guard count > messages.count else { return RPCStatus(code, messages) }
        return RPCStatus(code, messages + ["and \(count - messages.count) more"])
    }
}

/// Lets the queues reach the agent that owns them, without keeping it.
private final class QuietSignal: Sendable {
    private let action = Mutex<(@Sendable () -> Void)?>(nil)
    func set(_ action: @escaping @Sendable () -> Void) { self.action.withLock { $0 = action } }
    func fire() { action.withLock { $0 }?() }
}
