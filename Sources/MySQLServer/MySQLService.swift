public import Logging
internal import NIOCore
internal import NIOPosix
public import SQLSessions
public import ServiceLifecycle

/// The SQL port as a `Service`: serves until graceful shutdown, lets the statements under way end, and says goodbye.
public final class MySQLService: Service {
    private let port: MySQLPort
    private let onListening: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - sessions: who checks logins and answers statements, on the port's own threads.
    ///   - onListening: called once with the bound port, when the first client can connect.
    public init(
        sessions: any SQLSessions, configuration: MySQLConfiguration, logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        port = MySQLPort(sessions: sessions, configuration: configuration, logger: logger)
        self.onListening = onListening
    }

    public var statistics: MySQLStatistics { port.statistics }

    /// - Throws: `MySQLListenError` when the address can't be had.
    public func run() async throws {
        defer {
            port.statements.stop()
            port.logins.stop()
        }
        let group = MultiThreadedEventLoopGroup.singleton
        let listener = try await listen(on: group)
        onListening(listener.localAddress?.port ?? 0)
        var wasCancelled = false
        do {
            try await gracefulShutdown()
        } catch is CancellationError {
            wasCancelled = true
        }
        try await listener.close()
        if !wasCancelled {
            port.table.tell(.shutDown)
            await everybodyLeft(within: port.configuration.shutdownTimeout, on: group.next())
        }
        port.table.tell(.abort)
        await everybodyLeft(within: .seconds(1), on: group.next())
        if wasCancelled { throw CancellationError() }
    }

    private func listen(on group: any EventLoopGroup) async throws -> any Channel {
        let (port, configuration) = (port, port.configuration)
        do {
            return try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                // Without descriptors it accepts again a second later.
                .serverChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            AcceptBackoffHandler(shouldForwardIOErrorCaught: false))
                    }
                }
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.socketOption(.so_keepalive), value: 1)
                .childChannelOption(.writeBufferWaterMark, value: .init(low: 128 << 10, high: 512 << 10))
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(ConnectionHandler(port))
                    }
                }
                .bind(host: configuration.host, port: configuration.port).get()
        } catch {
            throw MySQLListenError(
                host: configuration.host, port: configuration.port, keys: configuration.keys, cause: error)
        }
    }

    private func everybodyLeft(within time: Duration, on loop: any EventLoop) async {
        let left = loop.makePromise(of: Void.self)
        port.table.whenEmpty(left)
        let late = loop.makePromise(of: Void.self)
        let timer = loop.scheduleTask(in: TimeAmount(time)) { late.succeed() }
        left.futureResult.whenComplete { _ in late.succeed() }
        // Neither fails.
        try? await late.futureResult.get()
        timer.cancel()
    }
}
