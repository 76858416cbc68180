public import Hummingbird
public import Logging
internal import NIOCore
public import ServiceLifecycle
internal import Synchronization

/// The HTTP side of a daemon as a `Service`: serves until graceful shutdown, then finishes the requests in flight.
public final class HTTPService: Service {
    public typealias Routes = Router<BasicRequestContext>

    private let routes: @Sendable () -> Routes
    private let host: String
    private let port: Int
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - routes: makes the router when the service runs.
    ///   - port: 0 picks a free one.
    ///   - onListening: called once with the bound port, when the first request can be served.
    public init(
        routes: @escaping @Sendable () -> Routes, host: String, port: Int, logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.routes = routes
        self.host = host
        self.port = port
        self.logger = logger
        self.onListening = onListening
    }

    public func run() async throws {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            router: routes(),
            configuration: .init(address: .hostname(host, port: port), serverName: "tabletd"),
            onServerRunning: { [onListening] channel in onListening(channel.localAddress?.port ?? 0) },
            logger: quiet)
        try await application.run()
    }
}
