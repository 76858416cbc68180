import Foundation
import Logging
import MySQLServer
import ServerFixtures
import ServiceLifecycle
import Synchronization

/// A port in this process, and who answers behind it.
final class TestServer: Sendable {
    let service: MySQLService
    let sessions: MemorySessions
    let port: Int
    let log: LogLines
    private let group: ServiceGroup

    private init(service: MySQLService, sessions: MemorySessions, port: Int, log: LogLines, group: ServiceGroup) {
        self.service = service
        self.sessions = sessions
        self.port = port
        self.log = log
        self.group = group
    }

    var statistics: MySQLStatistics { service.statistics }

    /// Begins a graceful shutdown, and does not wait for its end.
    func shutDown() async { await group.triggerGracefulShutdown() }

    func client(_ user: String = "nobody", password: String = "", flags: UInt32 = MySQLClientBytes.Flags.usual) throws
        -> MySQLRawClient
    {
        try MySQLRawClient(port: port, user: user, password: password, flags: flags)
    }

    /// Runs a server for the time of `body`, which may block.
    static func run(
        _ change: (inout MySQLConfiguration) -> Void = { _ in }, _ body: @escaping @Sendable (TestServer) throws -> Void
    ) async throws {
        try await runAsync(change) { server in
            try await onThread { try body(server) }
        }
    }

    static func runAsync(
        _ change: (inout MySQLConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        var configuration = MySQLConfiguration()
        change(&configuration)
        let sessions = MemorySessions()
        let log = LogLines()
        let (ports, port) = AsyncStream<Int>.makeStream()
        let service = MySQLService(
            sessions: sessions, configuration: configuration, logger: log.logger, onListening: { port.yield($0) })
        let group = ServiceGroup(configuration: .init(services: [service], logger: log.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await bound in ports {
                try await body(
                    TestServer(service: service, sessions: sessions, port: bound, log: log, group: group))
                break
            }
            sessions.gate.open()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// The tests' sockets block; event loops and tasks need the other threads.
    static func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Swift.Result { try body() }) }.start()
        }
    }
}

/// What was logged.
final class LogLines: LogHandler, @unchecked Sendable {
    // Unchecked: level and metadata are set by nobody.
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]
    private let lines = Mutex<[String]>([])

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    var logger: Logger { Logger(label: "test") { _ in self } }
    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
    }
}

/// Looks again until it is so.
func eventually(_ what: String, within seconds: Double = 20, _ isSo: () throws -> Bool) throws {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while try !isSo() {
        guard Date() < deadline else { throw FixtureError("not within \(seconds) s: \(what)") }
        shortPause()
    }
}

/// For what tells nobody when it happens.
func shortPause() { Thread.sleep(forTimeInterval: 0.002) }
