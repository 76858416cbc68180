/// A client of MySQL's protocol under the test's hand.
public final class MySQLRawClient {
    public let connection: RawConnection
    /// The server's first words.
    public let greeting: [UInt8]

    /// Connects, and waits for the server's first words.
    public convenience init(port: Int) throws { self.init(try RawConnection(port: Int32(port))) }

    private init(_ connection: RawConnection) {
        self.connection = connection
        greeting = Self.receive(from: connection)?.payload ?? []
    }

    public var challenge: [UInt8] { MySQLClientBytes.challenge(ofGreeting: greeting) }

    /// Connects and logs in by the native plugin.
    public convenience init(
        port: Int, user: String, password: String = "", flags: UInt32 = MySQLClientBytes.Flags.usual
    ) throws {
        try self.init(port: port)
        let answer = MySQLClientBytes.nativeAnswer(password, challenge)
        send(MySQLClientBytes.message(MySQLClientBytes.hello(user: user, answer: answer, flags: flags), sequence: 1))
        let reply = receive()
        guard reply.first == 0 else { throw FixtureError("no login: \(Self.text(reply))") }
    }

    /// Many at once, of a user without a password.
    public static func many(_ count: Int, port: Int, user: String) throws -> [MySQLRawClient] {
        let connections = try (0..<count).map { _ in try RawConnection(port: Int32(port)) }
        let clients = connections.map { MySQLRawClient($0) }
        for client in clients {
            client.send(MySQLClientBytes.message(MySQLClientBytes.hello(user: user, answer: []), sequence: 1))
        }
        for client in clients {
            let reply = client.receive()
            guard reply.first == 0 else { throw FixtureError("no login: \(text(reply))") }
        }
        return clients
    }

    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool { connection.send(bytes) }

    /// The payload of the next packet; empty when the server has closed.
    public func receive() -> [UInt8] { Self.receive(from: connection)?.payload ?? [] }

    public func ask(_ text: String) -> [UInt8] {
        send(MySQLClientBytes.query(text))
        return receive()
    }

    /// Number of an error; nil when it is none.
    public static func errorNumber(_ payload: [UInt8]) -> Int? {
        payload.count >= 3 && payload[0] == 0xff ? Int(payload[1]) | Int(payload[2]) << 8 : nil
    }

    public static func text(_ payload: [UInt8]) -> String { String(decoding: payload, as: UTF8.self) }

    private static func receive(from connection: RawConnection) -> (sequence: UInt8, payload: [UInt8])? {
        let head = connection.receive(4)
        guard head.count == 4 else { return nil }
        let count = Int(head[0]) | Int(head[1]) << 8 | Int(head[2]) << 16
        let payload = connection.receive(count)
        return payload.count == count ? (head[3], payload) : nil
    }
}
