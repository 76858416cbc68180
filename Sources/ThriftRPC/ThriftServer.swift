internal import CThrift
public import Logging

/// A port that answers one service. Owns one C++ server. `@unchecked Sendable`: the pointer never changes, `CThrift`'s server
/// functions are thread-safe, and `deinit` runs when no call through this object is left.
public final class ThriftServer: @unchecked Sendable {
    private let name: String
    private let port: Int32
    private let handle: OpaquePointer?

    /// - Parameter port: 0 picks a free one; see `boundPort`.
    public init(
        _ service: ThriftService, address: String = "0.0.0.0", port: Int32, limits: ServerLimits = ServerLimits(),
        logger: Logger
    ) {
        self.name = service.name
        self.port = port
        LibthriftLog.route(to: logger)
        let sink = Unmanaged.passRetained(LogSink(service: service.name, logger: logger)).toOpaque()
        var options = wireOptions(service: service.name, address: address, port: port, limits: limits)
        options.logContext = sink
        options.log = { context, level, line in
            guard let context else { return }
            Unmanaged<LogSink>.fromOpaque(context).takeUnretainedValue().write(level, String(cString: line))
        }
        options.releaseLog = { context in
            guard let context else { return }
            Unmanaged<LogSink>.fromOpaque(context).release()
        }
        handle = service.makeServer(options)
    }

    deinit { wire.freeServer(handle) }

    /// Binds and begins to answer; returns at once. A stopped server does not start again.
    public func start() throws(ServerStartError) {
        var error = wire.Text()
        guard let handle else { throw ServerStartError(service: name, port: port, message: "out of memory") }
        guard wire.startServer(handle, &error) else {
            throw ServerStartError(service: name, port: port, message: string(error))
        }
    }

    /// The port in use once `start()` returned; 0 before.
    public var boundPort: Int32 { handle.map { wire.serverPort($0) } ?? 0 }

    /// Accepts nothing more, waits up to the limits' `stopDeadline` for calls in progress, closes every connection.
    /// Not to be called by a handler. The second call does nothing.
    public func stop() {
        if let handle { wire.stopServer(handle) }
    }

    public var statistics: ServerStatistics {
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
    options.wholeReportBytes = limits.wholeReportBytes
    options.arrivingReports = limits.arrivingReports
    options.memoryBudgetBytes = limits.memoryBudgetBytes
    options.messageDeadlineMs = limits.messageDeadline.milliseconds
    options.reportDeadlineMs = limits.reportDeadline.milliseconds
    options.idleLimitMs = limits.idleLimit.milliseconds
    options.stopDeadlineMs = limits.stopDeadline.milliseconds
    return options
}
