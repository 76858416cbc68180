/// Deadlines and limits of calls to one kind of peer.
public struct ClientSettings: Hashable, Sendable {
    public var connectTimeout: Duration = .seconds(3)
    /// For a whole call: sending, waiting and receiving.
    public var callTimeout: Duration = .seconds(10)
    /// For a whole `report` call, which may carry hundreds of megabytes.
    public var reportTimeout: Duration = .seconds(60)
    /// Connections kept open to one address between calls.
    public var maxIdleConnections: Int32 = 4
    public var maxReplyBytes: Int64 = 64 << 20

    public init() {}

    public init(callTimeout: Duration) { self.callTimeout = callTimeout }

    /// `contract/wire.md` §1: backend to frontend.
    public static let masterDefault = ClientSettings()
    /// `contract/wire.md` §1: heartbeats.
    public static let heartbeatDefault = ClientSettings(callTimeout: .seconds(5))
    /// `contract/wire.md` §1: agent calls of the frontend.
    public static let agentDefault = ClientSettings(callTimeout: .seconds(60))
}
