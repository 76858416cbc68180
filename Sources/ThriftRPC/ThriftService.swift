internal import CThrift
public import Platform

/// What a port answers, and by whom: all in which one `ThriftServer` differs from another.
public enum ThriftService: Sendable {
    /// A backend's heartbeat port (`HeartbeatService`).
    case heartbeat(any HeartbeatHandler)
    /// A backend's agent port (`BackendService`).
    case agent(any BackendHandler)
    /// A frontend's rpc port (`FrontendService`). The argument of `report` reaches the handler as the bytes that came.
    case frontend(any FrontendHandler)

    /// In logs and errors.
    var name: String {
        switch self {
        case .heartbeat: "heartbeat"
        case .agent: "agent"
        case .frontend: "frontend"
        }
    }

    /// nil when memory is short.
    func makeServer(_ options: wire.ServerOptions) -> OpaquePointer? {
        switch self {
        case .heartbeat(let handler): wire.makeServer(options, heartbeatCallbacks(handler))
        case .agent(let handler): wire.makeServer(options, backendCallbacks(handler))
        case .frontend(let handler): wire.makeServer(options, frontendCallbacks(handler))
        }
    }
}
