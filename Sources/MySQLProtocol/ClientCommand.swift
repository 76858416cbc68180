internal import SQLSessions

/// What a client asks for once it is in.
enum ClientCommand: Sendable {
    case quit
    case use([UInt8])
    case query([UInt8])
    case fieldList
    case statistics
    case ping
    case changeUser
    case setOption(UInt16)
    case resetConnection
    /// COM_STMT_SEND_LONG_DATA and COM_STMT_CLOSE have no answer, not even a refusal.
    case unanswered
    case refused(SQLError)

    init(_ payload: [UInt8]) throws(SQLError) {
        guard let code = payload.first else { throw .malformedPacket }
        switch code {
        case 0x01: self = .quit
        case 0x02: self = .use(Array(payload.dropFirst()))
        case 0x03: self = .query(Array(payload.dropFirst()))
        case 0x04: self = .fieldList
        case 0x09: self = .statistics
        case 0x0e: self = .ping
        case 0x11: self = .changeUser
        case 0x16, 0x17, 0x1a, 0x1c: self = .refused(.binaryStatements)
        case 0x18, 0x19: self = .unanswered
        case 0x1b:
            var reader = PayloadReader(payload, from: 1)
            guard let option = reader.integer(2) else { throw .malformedPacket }
            self = .setOption(UInt16(option))
        case 0x1f: self = .resetConnection
        default: self = .refused(.unknownCommand(code, Self.instead[code]))
        }
    }

    /// Commands that became statements long ago.
    private static let instead: [UInt8: String] = [
        0x05: "CREATE DATABASE", 0x06: "DROP DATABASE", 0x0a: "SHOW PROCESSLIST", 0x0c: "KILL",
    ]
}
