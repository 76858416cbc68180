internal import Logging
internal import NodeMetrics
internal import Platform
internal import StorageEngine
internal import Synchronization
internal import TabletModel

/// The three reports of `contract/behaviour.md` §4. Each has a thread and a schedule of its own and one send in flight.
///
/// Before the first heartbeat nobody is there to report to: the loops idle until the new master triggers them. Disk and
/// tablet reports also wait for the tablets to be loaded, the task report does not: it tells the FE which tasks wait.
final class ReportLoops: Sendable {
    let task: Loop
    let disk: Loop
    let tablet: Loop
    var all: [Loop] { [task, disk, tablet] }

    init(
        sources: ReportSources, scheduler: any Scheduler, random: any RandomSource, options: BackendOptions,
        logger: Logger
    ) {
        let make = { (name: String, interval: Duration, body: @escaping @Sendable () -> LoopOutcome) in
            Loop(
                name: name, scheduler: scheduler, random: random, logger: logger,
                timing: LoopTiming(
                    interval: interval, jitter: options.reportJitter, triggerJitter: options.earlyReportJitter,
                    retry: Backoff(base: options.reportRetryBase, limit: interval)),
                body: body)
        }
        task = make("report-task", options.taskReportInterval) { sources.sendTasks() }
        disk = make("report-disk", options.diskReportInterval) { sources.sendDisks() }
        tablet = make("report-tablet", options.tabletReportInterval) { sources.sendTablets() }
    }

    func triggerAll() { for loop in all { loop.trigger() } }
    func stop() { for loop in all { loop.stop() } }
}

/// Collects and sends one report.
final class ReportSources: Sendable {
    private let engine: any AgentEngine
    private let link: MasterLink
    private let registry: TaskRegistry
    private let reportVersion: ReportVersion
    private let staleRetry: Duration
    private let processStart: UnixTime
    private let logger: Logger
    private let taskRequests: RequestCounters
    private let diskRequests: RequestCounters
    private let tabletRequests: RequestCounters
    /// As of the last disk report or check; metrics read it without touching a disk.
    let disks = Mutex<[DiskReport]>([])

    init(
        engine: any AgentEngine, link: MasterLink, registry: TaskRegistry, reportVersion: ReportVersion,
        processStart: UnixTime, options: BackendOptions, logger: Logger, metrics: BackendMetrics
    ) {
        self.processStart = processStart
        self.engine = engine
        self.link = link
        self.registry = registry
        self.reportVersion = reportVersion
        staleRetry = options.staleReportRetry
        self.logger = logger
        taskRequests = metrics.requests(type: "report_task")
        diskRequests = metrics.requests(type: "report_disk")
        tabletRequests = metrics.requests(type: "report_all_tablets")
    }

    func sendTasks() -> LoopOutcome {
        guard let master = link.master else { return .idle }
        return send(.tasks(registry.signatures()), nil, to: master, taskRequests)
    }

    func sendDisks() -> LoopOutcome {
        guard let master = link.master, engine.startupProgress.isLoaded else { return .idle }
        let reports = engine.diskReports()
        disks.withLock { $0 = reports }
        return send(
            .disks(reports), nil, storage: engine.storageUse(), indexPolicies: engine.indexPolicies.map(\.id),
            to: master, diskRequests)
    }

    /// The version is read before collecting. If a change came in between, the rows may lack it while a later reader
    /// would take them to have it: this round is skipped, and the next one follows soon.
    func sendTablets() -> LoopOutcome {
        guard let master = link.master, engine.startupProgress.isLoaded else { return .idle }
        let version = reportVersion.current
        let report = engine.tabletReport()
        guard reportVersion.current == version else { return .next(after: staleRetry) }
        return send(
            .tablets(report.rows, maxCompactionScore: report.maxCompactionScore), version,
            unreadable: report.unreadable, to: master, tabletRequests)
    }

    private func send(
        _ body: OutgoingReport.Body, _ version: Int64?, unreadable: [UnreadableReplica] = [],
        storage: StorageUse? = nil, indexPolicies: [Int64]? = nil, to master: KnownMaster, _ requests: RequestCounters
    ) -> LoopOutcome {
        requests.total.increment()
        let failure: String
        do {
            var report = OutgoingReport(backend: master.backend, reportVersion: version, body: body, storage: storage)
            report.unreadable = unreadable
            report.processStart = processStart
            report.indexPolicies = indexPolicies
            let answer = try master.connection.report(report)
            if answer.isOK { return .done }
            failure = "\(master.address) answered \(answer)"
        } catch {
            failure = String(describing: error)
        }
        requests.failed.increment()
        logger.warning("report failed", metadata: ["report": "\(name(of: body))", "reason": "\(failure)"])
        return .failed(failure)
    }

    private func name(of body: OutgoingReport.Body) -> String {
        switch body {
        case .tasks: "task"
        case .disks: "disk"
        case .tablets: "tablet"
        }
    }
}
