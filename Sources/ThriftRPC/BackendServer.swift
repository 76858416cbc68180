internal import CThrift
public import Logging
public import Platform

/// A backend's agent port (`BackendService`).
public final class BackendServer: Sendable {
    private let host: ServerHost

    /// - Parameter port: 0 picks a free one; see `boundPort`.
    public init(
        address: String = "0.0.0.0", port: Int32, handler: any BackendHandler, limits: ServerLimits = ServerLimits(),
        logger: Logger
    ) {
        host = ServerHost(service: "agent", address: address, port: port, limits: limits, logger: logger) {
            wire.makeBackendServer($0, backendCallbacks(handler))
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
