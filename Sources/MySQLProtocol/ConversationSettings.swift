/// What all connections of a port have in common.
public struct ConversationSettings: Sendable {
    /// What clients read to know what a server can do: MySQL 5.7, as Doris says too.
    public var serverVersion = "5.7.99-tabletd"
    /// Named in the greeting; clients that prefer the other are asked for that one.
    public var plugin = AuthenticationPlugin.native
    /// Nobody logs in without TLS.
    public var requiresTLS = false
    /// Longest message of a client that is in, in bytes.
    public var messageLimit = 16 << 20
    /// Longest message before.
    static let handshakeLimit = 64 << 10

    public init() {}
}
