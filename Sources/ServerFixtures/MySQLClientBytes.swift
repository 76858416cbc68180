internal import Crypto

/// What a client of MySQL's protocol sends, made by hand from the protocol's description: nothing of the server's code is in it.
public enum MySQLClientBytes {
    public struct Flags {
        public static let mysql: UInt32 = 1
        public static let connectWithDatabase: UInt32 = 1 << 3
        public static let protocol41: UInt32 = 1 << 9
        public static let tls: UInt32 = 1 << 11
        public static let secureConnection: UInt32 = 1 << 15
        public static let pluginAuthentication: UInt32 = 1 << 19
        public static let attributes: UInt32 = 1 << 20
        public static let longAuthentication: UInt32 = 1 << 21
        public static let deprecateEOF: UInt32 = 1 << 24
        public static let usual = mysql | protocol41 | secureConnection | pluginAuthentication | longAuthentication
    }

    /// Packets of one message: pieces of 2²⁴−1 bytes and a shorter one.
    public static func message(_ payload: [UInt8], sequence: UInt8 = 0) -> [UInt8] {
        var bytes: [UInt8] = []
        var sequence = sequence
        var from = 0
        while true {
            let piece = payload[from...].prefix(0xFF_FFFF)
            bytes += little(UInt32(piece.count), 3) + [sequence] + piece
            sequence &+= 1
            from += piece.count
            if piece.count < 0xFF_FFFF { return bytes }
        }
    }

    public static func command(_ code: UInt8, _ argument: String = "") -> [UInt8] { message([code] + argument.utf8) }
    public static func query(_ text: String) -> [UInt8] { command(0x03, text) }

    /// HandshakeResponse41, without header.
    public static func hello(
        user: String, answer: [UInt8], plugin: String? = "mysql_native_password", database: String? = nil,
        flags: UInt32 = Flags.usual, attributes: [UInt8]? = nil
    ) -> [UInt8] {
        var flags = flags
        if database != nil { flags |= Flags.connectWithDatabase }
        if attributes != nil { flags |= Flags.attributes }
        if plugin == nil { flags &= ~Flags.pluginAuthentication }
        var bytes = head(flags) + Array(user.utf8) + [0, UInt8(answer.count)] + answer
        if let database { bytes += Array(database.utf8) + [0] }
        if let plugin { bytes += Array(plugin.utf8) + [0] }
        return bytes + (attributes ?? [])
    }

    /// SSLRequest, without header.
    public static func wishForTLS(flags: UInt32 = Flags.usual) -> [UInt8] { head(flags | Flags.tls) }

    private static func head(_ flags: UInt32) -> [UInt8] {
        little(flags, 4) + little(1 << 24, 4) + [45] + [UInt8](repeating: 0, count: 23)
    }

    /// COM_CHANGE_USER, without header.
    public static func changeOfUser(_ user: String, plugin: String, database: String = "") -> [UInt8] {
        [0x11] + Array(user.utf8) + [0, 0] + Array(database.utf8) + [0, 45, 0] + Array(plugin.utf8) + [0]
    }

    /// SHA1(p) xor SHA1(challenge + SHA1(SHA1(p))).
    public static func nativeAnswer(_ password: String, _ challenge: [UInt8]) -> [UInt8] {
        guard !password.isEmpty else { return [] }
        let once = Array(Insecure.SHA1.hash(data: Array(password.utf8)))
        let twice = Array(Insecure.SHA1.hash(data: once))
        return zip(once, Array(Insecure.SHA1.hash(data: challenge + twice))).map { $0 ^ $1 }
    }

    /// SHA256(p) xor SHA256(SHA256(SHA256(p)) + challenge).
    public static func sha2Answer(_ password: String, _ challenge: [UInt8]) -> [UInt8] {
        guard !password.isEmpty else { return [] }
        let once = Array(SHA256.hash(data: Array(password.utf8)))
        let twice = Array(SHA256.hash(data: once))
        return zip(once, Array(SHA256.hash(data: twice + challenge))).map { $0 ^ $1 }
    }

    /// Of HandshakeV10, without header: the two parts of the challenge put together.
    public static func challenge(ofGreeting payload: [UInt8]) -> [UInt8] {
        guard payload.first == 10, let end = payload.firstIndex(of: 0), payload.count >= end + 44 else { return [] }
        let first = payload[(end + 5)..<(end + 13)]
        return Array(first) + payload[(end + 32)..<(end + 44)]
    }

    static func little(_ value: UInt32, _ count: Int) -> [UInt8] {
        (0..<UInt32(count)).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
