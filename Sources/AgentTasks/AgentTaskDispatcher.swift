public import Logging
public import Platform
internal import Synchronization
public import TabletModel

/// Sends queued tasks to their backends, in batches, one sender at a time per backend: a slow or broken backend holds
/// one thread of the pool and delays nobody else's tasks for longer. Any thread.
///
/// A batch that did not arrive goes out again after a backoff for as long as the backend is alive; a backend that is
/// dead gets its tasks when `kick` follows its next heartbeat.
public final class AgentTaskDispatcher: Sendable {
    /// The agent line to a backend; nil while it is dead or its ports are unknown.
    public typealias ConnectionLookup = @Sendable (BackendID) -> (any BackendConnection)?

    /// Which of the tasks may still be sent? The state may have changed while they waited, perhaps for a backend that was
    /// away.
    public typealias Judge = @Sendable ([AgentTask], BackendID) -> [Bool]

    private struct Sender {
        /// A job for this backend is queued, running or scheduled.
        var isActive = false
        /// `kick` came while it was active.
        var isKicked = false
        var retries = 0
    }

    private let queue: AgentTaskQueue
    private let scheduler: any Scheduler
    private let random: any RandomSource
    private let pool: any WorkerPool
    private let batchLimit: Int
    private let backoff: Backoff
    private let lookup: ConnectionLookup
    private let judge: Judge
    private let logger: Logger
    private let senders = Mutex<[BackendID: Sender]>([:])

    public init(
        queue: AgentTaskQueue, scheduler: any Scheduler, random: any RandomSource, pool: any WorkerPool,
        batchLimit: Int = 500, backoff: Backoff = Backoff(base: .milliseconds(200), limit: .seconds(10)),
        logger: Logger, judge: @escaping Judge = { tasks, _ in tasks.map { _ in true } },
        lookup: @escaping ConnectionLookup
    ) {
        self.queue = queue
        self.scheduler = scheduler
        self.random = random
        self.pool = pool
        self.batchLimit = batchLimit
        self.backoff = backoff
        self.logger = logger
        self.judge = judge
        self.lookup = lookup
    }

    /// Queues the task and sends it soon. False when the same task is owed already.
    @discardableResult
    public func send(_ task: AgentTask, to backend: BackendID) -> Bool {
        let isNew = queue.add(task, for: backend)
        kick(backend)
        return isNew
    }

    /// Queues tasks and sends them soon; those that are owed already stay as they are.
    public func send(_ tasks: [AgentTask], to backend: BackendID) {
        queue.add(tasks, for: backend)
        kick(backend)
    }

    /// Sends the task once, without an owner: what calls for it is reported again should it get lost.
    public func sendOnce(_ task: AgentTask, to backend: BackendID) {
        guard queue.addOnce(task, for: backend) else {
            logger.warning(
                "task not kept: too many wait for the backend",
                metadata: ["backend": "\(backend)", "type": "\(task.type)", "signature": "\(task.signature)"])
            return
        }
        kick(backend)
    }

    /// Sends what is unsent of this backend soon.
    public func kick(_ backend: BackendID) {
        // Who adds a task kicks after it.
        guard queue.hasUnsent(for: backend) else { return }
        let starts = senders.withLock { senders in
            if senders[backend]?.isActive == true {
                senders[backend]?.isKicked = true
                return false
            }
            senders[backend, default: Sender()].isActive = true
            return true
        }
        if starts { start(backend, after: .zero) }
    }

    private func start(_ backend: BackendID, after delay: Duration) {
        let job: @Sendable () -> Void = { [self] in drain(backend) }
        if delay == .zero, pool.submit(job) { return }
        scheduler.schedule(after: delay, on: pool, job)
    }

    private func drain(_ backend: BackendID) {
        senders.withLock { $0[backend]?.isKicked = false }
        while queue.hasUnsent(for: backend), let connection = lookup(backend) {
            let batch = queue.takeUnsent(for: backend, limit: batchLimit, now: scheduler.monotonicNow)
            if batch.isEmpty { break }
            let allowed = withoutObjections(batch, backend)
            if allowed.isEmpty { continue }
            guard submit(allowed, to: backend, over: connection) else {
                retryLater(backend)
                return
            }
        }
        finish(backend)
    }

    /// What may not be sent any more is given up: its owner makes it again when it is wanted.
    private func withoutObjections(_ batch: [AgentTask], _ backend: BackendID) -> [AgentTask] {
        var allowed: [AgentTask] = []
        for (task, isAllowed) in zip(batch, judge(batch, backend)) {
            if isAllowed {
                allowed.append(task)
                continue
            }
            let key = AgentTaskQueue.Key(type: task.type, signature: task.signature)
            // One without an owner is gone already; another of the same key stays.
            if queue.task(key, of: backend) == task { queue.remove(key, of: backend) }
        }
        guard allowed.count < batch.count else { return batch }
        logger.warning(
            "tasks were not sent: what they were for has changed, or the metadata are older than the backends",
            metadata: ["backend": "\(backend)", "tasks": "\(batch.count - allowed.count)"])
        return allowed
    }

    /// Did the backend take the batch?
    private func submit(_ batch: [AgentTask], to backend: BackendID, over connection: any BackendConnection) -> Bool {
        do {
            let status = try connection.submitTasks(batch)
            if status.isOK { return true }
            logger.warning(
                "backend refused tasks",
                metadata: ["backend": "\(backend)", "tasks": "\(batch.count)", "status": "\(status)"])
            // CANCELLED: the backend knows no master yet and queued nothing. Anything else is about single tasks: the
            // others were queued, and the refused one comes back through the task report until its owner gives it up.
            guard status.code == .cancelled else { return true }
        } catch {
            logger.warning(
                "tasks were not delivered",
                metadata: ["backend": "\(backend)", "tasks": "\(batch.count)", "error": "\(error)"])
        }
        queue.returnUnsent(batch, for: backend)
        return false
    }

    private func retryLater(_ backend: BackendID) {
        let retry = senders.withLock { senders -> Int in
            let retry = senders[backend]?.retries ?? 0
            senders[backend]?.retries = retry + 1
            return retry
        }
        start(backend, after: max(.milliseconds(50), backoff.delay(retry: retry, random: AnyRandom(random))))
    }

    private func finish(_ backend: BackendID) {
        let again = senders.withLock { senders -> Bool in
            guard var sender = senders[backend] else { return false }
            sender.retries = 0
            sender.isActive = sender.isKicked
            senders[backend] = sender.isActive ? sender : nil
            return sender.isActive
        }
        if again { start(backend, after: .zero) }
    }
}

/// Lets an existential random source stand where a generic one is asked for.
private struct AnyRandom: RandomSource {
    let source: any RandomSource
    init(_ source: any RandomSource) { self.source = source }
    func next() -> UInt64 { source.next() }
}
