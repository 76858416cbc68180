public import AccessControl
public import MySQLProtocol
public import NIOSSL

/// How the port is open, to whom, and what it bears.
public struct MySQLConfiguration: Sendable {
    public var host: String
    /// 0 picks a free one.
    public var port: Int
    /// The configuration keys of both, for the error when they can't be had.
    public var keys = "query_port"
    public var conversation = ConversationSettings()

    /// Whether somebody with this address may connect. Asked on an event loop.
    public var isAllowed: @Sendable (String) -> Bool = { _ in true }
    /// What TLS is spoken with, asked for each connection; nil: TLS is not offered. Asked on an event loop.
    public var tls: @Sendable () -> NIOSSLContext? = { nil }
    /// Whether a login of this user from this address may be looked at. It waits without a thread. Asked on an event loop.
    public var admit: @Sendable (_ user: String, _ host: String) -> LoginAdmission = { _, _ in .now }

    public var connectionLimit = 4096
    /// Connections beyond the limit that root may have from this machine, to end others.
    public var spareConnections = 2
    /// Statements that run at once.
    public var statementThreads = 32
    /// Statements that wait for a thread. Those whose client has to take rows first are not counted.
    public var statementQueueLimit = 1024
    public var loginThreads = 4
    public var loginQueueLimit = 1024
    /// Bytes that long messages may take together while they come and run.
    public var messageMemoryLimit = 256 << 20

    /// From connecting to the proof of a password.
    public var handshakeTimeout: Duration = .seconds(10)
    /// Between two statements.
    public var idleTimeout: Duration = .seconds(8 * 3600)
    /// Between two parts of a message.
    public var readTimeout: Duration = .seconds(30)
    /// Until a client has taken what waits for it, about a megabyte at most.
    public var writeTimeout: Duration = .seconds(60)
    /// What statements under way are given when the service shuts down, and a killed one to end.
    public var shutdownTimeout: Duration = .seconds(10)

    public init(host: String = "127.0.0.1", port: Int = 0) {
        self.host = host
        self.port = port
    }
}
