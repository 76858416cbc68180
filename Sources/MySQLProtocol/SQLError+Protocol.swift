public import SQLSessions

/// What the protocol itself refuses, with MySQL's numbers.
extension SQLError {
    public static let outOfOrder = Self(1156, "08S01", "Got packets out of order")
    public static let malformedPacket = Self(1835, "HY000", "Malformed communication packet")
    public static func badHandshake(_ detail: String) -> Self { .init(1043, "08S01", "Bad handshake: \(detail)") }
    public static let oldClient = Self(
        1251, "08004", "Clients before MySQL 4.1 can't log in here: protocol 4.1 with secure authentication is needed")
    public static let tlsRequired = Self(
        3159, "HY000", "Connections using insecure transport are prohibited: log in over TLS (--ssl)")
    public static let needsTLS = Self(
        1251, "08004",
        "caching_sha2_password without its fast path sends the password: use TLS, or mysql_native_password")
    public static let invalidText = Self(1300, "HY000", "Invalid utf8mb4 character string")
    public static let severalStatements = Self.notSupported("several statements in one query are not supported")
    public static let binaryStatements = Self(
        1295, "HY000",
        "binary prepared statements are not supported; the text kind (PREPARE … EXECUTE) is, or set"
            + " useServerPrepStmts=false")

    static func longMessage(limit: Int) -> Self {
        .tooLarge("Got a packet bigger than 'max_allowed_packet' (\(limit) bytes)")
    }
    static func unknownCommand(_ code: UInt8, _ advice: String?) -> Self {
        .init(1047, "08S01", "Unknown command \(code)" + (advice.map { ": use \($0)" } ?? ""))
    }
}
