internal import Logging
internal import MySQLProtocol
internal import NIOCore
internal import SQLSessions
internal import Synchronization

/// What the connections of a port share.
final class MySQLPort: Sendable {
    let sessions: any SQLSessions
    let configuration: MySQLConfiguration
    let logger: Logger
    let table: ConnectionTable
    let statements: WorkPool
    let logins: WorkPool
    let memory: MessageMemory
    let counters = MySQLCounters()
    private let started = NIODeadline.now()
    /// Callers since the last line about them, and when the next may be written.
    private let untold = Mutex<(callers: Int, next: NIODeadline)>((0, .uptimeNanoseconds(0)))

    init(sessions: any SQLSessions, configuration: MySQLConfiguration, logger: Logger) {
        self.sessions = sessions
        self.configuration = configuration
        self.logger = logger
        table = ConnectionTable(limit: configuration.connectionLimit, spare: configuration.spareConnections)
        statements = WorkPool(
            threads: configuration.statementThreads, queueLimit: configuration.statementQueueLimit)
        logins = WorkPool(threads: configuration.loginThreads, queueLimit: configuration.loginQueueLimit)
        memory = MessageMemory(limit: configuration.messageMemoryLimit)
    }

    var statistics: MySQLStatistics { counters.snapshot(connections: table.count) }

    /// What COM_STATISTICS is answered with; the words are MySQL's.
    var statisticsText: String {
        let seconds = (NIODeadline.now() - started).nanoseconds / 1_000_000_000
        return "Uptime: \(seconds)  Threads: \(table.count)  Questions: \(statistics.statements)"
    }

    /// Counts a caller that is not allowed, and says so once a minute.
    func refused(_ host: String) {
        counters.refusedHosts.increment()
        let now = NIODeadline.now()
        let count = untold.withLock { untold -> Int? in
            untold.callers += 1
            guard now >= untold.next else { return nil }
            defer { untold = (0, now + .minutes(1)) }
            return untold.callers
        }
        guard let count else { return }
        logger.warning(
            "refused callers that are not in allowed_hosts", metadata: ["last": "\(host)", "callers": "\(count)"])
    }
}
