internal import Logging
internal import NodeMetrics
internal import Platform
internal import Synchronization
internal import TabletModel

/// Tells the master how tasks ended, until it acknowledged each or another master took over.
///
/// The worker that ran a task sends its end itself. When the master gives no usable answer, this and all further ends
/// wait in a backlog, and one job tries them again with growing pauses: workers never hang on an absent master, and its
/// return drains the backlog. Any status is an acknowledgement (CANCELLED: the FE does not know the task any more), but
/// NOT_MASTER is not, and neither is what an FE says while it starts.
///
/// An end that a living master can't take holds up no other (`FinishBacklog`), and is given up after some tries: the task
/// leaves the registry, and the master's task report shows it gone.
///
/// An end that was first tried with one master is not told to another one, which would have to guess what it means: the
/// task leaves the registry, so that the new master's task report shows it gone and it sends what it needs again. The same
/// master with a higher epoch (a restart) does hear it.
final class TaskFinisher: Sendable {
    private struct State {
        var backlog: FinishBacklog
        var isStopped = false
        /// The loop sleeps until one aside is due: what comes into the line wakes it.
        var sleepsForAside = false
    }

    /// Ends that a master is told of at a time, at most.
    private static let batch = 64

    private let link: MasterLink
    private let registry: TaskRegistry
    private let scheduler: any Scheduler
    private let random: any RandomSource
    private let pauses: Backoff
    private let reportVersion: ReportVersion
    private let logger: Logger
    private let metrics: BackendMetrics
    private let state: Mutex<State>
    /// Set once by `init`; a box only because the loop's body needs `self`.
    private let retries = Mutex<Loop?>(nil)

    init(
        link: MasterLink, registry: TaskRegistry, scheduler: any Scheduler, random: any RandomSource,
        options: BackendOptions, reportVersion: ReportVersion, logger: Logger, metrics: BackendMetrics
    ) {
        self.link = link
        self.registry = registry
        self.scheduler = scheduler
        self.random = random
        self.reportVersion = reportVersion
        self.logger = logger
        self.metrics = metrics
        pauses = Backoff(base: options.finishRetryBase, limit: options.finishRetryLimit)
        state = Mutex(State(backlog: FinishBacklog(refusalLimit: options.finishRefusalLimit)))
        let loop = Loop(
            name: "finish-task", scheduler: scheduler, random: random, logger: logger,
            timing: LoopTiming(interval: options.finishRetryLimit, retry: pauses)
        ) { [weak self] in self?.drain() ?? .idle }
        retries.withLock { $0 = loop }
    }

    /// On the worker's thread; on return the end is acknowledged, in the backlog or given up.
    func finish(_ entry: TaskEntry, _ result: TaskResult) { finish([(entry, result)]) }

    /// As `finish`, of tasks that ended together: a master of ours is told of many at a time.
    func finish(_ ended: [(entry: TaskEntry, result: TaskResult)]) {
        guard let master = link.master else {
            // Tasks are accepted after the first heartbeat only, and a master is never forgotten.
            preconditionFailure("a task ended before the first heartbeat")
        }
        let size = master.dialect == .tabletd ? Self.batch : 1
        var rest = ended[...]
        while !rest.isEmpty {
            let part = rest.prefix(size).map { entry, result in
                entry.phase = .finishing
                return PendingFinish(entry: entry, request: request(entry, result, master), master: master.address)
            }
            rest = rest.dropFirst(part.count)
            finish(part, master)
        }
    }

    private func finish(_ ends: [PendingFinish], _ master: KnownMaster) {
        if state.withLock({ $0.backlog.isDown(link.answers) }) { return ends.forEach { postpone($0) } }
        for end in ends { noteTry(end) }
        let answers =
            ends.count == 1
            ? [Result { try master.connection.finishTask(ends[0].request) }]
            : master.connection.finishTasks(ends.map(\.request))
        for (end, answer) in zip(ends, answers) { take(attempt(answer, of: end, master), of: end, master) }
        // Behind one that got no answer: whether the master heard of them is not known, and it may hear of an end twice.
        for end in ends.dropFirst(answers.count) { postpone(end) }
    }

    /// A new master, or the old one restarted, or one that speaks otherwise: the backlog is looked through at once.
    func masterChanged() {
        state.withLock { $0.backlog.beginAnew() }
        retries.withLock { $0 }?.trigger()
    }

    /// Tells no more; gives back how many ends were not acknowledged.
    func stop() -> Int {
        retries.withLock { $0 }?.stop()
        let left = state.withLock { state in
            state.isStopped = true
            return state.backlog.removeAll()
        }
        for pending in left { registry.remove(pending.entry) }
        return left.count
    }

    var backlogCount: Int { state.withLock { $0.backlog.count } }

    private func request(_ entry: TaskEntry, _ result: TaskResult, _ master: KnownMaster) -> FinishTaskRequest {
        var request = FinishTaskRequest(
            backend: master.backend, type: entry.task.type, signature: entry.task.signature, status: result.status)
        request.tablets = result.tablets
        request.requestVersion = result.requestVersion
        request.errorTabletIDs = result.errorTabletIDs
        request.succeededTablets = result.succeededTablets
        request.tabletFiles = result.tabletFiles
        request.downloadedTabletIDs = result.downloadedTabletIDs
        request.tabletChecksum = result.tabletChecksum
        request.snapshotPath = result.snapshotPath
        request.snapshotFiles = result.snapshotFiles
        request.copySizeBytes = result.copiedBytes
        request.copyTimeMs = result.copyTimeMs
        if result.sendsReportVersion {
            let bumps = result.bumpsReportVersion && result.status.isOK
            request.reportVersion = bumps ? reportVersion.bump() : reportVersion.current
        }
        return request
    }

    // MARK: One end

    private func noteTry(_ pending: PendingFinish) {
        pending.entry.countFinishTry()
        metrics.finishes.total.increment()
    }

    private func attempt(_ pending: PendingFinish, _ master: KnownMaster) -> FinishAttempt {
        noteTry(pending)
        return attempt(Result { try master.connection.finishTask(pending.request) }, of: pending, master)
    }

    private func attempt(
        _ answer: Result<RPCStatus, any Error>, of pending: PendingFinish, _ master: KnownMaster
    ) -> FinishAttempt {
        do {
            let answer = try answer.get()
            if answer.code == .notMaster { return .away(reason: "\(master.address) is not the master") }
            if answer.isOfStartingFrontend { return .away(reason: answer.description) }
            if !answer.isOK {
                logger.info("finishTask answered", metadata: metadata(pending, ["answer": "\(answer)"]))
            }
            return .acknowledged
        } catch let error as UnspeakableTask {
            return .untellable(reason: error.description)
        } catch let error as RPCError {
            if error.code == .connect { return .away(reason: error.description) }
            return .unanswered(reason: error.description, isCertain: false)
        } catch {
            // It could not be written: no master has anything to do with it.
            return .unanswered(reason: String(describing: error), isCertain: true)
        }
    }

    /// - Returns: whether the next end may be tried at once.
    @discardableResult
    private func take(_ attempt: FinishAttempt, of pending: PendingFinish, _ master: KnownMaster) -> Bool {
        switch attempt {
        case .acknowledged:
            registry.remove(pending.entry)
            let hasLine = state.withLock { state in
                state.backlog.wasAcknowledged()
                return state.backlog.hasLine
            }
            if hasLine { retries.withLock { $0 }?.trigger() }
            return true
        case .away(let reason):
            logFailure(pending, reason, master)
            postpone(pending, isAway: true)
            return false
        case .unanswered(let reason, let isCertain):
            logFailure(pending, reason, master)
            // The new one has it done again, and takes it for repeated while this end is here.
            if let now = link.master, now.address != master.address {
                abandon(pending)
                return true
            }
            return setAside(pending, reason, isCertain: isCertain)
        case .untellable(let reason):
            metrics.finishes.failed.increment()
            giveUp(pending, reason)
            return true
        }
    }

    private func postpone(_ pending: PendingFinish, isAway: Bool = false) {
        let (isStopped, wakesAtOnce) = state.withLock { state in
            if state.isStopped { return (true, false) }
            if isAway { state.backlog.isAway(pending, answers: link.answers) } else { state.backlog.append(pending) }
            defer { state.sleepsForAside = false }
            return (false, state.sleepsForAside)
        }
        if isStopped { return registry.remove(pending.entry) }
        let loop = retries.withLock { $0 }
        if wakesAtOnce { loop?.trigger() } else { loop?.wake() }
    }

    private func setAside(_ pending: PendingFinish, _ reason: String, isCertain: Bool) -> Bool {
        let now = scheduler.monotonicNow
        let (isStopped, stays, isDown) = state.withLock { state in
            if state.isStopped { return (true, false, false) }
            let stays = state.backlog.stepAside(pending, isCertain: isCertain, answers: link.answers, now: now) {
                pauses.delay(retry: $0, random: random)
            }
            return (false, stays, state.backlog.isDown(link.answers))
        }
        if isStopped {
            registry.remove(pending.entry)
            return false
        }
        if stays { retries.withLock { $0 }?.wake() } else { giveUp(pending, reason) }
        return !isDown
    }

    // MARK: The backlog

    /// One round, on the finisher's thread: until nothing is due or the master counts as away.
    private func drain() -> LoopOutcome {
        state.withLock { $0.sleepsForAside = false }
        while let pending = state.withLock({ $0.backlog.next(scheduler.monotonicNow) }) {
            guard let master = link.master, master.address == pending.master else {
                abandon(pending)
                continue
            }
            guard take(attempt(pending, master), of: pending, master) else { return .failed("finishTask") }
        }
        let due = state.withLock { state -> MonotonicTime? in
            let due = state.backlog.hasLine ? nil : state.backlog.nextDue
            state.sleepsForAside = due != nil
            return due
        }
        return due.map { .next(after: max(.milliseconds(1), $0 - scheduler.monotonicNow)) } ?? .idle
    }

    private func abandon(_ pending: PendingFinish) {
        registry.remove(pending.entry)
        metrics.finishAbandoned.increment()
        logger.notice(
            "finishTask abandoned: the master changed",
            metadata: metadata(pending, ["master": "\(pending.master)"]))
    }

    /// The task leaves the registry: what becomes of it the master decides by the next task report.
    private func giveUp(_ pending: PendingFinish, _ reason: String) {
        registry.remove(pending.entry)
        metrics.finishRefused.increment()
        logger.error(
            "finishTask given up: the master takes others and not this one",
            metadata: metadata(
                pending,
                [
                    "master": "\(pending.master)", "status": "\(pending.request.status)",
                    "tries": "\(pending.entry.finishTries)", "reason": "\(reason)",
                ]))
    }

    private func logFailure(_ pending: PendingFinish, _ reason: String, _ master: KnownMaster) {
        metrics.finishes.failed.increment()
        logger.warning(
            "finishTask failed, will be tried again",
            metadata: metadata(pending, ["master": "\(master.address)", "reason": "\(reason)"]))
    }

    private func metadata(_ pending: PendingFinish, _ more: Logger.Metadata) -> Logger.Metadata {
        var metadata = more
        metadata["type"] = "\(pending.request.type)"
        metadata["signature"] = "\(pending.request.signature)"
        return metadata
    }
}

extension RPCStatus {
    /// What our FE says while it starts: it has not looked at the task. SERVICE_UNAVAILABLE from an older one.
    fileprivate var isOfStartingFrontend: Bool { code == .uninitialized || code == .serviceUnavailable }
}
