internal import CThrift
public import Logging
public import Platform

/// A port that answers one service. Owns one C++ server. `@unchecked Sendable`: the pointer never changes, `CThrift`'s server
/// functions are thread-safe, and `deinit` runs when no call through this object is left.
public final class ThriftServer: @unchecked Sendable {
    private let name: String
    private let port: Int32
    private let handle: OpaquePointer?

    /// - Parameters:
    ///   - port: 0 picks a free one; see `boundPort`.
    ///   - tls: nil: off.
    ///   - admits: asked once for each connection, on the thread that accepts; must not block. Who is refused is closed, counted,
    ///     and logged once a minute. nil: everybody may come in.
    public init(
        _ service: ThriftService, address: String = "0.0.0.0", port: Int32, limits: ServerLimits = ServerLimits(),
        tls: ServerTLS? = nil, admits: (@Sendable (CallerHost) -> Bool)? = nil, logger: Logger
    ) {
        self.name = service.name
        self.port = port
        LibthriftLog.route(to: logger)
        var options = wireOptions(service: service.name, address: address, port: port, limits: limits)
        if let tls {
            options.tls = tls.keys.handle
            options.tlsMode = tls.mode.wireValue
            options.requiresCertificate = tls.requiresClientCertificate
        }
        ServerContext(service: service.name, logger: logger, admits: admits).hook(into: &options)
        // The server shares the keys from here on.
        handle = withExtendedLifetime(tls) { service.makeServer(options) }
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
        statistics.refusedCallers = counters.refusedCallers
        statistics.refusedPlain = counters.refusedPlain
        statistics.handshakes = counters.handshakes
        statistics.failedHandshakes = counters.failedHandshakes
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
