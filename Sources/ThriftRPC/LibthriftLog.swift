internal import CThrift
internal import Logging
internal import Synchronization

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
