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
    private let cores: Int32?
    private let logger: Logger
    private let taskRequests: RequestCounters
    private let diskRequests: RequestCounters
    private let tabletRequests: RequestCounters
    /// As of the last disk report or check; metrics read it without touching a disk.
    let disks = Mutex<[DiskReport]>([])

    init(
        engine: any AgentEngine, link: MasterLink, registry: TaskRegistry, reportVersion: ReportVersion,
        identity: BackendIdentity, options: BackendOptions, logger: Logger, metrics: BackendMetrics
    ) {
        processStart = identity.startTime
        cores = identity.cores
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
        var report = report(.tasks(registry.signatures()), to: master)
        report.load = .runningTasks(Int64(registry.count))
        return send(report, to: master, taskRequests)
    }

    func sendDisks() -> LoopOutcome {
        guard let master = link.master, engine.startupProgress.isLoaded else { return .idle }
        let reports = engine.diskReports()
        disks.withLock { $0 = reports }
        var report = report(.disks(reports), to: master)
        report.storage = engine.storageUse()
        report.rules = engine.knownRules()
        report.load = cores.map { .cores($0) }
        report.indexPolicies = engine.indexPolicies.map(\.id)
        return send(report, to: master, diskRequests)
    }

    /// The version is read before collecting. If a change came in between, the rows may lack it while a later reader
    /// would take them to have it: this round is skipped, and the next one follows soon.
    func sendTablets() -> LoopOutcome {
        guard let master = link.master, engine.startupProgress.isLoaded else { return .idle }
        let version = reportVersion.current
        let tablets = engine.tabletReport()
        guard reportVersion.current == version else { return .next(after: staleRetry) }
        var report = report(.tablets(tablets.rows, maxCompactionScore: tablets.maxCompactionScore), to: master)
        report.reportVersion = version
        report.unreadable = tablets.unreadable
        report.load = .tabletCount(Int64(tablets.rows.count))
        return send(report, to: master, tabletRequests)
    }

    private func report(_ body: OutgoingReport.Body, to master: KnownMaster) -> OutgoingReport {
        var report = OutgoingReport(backend: master.backend, body: body)
        report.processStart = processStart
        return report
    }

    private func send(
        _ report: OutgoingReport, to master: KnownMaster, _ requests: RequestCounters
    ) -> LoopOutcome {
        requests.total.increment()
        let failure: String
        do {
            let answer = try master.connection.report(report)
            if answer.isOK { return .done }
            failure = "\(master.address) answered \(answer)"
        } catch {
            failure = String(describing: error)
        }
        requests.failed.increment()
        logger.warning("report failed", metadata: ["report": "\(name(of: report.body))", "reason": "\(failure)"])
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
