internal import AgentTasks
internal import ClusterMetadata
internal import Logging
public import MasterServices
internal import Platform
public import TabletModel

/// Takes reports in, one after the other on its own thread. What goes wrong with one report ends that report only: the
/// next one says it again.
public final class ReportProcessor: Sendable {
    private let environment: MasterEnvironment
    private let queue: ReportQueue
    private let pool: any WorkerPool
    let touched: TouchedTablets
    private let tablets: TabletReportActions

    public init(environment: MasterEnvironment, touched: TouchedTablets, tablets: TabletReportActions) {
        self.environment = environment
        self.touched = touched
        self.tablets = tablets
        let limit = environment.configuration.reportQueueLimit
        queue = ReportQueue(limit: limit)
        pool = environment.scheduler.makePool(name: "report-handler", threads: 1, queueLimit: limit + 1)
    }

    public var queueDepth: Int { queue.count }

    /// Queues the report; answers INTERNAL_ERROR when it can't.
    public func offer(_ report: IncomingReport) -> RPCStatus {
        guard let backend = environment.store.read({ $0.sender(report.backend)?.id }) else {
            // Its first heartbeat may just be on the way back: nothing is known of its ports before. Backends try again.
            return RPCStatus(
                .internalError,
                "no backend at \(report.backend) has answered a heartbeat yet: add it to the cluster, "
                    + "or send it again later")
        }
        guard isOfThisProcess(report, backend) else {
            return RPCStatus(
                .internalError,
                "this process of backend \(backend) has not answered a heartbeat yet, or is not the one that did: send it "
                    + "again later")
        }
        environment.signs.heard(from: backend, at: environment.monotonicNow)
        switch queue.offer(report, from: backend) {
        case .queued:
            let isTaken = pool.submit { [self] in processNext() }
            if !isTaken {
                environment.scheduler.schedule(after: .milliseconds(10), on: pool) { [self] in processNext() }
            }
            return .ok
        case .replaced: return .ok
        // A newer backend's report of index policies, of which there are none here: nothing to take, and nothing wrong.
        case .empty where report.hasIndexPolicies: return .ok
        case .empty: return RPCStatus(.internalError, "the report carries neither tasks, disks, tablets nor policies")
        case .full(let limit):
            environment.logger.warning("report refused: the queue is full", metadata: ["backend": "\(backend)"])
            return RPCStatus(
                .internalError, "\(limit) reports are waiting already (report_queue_size): send it again later")
        }
    }

    /// The tablets of a large report begin to come. They are compared as they come, and judged when the report has its turn.
    /// - Returns: nil for a backend that `offer` will refuse.
    public func arriving(from address: BackendAddress) -> (any ArrivingTablets)? {
        guard let backend = environment.store.read({ $0.sender(address)?.id }) else { return nil }
        environment.signs.heard(from: backend, at: environment.monotonicNow)
        return ComparedTablets(from: backend, touches: touched.lastNumber, store: environment.store)
    }

    private func processNext() {
        guard let item = queue.take() else { return }
        guard isOfThisProcess(item.report, item.backend) else {
            environment.logger.info(
                "a report of an earlier process of the backend is passed over", metadata: ["backend": "\(item.backend)"]
            )
            return
        }
        if let tasks = item.report.tasks { process(tasks, from: item.backend) }
        if let disks = item.report.disks { process(disks, item.report.storage, from: item.backend) }
        if let rules = item.report.rules { tablets.listeners.knownRules(rules, item.backend) }
        if item.report.tablets != nil || item.report.arrived != nil {
            processTablets(of: item.report, from: item.backend)
        }
    }

    /// The backend's process is another one: what the one before sent says nothing of it. Its data may be those of another
    /// day, and its report versions count anew, perhaps from a clock that went back.
    public func restarted(_ backend: BackendID) { queue.discardUnsigned(of: backend) }

    private func isOfThisProcess(_ report: IncomingReport, _ backend: BackendID) -> Bool {
        guard let start = report.processStart, let known = environment.store.read({ $0.backend(backend)?.startedAt })
        else { return true }
        return start == known
    }

    private func process(_ reported: [TaskType: Set<Int64>], from backend: BackendID) {
        let resent = environment.tasks.resendMissing(
            from: reported, for: backend, minimumAge: environment.configuration.taskResendWait,
            now: environment.monotonicNow)
        if resent > 0 {
            environment.logger.info(
                "tasks are sent again", metadata: ["backend": "\(backend)", "tasks": "\(resent)"])
        }
        environment.dispatcher.kick(backend)
    }

    private func process(_ disks: [DiskReport], _ storage: StorageUse?, from backend: BackendID) {
        let now = environment.wallNow
        let sorted = disks.sorted { $0.rootPath < $1.rootPath }
        let before = environment.store.read { $0.status(of: backend).disks }
        let states = Dictionary(before.map { ($0.rootPath, $0.condition.state) }) { first, _ in first }
        for disk in sorted where disk.condition.state != states[disk.rootPath] ?? .good {
            environment.logger.log(
                level: disk.takesData ? .notice : .warning, "a disk changed its state",
                metadata: [
                    "backend": "\(backend)", "path": "\(disk.rootPath)", "state": "\(disk.condition.state)",
                    "reason": "\(disk.condition.reason)",
                ])
        }
        environment.store.observe { state in
            state.updateStatus(of: backend) { status in
                status.disks = sorted
                status.lastDiskReportAt = now
                status.storage = storage?.bounded
            }
        }
    }

    private func processTablets(of report: IncomingReport, from backend: BackendID) {
        let version = report.reportVersion ?? 0
        let isOurs = environment.store.read { $0.backend(backend)?.isOurs ?? false }
        let isOutdated = isOurs ? takeVersion(version, backend) == false : isOlderThanTasks(version, backend)
        if isOutdated {
            environment.logger.info(
                "tablet report is out of date", metadata: ["backend": "\(backend)", "report_version": "\(version)"])
            return
        }
        let status = environment.store.read { $0.status(of: backend) }
        let moment = ReportMoment(
            backend: backend, version: version, isFirst: status.lastTabletReportAt == nil && !status.isNewcomer,
            touched: touched)
        let touches: UInt64
        do {
            guard let compared = try compared(report, from: backend) else { return }
            touches = compared.touches
            tablets.carryOut(compared.diff, at: moment, isOurs: isOurs)
        } catch {
            environment.logger.error(
                "tablet report was not taken in", metadata: ["backend": "\(backend)", "error": "\(error)"])
            return
        }
        touched.forget(upTo: version, number: touches, on: backend)
        let now = environment.wallNow
        environment.store.observe { state in
            state.updateStatus(of: backend) { status in
                status.lastTabletReportAt = now
                status.hasReportedTablets = true
                status.unreadable = Dictionary(
                    report.unreadable.map { ($0.replicaID, $0) }, uniquingKeysWith: { first, _ in first })
                status.maxCompactionScore = report.maxCompactionScore ?? status.maxCompactionScore
            }
        }
    }

    /// - Returns: what the report says, and the last touch before the first of its rows was compared; nil when it has no tablets.
    private func compared(
        _ report: IncomingReport, from backend: BackendID
    ) throws -> (diff: TabletReportDiff, touches: UInt64)? {
        if let arrived = report.arrived as? ComparedTablets { return (arrived.finish(), arrived.touches) }
        guard let rows = report.tablets else { return nil }
        let touches = touched.lastNumber
        let store = environment.store
        return (try TabletReportDiff(rows, from: backend, against: { store.snapshot() }), touches)
    }

    /// False when a newer report was taken in already.
    private func takeVersion(_ version: Int64, _ backend: BackendID) -> Bool {
        var isNewer = false
        environment.store.observe { state in
            state.updateStatus(of: backend) { isNewer = $0.raiseReportVersion(version) }
        }
        return isNewer
    }

    /// Doris' rule: older than what any of the backend's tasks, or an earlier report, brought.
    private func isOlderThanTasks(_ version: Int64, _ backend: BackendID) -> Bool {
        version < touched.newest(on: backend) || !takeVersion(version, backend)
    }
}

extension StorageUse {
    /// A report may say anything, as long as it likes.
    fileprivate var bounded: StorageUse {
        func short(_ error: StandingError) -> StandingError {
            StandingError(message: String(error.message.prefix(1000)), lastAt: error.lastAt, since: error.since)
        }
        return StorageUse(
            resources: resources.prefix(1000).map { use in
                var use = use
                use.resource = String(use.resource.prefix(1000))
                use.error = use.error.map(short)
                return use
            },
            failures: failures.prefix(100).map { CooldownFailure(tabletID: $0.tabletID, error: short($0.error)) })
    }
}
