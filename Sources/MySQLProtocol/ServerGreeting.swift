/// HandshakeV10: what the server says first.
struct ServerGreeting {
    var version: String
    var connection: UInt32
    var challenge: [UInt8]
    var plugin: AuthenticationPlugin
    var capabilities: Capabilities

    func write(to writer: inout PacketWriter) {
        let flags = capabilities.rawValue
        writer.message { writer in
            writer.byte(10)
            writer.textAndNUL(version)
            writer.integer(connection, 4)
            writer.raw(challenge.prefix(8))
            writer.byte(0)
            writer.integer(flags, 2)
            writer.byte(UInt8(ServerText.characterSet))
            writer.integer(ServerStatus.autocommit, 2)
            writer.integer(flags >> 16, 2)
            writer.byte(UInt8(challenge.count + 1))
            writer.zeros(10)
            writer.raw(challenge.dropFirst(8))
            writer.byte(0)
            writer.textAndNUL(plugin.rawValue)
        }
    }
}

enum ServerStatus {
    static let autocommit: UInt16 = 2
}

enum ServerText {
    /// utf8mb4_general_ci.
    static let characterSet: UInt16 = 45
    /// Numbers and dates.
    static let binary: UInt16 = 63
}
