internal import CThrift
internal import Logging
internal import Synchronization

/// Owns one C++ server. `@unchecked Sendable`: the pointer never changes, `CThrift`'s server functions are thread-safe,
/// and `deinit` runs when no call through this object is left.
final class ServerHost: @unchecked Sendable {
    private let service: String
    private let port: Int32
    private let handle: OpaquePointer?

    init(
        service: String, address: String, port: Int32, limits: ServerLimits, logger: Logger,
        make: (wire.ServerOptions) -> OpaquePointer?
    ) {
        self.service = service
        self.port = port
        LibthriftLog.route(to: logger)
        let sink = Unmanaged.passRetained(LogSink(service: service, logger: logger)).toOpaque()
        var options = wireOptions(service: service, address: address, port: port, limits: limits)
        options.logContext = sink
        options.log = { context, level, line in
            guard let context else { return }
            Unmanaged<LogSink>.fromOpaque(context).takeUnretainedValue().write(level, String(cString: line))
        }
        options.releaseLog = { context in
            guard let context else { return }
            Unmanaged<LogSink>.fromOpaque(context).release()
        }
        handle = make(options)
    }

    deinit { wire.freeServer(handle) }

    func start() throws(ServerStartError) {
        var error = wire.Text()
        guard let handle else { throw ServerStartError(service: service, port: port, message: "out of memory") }
        guard wire.startServer(handle, &error) else {
            throw ServerStartError(service: service, port: port, message: string(error))
        }
    }

    var boundPort: Int32 { handle.map { wire.serverPort($0) } ?? 0 }

    func stop() {
        if let handle { wire.stopServer(handle) }
    }

    var statistics: ServerStatistics {
        var statistics = ServerStatistics()
        guard let handle else { return statistics }
        let counters = wire.serverCounters(handle)
        statistics.connections = counters.connections
        statistics.accepted = counters.accepted
        statistics.calls = counters.calls
        statistics.bytesReceived = counters.bytesReceived
        statistics.bytesSent = counters.bytesSent
        statistics.refusedMessages = counters.refusedMessages
        statistics.shed = counters.shed
        statistics.refusedConnections = counters.refusedConnections
        statistics.timedOut = counters.timedOut
        statistics.memoryBytes = counters.memoryBytes
        return statistics
    }
}

private func wireOptions(service: String, address: String, port: Int32, limits: ServerLimits) -> wire.ServerOptions {
    var options = wire.ServerOptions()
    options.name = text(service)
    options.address = text(address)
    options.port = port
    options.workers = limits.workers
    options.maxConnections = limits.maxConnections
    options.maxMessageBytes = limits.maxMessageBytes
    options.maxStringBytes = limits.maxStringBytes
    options.maxElements = limits.maxContainerElements
    options.maxReportBytes = limits.maxReportBytes
    options.maxReportElements = limits.maxReportElements
    options.memoryBudgetBytes = limits.memoryBudgetBytes
    options.messageDeadlineMs = limits.messageDeadline.milliseconds
    options.reportDeadlineMs = limits.reportDeadline.milliseconds
    options.idleLimitMs = limits.idleLimit.milliseconds
    options.stopDeadlineMs = limits.stopDeadline.milliseconds
    return options
}

/// Where a server's log lines go.
private final class LogSink: Sendable {
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
