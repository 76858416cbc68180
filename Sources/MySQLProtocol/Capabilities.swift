/// What client and server agree on in the handshake (MySQL's CLIENT_… flags).
public struct Capabilities: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// CLIENT_MYSQL: without it the other side takes the speaker for MariaDB, and these bits for others.
    public static let longPassword = Self(rawValue: 1)
    public static let foundRows = Self(rawValue: 1 << 1)
    public static let longFlag = Self(rawValue: 1 << 2)
    public static let connectWithDatabase = Self(rawValue: 1 << 3)
    public static let protocol41 = Self(rawValue: 1 << 9)
    public static let interactive = Self(rawValue: 1 << 10)
    public static let tls = Self(rawValue: 1 << 11)
    public static let transactions = Self(rawValue: 1 << 13)
    public static let secureConnection = Self(rawValue: 1 << 15)
    public static let pluginAuthentication = Self(rawValue: 1 << 19)
    public static let connectAttributes = Self(rawValue: 1 << 20)
    public static let longAuthentication = Self(rawValue: 1 << 21)
    public static let deprecateEOF = Self(rawValue: 1 << 24)

    /// What is spoken here. Not: compression, several statements in one query, files of the client, session tracking.
    static let spoken: Self = [
        .longPassword, .foundRows, .longFlag, .connectWithDatabase, .protocol41, .interactive, .transactions,
        .secureConnection, .pluginAuthentication, .connectAttributes, .longAuthentication, .deprecateEOF,
    ]
}
