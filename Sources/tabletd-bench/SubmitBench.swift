internal import BackendCore
internal import Glibc
internal import Logging
internal import NodeMetrics
internal import Platform
internal import Synchronization
internal import TabletModel
internal import ThreadRuntime

/// How many agent tasks a second go through a backend, from `submit_tasks` to the master's acknowledgement.
///
/// What it measures: everything the agent does for a task, with real worker threads: look-up, dedupe, queue, hand-over to
/// a worker, run, `finishTask`, leaving the registry. What it leaves out: the wire (the master is a method call), the
/// engine (a DROP returns at once) and logging (off). One thread submits batches of 1,000 DROP tasks with signatures of
/// their own, at most 50,000 ahead of what is acknowledged, as an FE would that does not run into the queue's limit.
///
/// - Returns: tasks a second, the median of the runs.
/// - Throws: `SubmitBenchError` when a task is refused or lost.
func runSubmitBench(tasks: Int, runs: Int) throws -> Double {
    let rig = try SubmitRig()
    defer { rig.stop() }
    // Threads started, rings grown.
    _ = try rig.run(tasks: min(tasks, 100_000))
    return median(try (0..<max(1, runs)).map { _ in try rig.run(tasks: tasks) })
}

enum SubmitBenchError: Error, CustomStringConvertible {
    case refused(RPCStatus)
    case lost(missing: Int)

    var description: String {
        switch self {
        case .refused(let status): "the backend refused a batch: \(status)"
        case .lost(let missing): "\(missing) tasks were not acknowledged within 60 s"
        }
    }
}

/// A backend with nothing behind it and nothing in front of it.
private final class SubmitRig {
    private static let batch = 1000
    private static let ahead = 50_000

    private let scheduler = ThreadScheduler()
    private let master = CountingMaster()
    private let node: BackendNode
    private var nextSignature: Int64 = 1

    init() throws {
        node = BackendNode(
            options: BackendOptions(),
            identity: BackendIdentity(
                host: "127.0.0.1", bePort: 9060, httpPort: 8040, version: "bench", startTime: scheduler.wallNow),
            engine: IdleEngine(), connector: master, scheduler: scheduler, random: SystemRandomSource(),
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }, metrics: MetricsRegistry())
        node.start()
        let reply = node.heartbeatHandler.heartbeat(
            MasterInfo(address: NetworkAddress(host: "127.0.0.1", port: 9020), clusterID: 1, epoch: 1),
            from: CallerHost("127.0.0.1"))
        guard reply.status.isOK else { throw SubmitBenchError.refused(reply.status) }
    }

    func stop() {
        node.stop {}
        _ = scheduler.shutdown(drainingFor: .seconds(5))
    }

    /// Tasks a second over this many tasks.
    func run(tasks: Int) throws -> Double {
        // The FE has made its requests before it sends them: that is not the backend's time.
        let batches = stride(from: 0, to: tasks, by: Self.batch).map { start in
            (0..<min(Self.batch, tasks - start)).map { _ in nextTask() }
        }
        let target = master.finished + tasks
        let began = scheduler.monotonicNow
        var sent = master.finished
        for batch in batches {
            let status = node.backendHandler.submitTasks(batch, from: CallerHost("127.0.0.1"))
            guard status.isOK else { throw SubmitBenchError.refused(status) }
            sent += batch.count
            try waitUntil(sent - Self.ahead)
        }
        try waitUntil(target)
        let seconds = Double((scheduler.monotonicNow - began).wholeNanoseconds) / 1e9
        return Double(tasks) / seconds
    }

    private func nextTask() -> AgentTask {
        defer { nextSignature += 1 }
        return AgentTask(
            type: .drop, signature: nextSignature,
            payload: .drop(DropTabletRequest(tabletID: TabletID(nextSignature))))
    }

    private func waitUntil(_ count: Int) throws {
        let end = scheduler.monotonicNow + .seconds(60)
        while master.finished < count {
            guard scheduler.monotonicNow < end else { throw SubmitBenchError.lost(missing: count - master.finished) }
            // Gives the core to the workers; far below the time that the tasks ahead take.
            usleep(100)
        }
    }
}

/// Acknowledges everything.
private final class CountingMaster: MasterConnector, MasterConnection {
    private let count = Atomic<Int>(0)
    var finished: Int { count.load(ordering: .relaxed) }

    func connection(to address: NetworkAddress) -> any MasterConnection { self }
    func finishTask(_ request: FinishTaskRequest) throws -> RPCStatus {
        count.wrappingAdd(1, ordering: .relaxed)
        return .ok
    }
    func report(_ report: OutgoingReport) throws -> RPCStatus { .ok }
    func refreshStoragePolicies(in _: WireDialect) throws -> (status: RPCStatus, rules: StorageRules) {
        (.ok, StorageRules())
    }
    func confirmUnusedRemoteFiles(_ tablets: [TabletCooldownState]) throws -> [TabletID] { [] }
    func snapshotLoaderReport(_ progress: LoaderProgress) throws -> RPCStatus { .ok }
}
