internal import SQLSessions

/// What a client says first: HandshakeResponse41, or the wish for TLS before it.
struct ClientHello: Sendable {
    var capabilities: Capabilities
    var user: String
    var answer: [UInt8]
    var database: String?
    var plugin: String?

    static func wantsTLS(_ payload: [UInt8]) -> Bool {
        var reader = PayloadReader(payload)
        guard payload.count == 32, let flags = reader.integer(4) else { return false }
        return Capabilities(rawValue: UInt32(flags)).isSuperset(of: [.tls, .protocol41])
    }

    /// What is understood of it decides how an error is told.
    static func capabilities(in payload: [UInt8]) throws(SQLError) -> Capabilities {
        var reader = PayloadReader(payload)
        guard let low = reader.integer(2) else { throw .badHandshake("it ends within the flags") }
        guard Capabilities(rawValue: UInt32(low)).contains(.protocol41) else { throw .oldClient }
        guard let high = reader.integer(2) else { throw .badHandshake("it ends within the flags") }
        return Capabilities(rawValue: UInt32(low | high << 16))
    }

    init(_ payload: [UInt8]) throws(SQLError) {
        capabilities = try Self.capabilities(in: payload)
        var reader = PayloadReader(payload)
        // Behind the flags: the client's packet limit, its character set, and 23 bytes for later.
        guard reader.take(32) != nil else { throw .badHandshake("it ends before the user's name") }
        guard capabilities.contains(.secureConnection) || capabilities.contains(.longAuthentication) else {
            throw .oldClient
        }
        guard let user = reader.untilNUL() else { throw .badHandshake("the user's name has no end") }
        let isLong = capabilities.contains(.longAuthentication)
        guard let answer = isLong ? reader.lengthAndBytes() : reader.shortBytes() else {
            throw .badHandshake("it ends within the answer to the challenge")
        }
        self.user = try Self.text(user)
        self.answer = Array(answer)
        // Some set the flag and send no name.
        database = capabilities.contains(.connectWithDatabase) ? try Self.name(reader.lastText()) : nil
        plugin = capabilities.contains(.pluginAuthentication) ? try Self.name(reader.lastText()) : nil
        // Attributes of the connection follow, of which nothing is needed.
    }

    /// COM_CHANGE_USER, whose answer is to a challenge that was used before: it does not count.
    init(changeOfUser payload: [UInt8], capabilities: Capabilities) throws(SQLError) {
        self.capabilities = capabilities
        var reader = PayloadReader(payload, from: 1)
        guard let user = reader.untilNUL(), reader.shortBytes() != nil else { throw .malformedPacket }
        self.user = try Self.text(user)
        answer = []
        database = try Self.name(reader.lastText())
        plugin = nil
        guard reader.take(2) != nil, capabilities.contains(.pluginAuthentication) else { return }
        plugin = try Self.name(reader.lastText())
    }

    private static func text(_ bytes: ArraySlice<UInt8>) throws(SQLError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidText }
        return text
    }

    private static func name(_ bytes: ArraySlice<UInt8>) throws(SQLError) -> String? {
        bytes.isEmpty ? nil : try text(bytes)
    }
}
