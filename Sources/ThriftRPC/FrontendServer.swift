internal import CThrift
public import Logging
public import Platform

/// A frontend's rpc port (`FrontendService`). The argument of `report` reaches the handler as the bytes that came.
public final class FrontendServer: Sendable {
    private let host: ServerHost

    /// - Parameter port: 0 picks a free one; see `boundPort`.
    public init(
        address: String = "0.0.0.0", port: Int32, handler: any FrontendHandler, limits: ServerLimits = ServerLimits(),
        logger: Logger
    ) {
        host = ServerHost(service: "frontend", address: address, port: port, limits: limits, logger: logger) {
            wire.makeFrontendServer($0, frontendCallbacks(handler, logger: logger))
        }
    }

    /// Binds and begins to answer; returns at once. A stopped server does not start again.
    public func start() throws(ServerStartError) { try host.start() }
    /// The port in use once `start()` returned; 0 before.
    public var boundPort: Int32 { host.boundPort }
    /// Accepts nothing more, waits up to the limits' `stopDeadline` for calls in progress, closes every connection.
    /// Not to be called by a handler. The second call does nothing.
    public func stop() { host.stop() }
    public var statistics: ServerStatistics { host.statistics }
}
