import Foundation
import PeerKit
import ServerFixtures
import TabletModel
import Testing

/// Real backends under a Doris FE of the kit, for the rounds of an hour.
final class PeerHour: Sendable {
    let frontend: DorisFrontend
    let backends: [BackendProcess]
    let ids: [Int64]
    private let files: FaultyHTTPServer
    private let folder: TemporaryFolder

    private static let rows = (1...200).map { "\($0),value-\($0)\n" }.joined()

    private init(_ year: PeerYear, _ count: Int) throws {
        let folder = try TemporaryFolder()
        let frontend = try DorisFrontend(year)
        files = try FaultyHTTPServer { _ in .respond(status: 200, body: Array(Self.rows.utf8)) }
        backends = try (1...count).map {
            try BackendProcess(
                "be\($0)", in: folder.path,
                settings: [
                    "version_miss_grace_seconds": "1", "publish_version_wait_seconds": "1",
                    "finish_task_retry_base_ms": "100", "finish_task_retry_limit_ms": "1000",
                    "compaction_check_interval_seconds": "1",
                ])
        }
        for backend in backends { try backend.start() }
        ids = backends.map { frontend.addBackend(heartbeatPort: $0.heartbeatAddress.port) }
        self.frontend = frontend
        self.folder = folder
    }

    static func run(_ year: PeerYear, backends count: Int, _ body: (PeerHour) throws -> Void) throws {
        let hour = try PeerHour(year, count)
        defer {
            for backend in hour.backends { backend.daemon.kill() }
            hour.frontend.stop()
            hour.files.stop()
        }
        try hour.frontend.waitForBackends()
        try body(hour)
    }

    /// A part of the story. What it throws is recorded, and the story goes on: one wrong shows beside the others.
    func step(_ name: String, _ body: (DorisFrontend) throws -> Void) {
        do {
            try body(frontend)
        } catch let timeout as PeerTimeout {
            Issue.record("\(frontend.year), \(name): \(timeout.description.prefix { $0 != "\n" })")
        } catch {
            Issue.record("\(frontend.year), \(name): \(error)")
        }
    }

    func push(into partition: Int64, on some: [Int64]? = nil) throws -> Int64 {
        try frontend.push(
            "\(files.endpoint)/rows", bytes: Self.rows.utf8.count, into: partition, on: some ?? ids, seconds: 10)
    }

    /// Pushes and publishes, everywhere.
    func load(into partition: Int64) throws { try frontend.publish(try push(into: partition), seconds: 10) }

    // MARK: The end

    /// Waits for so many more tablet reports of each backend, and says what a Doris FE would still do or could not read.
    func expectPeace(afterReports reports: Int = 6, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let year = frontend.year
        let before = frontend.fewestReports("tablets")
        let deadline = Date(timeIntervalSinceNow: 20)
        while frontend.fewestReports("tablets") < before + reports, Date() < deadline {
            Thread.sleep(forTimeInterval: 0.05)
        }
        func expectNone(_ what: String, _ lines: [String]) {
            for line in lines { Issue.record("\(year), \(what): \(line)", sourceLocation: sourceLocation) }
        }
        #expect(
            frontend.fewestReports("tablets") >= before + reports, "tablet reports come", sourceLocation: sourceLocation
        )
        #expect(
            frontend.fewestReports("tasks") > 0 && frontend.fewestReports("disks") > 0, sourceLocation: sourceLocation)
        expectNone("unreadable, unknown or against the contract", frontend.findings.lines)
        expectNone("sent more often than its cause", frontend.repeats())
        expectNone("still corrected at the last reports", frontend.recentCorrections(reports: 3))
        expectNone("journaled again and again", frontend.repeatedJournalEntries)
        expectNone("differs from the metadata", frontend.differences)
        expectNone("policies", frontend.policyDifferences)
        expectNone("never visible", frontend.invisibleTransactions.map { "transaction \($0)" })
        expectNone("never ended", frontend.queued)
        expectNone("ended again", frontend.repeatedEnds)
        for backend in backends {
            #expect(backend.daemon.isRunning, "\(backend.daemon.name) runs", sourceLocation: sourceLocation)
            let status = try backend.status()
            #expect(
                status.taskCount == 0 && status.unacknowledgedTasks == 0,
                "\(year): \(backend.daemon.name) has \(status.taskCount) tasks, \(status.unacknowledgedTasks) of them untold",
                sourceLocation: sourceLocation)
        }
    }
}
