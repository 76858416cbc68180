internal import CThrift
internal import Logging
internal import Synchronization

/// Where a server's log lines go.
final class LogSink: Sendable {
    private let service: String
    private let logger: Logger

    init(service: String, logger: Logger) {
        self.service = service
        self.logger = logger
    }

    func write(_ level: Int32, _ line: String) {
        let levels: [Logger.Level] = [.debug, .info, .warning, .error]
        let level = levels.indices.contains(Int(level)) ? levels[Int(level)] : .error
        logger.log(level: level, "thrift: \(line)", metadata: ["service": "\(service)"])
    }
}

/// libthrift prints to stderr through one global function; its lines go to the logger of the server made last.
enum LibthriftLog {
    private static let logger = Mutex<Logger?>(nil)

    static func route(to logger: Logger) {
        self.logger.withLock { $0 = logger }
        wire.routeLibthriftLog { line in
            let text = String(cString: line)
            LibthriftLog.logger.withLock { $0 }?.warning("libthrift: \(text)")
        }
    }
}
