public import AccessControl

/// One connection's conversation in SQL. The MySQL server makes one a connection after the handshake; its calls come one at a
/// time, on a thread that may wait (never an event loop).
public protocol SQLSession: AnyObject, Sendable {
    /// Runs one statement. Text is UTF-8 as sent, checked by the callee.
    /// - Throws: `SQLError` alone; the session goes on.
    func run(_ text: [UInt8]) throws -> SQLReply
    /// COM_INIT_DB, as `USE`.
    func use(_ database: String) throws
    /// COM_RESET_CONNECTION: back to what it was after login.
    func reset()
    /// The connection has ended; a statement that runs is to stop soon. Any thread.
    func end()
}

/// Who makes sessions: users, and what they may ask.
public protocol SQLSessions: Sendable {
    /// Checks who is there. May take long on purpose, after failures.
    /// - Throws: `SQLError`: access denied, too many connections, unknown database.
    func logIn(_ login: SQLLogin) throws -> any SQLSession
}

/// What a client says of itself in the handshake.
public struct SQLLogin: Sendable {
    public var user: String
    public var proof: PasswordProof
    /// Address of the client, without its port.
    public var host: String
    public var database: String?
    public var isEncrypted: Bool
    /// The number by which `SHOW PROCESSLIST` and `KILL` name the connection.
    public var connection: UInt32
    /// Ends the connection. Any thread, any number of times.
    public var disconnect: @Sendable () -> Void

    public init(
        user: String, proof: PasswordProof, host: String, database: String?, isEncrypted: Bool, connection: UInt32,
        disconnect: @escaping @Sendable () -> Void = {}
    ) {
        self.user = user
        self.proof = proof
        self.host = host
        self.database = database
        self.isEncrypted = isEncrypted
        self.connection = connection
        self.disconnect = disconnect
    }
}

/// What a statement is answered with.
public enum SQLReply: Sendable {
    /// `note` is shown by clients as the statement's info, such as "{'label':'…', 'status':'VISIBLE', 'txnId':'…'}".
    case done(affectedRows: UInt64 = 0, warnings: UInt16 = 0, note: String = "")
    case rows([SQLColumn], any SQLRows)
}

/// The rows of an answer, in pieces as the client takes them. Used by one caller at a time.
public protocol SQLRows: AnyObject, Sendable {
    /// Writes some rows (about 64 KiB of them at most, one row at least). - Returns: false when there are no more; then nothing
    /// was written.
    /// - Throws: `SQLError`: the answer ends with it.
    func next(into writer: inout SQLRowWriter) throws -> Bool
}

public struct SQLColumn: Hashable, Sendable {
    /// What a client is told of the type: everything goes over the wire as text.
    public enum Kind: Hashable, Sendable {
        case text, integer, double, decimal, date, dateTime
    }

    public var name: String
    public var kind: Kind
    public var table: String
    public var database: String

    public init(_ name: String, _ kind: Kind = .text, table: String = "", database: String = "") {
        self.name = name
        self.kind = kind
        self.table = table
        self.database = database
    }
}
