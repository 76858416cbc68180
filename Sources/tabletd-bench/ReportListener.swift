internal import Glibc
internal import Logging
internal import Platform
internal import Synchronization
internal import TabletModel
internal import ThriftRPC

/// The least of a frontend: it hears reports and ends of tasks, and counts them.
final class ReportListener {
    private let server: ThriftServer
    private let ears = Ears()

    init() throws {
        server = ThriftServer(
            .frontend(ears), address: "127.0.0.1", port: 0,
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        try server.start()
    }

    func stop() { server.stop() }

    /// What its heartbeats say.
    var master: MasterInfo {
        MasterInfo(
            address: NetworkAddress(host: "127.0.0.1", port: server.boundPort), clusterID: 1, epoch: 1,
            token: "0f1e2d3c4b5a69788796a5b4c3d2e1f0", backendIP: "127.0.0.1", httpPort: 8030,
            flags: 1 | WireDialect.frontendFlag,
            backendID: 10_001, tabletReportInactiveMs: 300_000)
    }

    /// Until a report of so many tablets came.
    func waitForReport(tablets: Int) throws {
        try wait { $0.reported.load(ordering: .acquiring) == tablets }
    }

    /// Until so many tasks ended.
    func waitForEnds(_ count: Int) throws {
        try wait { $0.ends.load(ordering: .acquiring) >= count }
        guard ears.failures.load(ordering: .relaxed) == 0 else { throw BenchError("a task failed") }
    }

    private func wait(_ isDone: (Ears) -> Bool) throws {
        let end = ContinuousClock.now + .seconds(300)
        while !isDone(ears) {
            guard ContinuousClock.now < end else {
                throw BenchError("the backend did not tell what it should in 300 s")
            }
            usleep(500)
        }
    }
}

private final class Ears: FrontendHandler {
    let reported = Atomic<Int>(-1)
    let ends = Atomic<Int>(0)
    let failures = Atomic<Int>(0)

    func finishTask(_ request: FinishTaskRequest) -> RPCStatus {
        if !request.status.isOK { failures.add(1, ordering: .relaxed) }
        ends.add(1, ordering: .releasing)
        return .ok
    }

    func report(_ report: IncomingReport) -> RPCStatus {
        if let arrived = report.arrived as? CountedTablets {
            reported.store(arrived.count.load(ordering: .relaxed), ordering: .releasing)
        } else if let tablets = report.tablets {
            reported.store(tablets.count, ordering: .releasing)
        }
        return .ok
    }

    func tabletsArrive(from backend: BackendAddress) -> (any ArrivingTablets)? { CountedTablets() }

    func ping(_ request: PingRequest) -> PingReply { PingReply(isOK: true, message: "") }
    func storageRules() -> (status: RPCStatus, rules: StorageRules) { (.ok, StorageRules()) }
    func confirmUnusedRemoteFiles(_ tablets: [TabletCooldownState]) -> [TabletID] { [] }
    func snapshotLoaderReport(_ progress: LoaderProgress) -> RPCStatus { .ok }
}

/// The tablets of a large report.
private final class CountedTablets: ArrivingTablets {
    let count = Atomic<Int>(0)

    func take(_ piece: TabletPiece) { count.add(piece.count, ordering: .relaxed) }
}
