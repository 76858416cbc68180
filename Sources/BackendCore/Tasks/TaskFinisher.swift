internal import DequeModule
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
/// NOT_MASTER is not.
///
/// An end that was first tried with one master is not told to another one, which would have to guess what it means: the
/// task leaves the registry, so that the new master's task report shows it gone and it sends what it needs again. The same
/// master with a higher epoch (a restart) does hear it.
final class TaskFinisher: Sendable {
    private struct Pending: Sendable {
        let entry: TaskEntry
        let request: FinishTaskRequest
        let master: NetworkAddress
    }

    private struct State {
        var backlog = Deque<Pending>()
        /// The last try failed: ends go straight to the backlog.
        var isDown = false
        var isStopped = false
    }

    private let link: MasterLink
    private let registry: TaskRegistry
    private let reportVersion: ReportVersion
    private let logger: Logger
    private let metrics: BackendMetrics
    private let state = Mutex(State())
    /// Set once by `init`; a box only because the loop's body needs `self`.
    private let retries = Mutex<Loop?>(nil)

    init(
        link: MasterLink, registry: TaskRegistry, scheduler: any Scheduler, random: any RandomSource,
        options: BackendOptions, reportVersion: ReportVersion, logger: Logger, metrics: BackendMetrics
    ) {
        self.link = link
        self.registry = registry
        self.reportVersion = reportVersion
        self.logger = logger
        self.metrics = metrics
        let loop = Loop(
            name: "finish-task", scheduler: scheduler, random: random, logger: logger,
            timing: LoopTiming(
                interval: options.finishRetryLimit,
                retry: Backoff(base: options.finishRetryBase, limit: options.finishRetryLimit))
        ) { [weak self] in self?.drain() ?? .idle }
        retries.withLock { $0 = loop }
    }

    /// On the worker's thread; on return the end is acknowledged or in the backlog.
    func finish(_ entry: TaskEntry, _ result: TaskResult) {
        entry.phase = .finishing
        guard let master = link.master else {
            // Tasks are accepted after the first heartbeat only, and a master is never forgotten.
            preconditionFailure("a task ended before the first heartbeat")
        }
        let pending = Pending(entry: entry, request: request(entry, result, master), master: master.address)
        if state.withLock({ $0.isDown }) || !attempt(pending, master) { postpone(pending) }
    }

    /// A new master, or the old one restarted: the backlog is looked through at once.
    func masterChanged() { retries.withLock { $0 }?.trigger() }

    /// Tells no more; gives back how many ends were not acknowledged.
    func stop() -> Int {
        retries.withLock { $0 }?.stop()
        let left = state.withLock { state in
            state.isStopped = true
            defer { state.backlog = [] }
            return Array(state.backlog)
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

    /// One try. False when the master gave no acknowledgement.
    private func attempt(_ pending: Pending, _ master: KnownMaster) -> Bool {
        pending.entry.countFinishTry()
        metrics.finishes.total.increment()
        do {
            let answer = try master.connection.finishTask(pending.request)
            if answer.code == .notMaster { return failed(pending, "\(master.address) is not the master", master) }
            // What our FE says while it starts: it has not looked at the task.
            if answer.code == .serviceUnavailable { return failed(pending, answer.description, master) }
            if !answer.isOK {
                logger.info(
                    "finishTask answered", metadata: metadata(pending, ["answer": "\(answer)"]))
            }
        } catch {
            return failed(pending, String(describing: error), master)
        }
        registry.remove(pending.entry)
        return true
    }

    private func failed(_ pending: Pending, _ reason: String, _ master: KnownMaster) -> Bool {
        metrics.finishes.failed.increment()
        logger.warning(
            "finishTask failed, will be tried again",
            metadata: metadata(pending, ["master": "\(master.address)", "reason": "\(reason)"]))
        return false
    }

    private func postpone(_ pending: Pending) {
        let isStopped = state.withLock { state in
            if !state.isStopped { state.backlog.append(pending) }
            state.isDown = true
            return state.isStopped
        }
        if isStopped { return registry.remove(pending.entry) }
        retries.withLock { $0 }?.wake()
    }

    /// One round over the backlog, on the finisher's thread: until it is empty or a try fails.
    private func drain() -> LoopOutcome {
        while let pending = state.withLock({ $0.backlog.popFirst() }) {
            guard let master = link.master, master.address == pending.master else {
                abandon(pending)
                continue
            }
            guard attempt(pending, master) else {
                // To the end of the line, so that one end that the master can't take does not hold up all others.
                postpone(pending)
                return .failed("finishTask")
            }
            state.withLock { $0.isDown = false }
        }
        state.withLock { state in
            if state.backlog.isEmpty { state.isDown = false }
        }
        return .idle
    }

    private func abandon(_ pending: Pending) {
        registry.remove(pending.entry)
        metrics.finishAbandoned.increment()
        logger.notice(
            "finishTask abandoned: the master changed",
            metadata: metadata(pending, ["master": "\(pending.master)"]))
    }

    private func metadata(_ pending: Pending, _ more: Logger.Metadata) -> Logger.Metadata {
        var metadata = more
        metadata["type"] = "\(pending.request.type)"
        metadata["signature"] = "\(pending.request.signature)"
        return metadata
    }
}

extension StatusCode {
    /// LATE: the FE that answered is not the master (any more).
    static let notMaster = StatusCode(rawValue: 73)
}
