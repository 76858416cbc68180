import Foundation
import PeerKit
import ServerFixtures
import TabletModel
import Testing

/// Real backends under a Doris FE of the kit: heartbeats and polls as often as in most of an hour, within seconds. Reports
/// come each second, as often as the backends' settings allow, which is about twenty minutes' worth of tablet reports.
final class PeerHour: Sendable {
    let frontend: DorisFrontend
    let backends: [BackendProcess]
    let ids: [Int64]
    let complaints: Complaints
    private let files: FaultyHTTPServer
    private let folder: TemporaryFolder

    private static let rows = (1...200).map { "\($0),value-\($0)\n" }.joined()

    private init(_ year: PeerYear, _ count: Int, _ complaints: Complaints) throws {
        let folder = try TemporaryFolder()
        let frontend = try DorisFrontend(year)
        files = try FaultyHTTPServer { _ in .respond(status: 200, body: Array(Self.rows.utf8)) }
        backends = try (1...count).map {
            try BackendProcess(
                "be\($0)", in: folder.path,
                settings: [
                    "version_miss_grace_seconds": "1", "publish_version_wait_seconds": "1",
                    "finish_task_retry_base_ms": "100", "finish_task_retry_limit_ms": "1000",
                    "compaction_check_interval_seconds": "1", "report_jitter_ms": "0",
                ])
        }
        for backend in backends { try backend.start() }
        ids = backends.map { frontend.addBackend(heartbeatPort: $0.heartbeatAddress.port) }
        self.frontend = frontend
        self.folder = folder
        self.complaints = complaints
    }

    static func run(
        _ year: PeerYear, backends count: Int, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: @escaping @Sendable (PeerHour) throws -> Void
    ) async {
        await Complaints.run(sourceLocation: sourceLocation) { complaints in
            let hour = try PeerHour(year, count, complaints)
            defer {
                for backend in hour.backends { backend.daemon.kill() }
                hour.frontend.stop()
                hour.files.stop()
            }
            try hour.frontend.waitForBackends()
            try body(hour)
        }
    }

    func step(_ name: String, _ body: (DorisFrontend) throws -> Void) {
        complaints.step("\(frontend.year), \(name)") { try body(frontend) }
    }

    func push(into partition: Int64, on some: [Int64]? = nil) throws -> Int64 {
        try frontend.push(
            "\(files.endpoint)/rows", bytes: Self.rows.utf8.count, into: partition, on: some ?? ids, seconds: 10)
    }

    /// Pushes and publishes, everywhere.
    func load(into partition: Int64) throws { try frontend.publish(try push(into: partition), seconds: 10) }

    /// Waits for so many more tablet reports of each backend, and says what a Doris FE could not read, or would still do.
    func expectPeace(afterReports reports: Int = 7) throws {
        let year = frontend.year
        step("tablet reports") { try $0.waitForReports(reports) }
        func expectNone(_ what: String, _ lines: [String]) { complaints.add("\(year), \(what)", lines) }
        expectNone("unreadable, unknown or against the contract", frontend.findings.lines)
        expectNone("sent more often than its cause", frontend.repeats())
        expectNone("still corrected at the last reports", frontend.recentCorrections(reports: 2))
        expectNone("journaled again and again", frontend.repeatedJournalEntries)
        expectNone("differs from the metadata", frontend.differences)
        expectNone("policies", frontend.policyDifferences)
        expectNone("never visible", frontend.invisibleTransactions.map { "transaction \($0)" })
        expectNone("never ended", frontend.queued)
        expectNone("ended again", frontend.repeatedEnds)
        for kind in ["tasks", "disks"] where frontend.fewestReports(kind) == 0 { expectNone("reports", ["no \(kind)"]) }
        for backend in backends {
            let name = "\(year), \(backend.daemon.name)"
            guard backend.daemon.isRunning else {
                complaints.add("\(name) has ended: \(backend.daemon.tail(lines: 3))")
                continue
            }
            complaints.step("\(name), no task is left") {
                try eventually("an empty task registry", within: 2) { try backend.status().taskCount == 0 }
            }
        }
    }
}
