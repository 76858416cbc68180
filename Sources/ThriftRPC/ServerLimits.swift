/// What a Thrift server grants its peers. A peer that wants more is closed with a log line that names the limit; the
/// server itself goes on (`CThrift/include/CThrift.h` tells how each is enforced).
public struct ServerLimits: Hashable, Sendable {
    /// Threads that run handlers. Connections do not hold one: only a call in progress does.
    public var workers: Int32 = 16
    /// When as many are open, a new connection closes the one that has been idle longest.
    public var maxConnections: Int32 = 10_000
    public var maxMessageBytes: Int64 = 64 << 20
    /// The longest single string or binary of a message.
    public var maxStringBytes: Int32 = 16 << 20
    /// The most elements that one list, set or map may claim.
    public var maxContainerElements: Int32 = 1_000_000
    /// Like `maxMessageBytes` and `maxContainerElements`, for the argument of `report`.
    public var maxReportBytes: Int64 = 512 << 20
    public var maxReportElements: Int32 = 16_000_000
    /// A report of more bytes is read while it arrives, about so many at a time, and is never held as a whole.
    public var wholeReportBytes: Int64 = 256 << 10
    /// So many such reports at once. The bytes of further ones stay with their senders until one has ended, at most for
    /// twice `messageDeadline`; one that has begun and sends nothing for `messageDeadline` is closed.
    public var arrivingReports: Int32 = 4
    /// Bytes that all unfinished messages together, and the objects decoded from them, may take.
    public var memoryBudgetBytes: Int64 = 1 << 30
    /// From the first byte of a message to its last; the same again for the peer to take the answer.
    public var messageDeadline: Duration = .seconds(30)
    public var reportDeadline: Duration = .seconds(300)
    /// How long a connection may be silent between messages. Doris' peers keep theirs for as long as they run.
    public var idleLimit: Duration = .seconds(24 * 3600)
    /// How long `stop()` waits for calls in progress.
    public var stopDeadline: Duration = .seconds(10)

    public init() {}
}

/// Counters since `start()`, for metrics and status pages.
public struct ServerStatistics: Hashable, Sendable {
    /// Open now.
    public var connections: Int64 = 0
    public var accepted: Int64 = 0
    public var calls: Int64 = 0
    public var bytesReceived: Int64 = 0
    public var bytesSent: Int64 = 0
    /// Closed because of what they sent: not the protocol, or over a limit.
    public var refusedMessages: Int64 = 0
    /// Idle connections closed to make room.
    public var shed: Int64 = 0
    /// New connections closed because there was no room.
    public var refusedConnections: Int64 = 0
    /// Closed because a message, an answer or the peer's silence took too long.
    public var timedOut: Int64 = 0
    /// Of the memory budget, in use now.
    public var memoryBytes: Int64 = 0
    /// Closed because of where they came from.
    public var refusedCallers: Int64 = 0
    /// Closed because they spoke without TLS.
    public var refusedPlain: Int64 = 0
    /// Of TLS, ended well.
    public var handshakes: Int64 = 0
    public var failedHandshakes: Int64 = 0
}

/// Why a server did not start.
public struct ServerStartError: Error, Hashable, Sendable, CustomStringConvertible {
    public var service: String
    public var port: Int32
    public var message: String

    public var description: String { "\(service) on port \(port): \(message)" }
}
