import AccessControl
import MySQLProtocol
import SQLSessions
import ServerFixtures

/// A conversation under a test's hand: bytes of a client in, packets of the server out.
struct Driver {
    static let challenge = (1...20).map { UInt8($0) }
    static let second = (41...60).map { UInt8($0) }

    var conversation: Conversation
    var events: [Conversation.Event] = []
    /// Payloads that the server sent, each with its number.
    var packets: [(sequence: UInt8, payload: [UInt8])] = []

    init(offersTLS: Bool = false, _ change: (inout ConversationSettings) -> Void = { _ in }) {
        var settings = ConversationSettings()
        change(&settings)
        let challenges = Challenges()
        conversation = Conversation(settings, connection: 7, offersTLS: offersTLS) { challenges.next() }
        conversation.greet()
        collect()
    }

    /// - Returns: what was left, and what is to be done.
    @discardableResult
    mutating func send(_ bytes: [UInt8]) -> (left: Int, event: Conversation.Event?) {
        let result = bytes.withUnsafeBytes { raw in
            var input = raw
            let event = conversation.receive(&input)
            return (input.count, event)
        }
        collect()
        if let event = result.1 { events.append(event) }
        return result
    }

    /// A message whose number follows the server's last.
    @discardableResult
    mutating func reply(_ payload: [UInt8]) -> Conversation.Event? {
        send(MySQLClientBytes.message(payload, sequence: packets.last.map { $0.sequence &+ 1 } ?? 0)).event
    }

    mutating func collect() {
        var bytes = conversation.takeOutput()[...]
        while bytes.count >= 4 {
            let head = Array(bytes.prefix(4))
            let count = Int(head[0]) | Int(head[1]) << 8 | Int(head[2]) << 16
            packets.append((head[3], Array(bytes.dropFirst(4).prefix(count))))
            bytes = bytes.dropFirst(4 + count)
        }
        precondition(bytes.isEmpty, "half a packet was sent")
    }

    /// Logs a user in by the native plugin.
    static func loggedIn(flags: UInt32 = MySQLClientBytes.Flags.usual) -> Driver {
        var driver = Driver()
        driver.reply(MySQLClientBytes.hello(user: "ann", answer: [], flags: flags))
        driver.conversation.loggedIn()
        driver.collect()
        driver.packets = []
        driver.events = []
        return driver
    }

    var login: Conversation.Login? {
        guard case .logIn(let login) = events.last else { return nil }
        return login
    }

    /// The error that was sent last.
    var error: SQLError? { packets.last.flatMap { Self.error($0.payload) } }

    static func error(_ payload: [UInt8]) -> SQLError? {
        guard payload.count >= 3, payload[0] == 0xff else { return nil }
        let number = UInt16(payload[1]) | UInt16(payload[2]) << 8
        guard payload.dropFirst(3).first == UInt8(ascii: "#") else {
            return SQLError(number, "", String(decoding: payload.dropFirst(3), as: UTF8.self))
        }
        return SQLError(
            number, String(decoding: payload[4..<9], as: UTF8.self), String(decoding: payload[9...], as: UTF8.self))
    }

    var hasEnded: Bool {
        guard case .end = events.last else { return false }
        return conversation.hasEnded
    }
}

/// The first challenge, and then the second for ever.
private final class Challenges: @unchecked Sendable {
    // Unchecked: each belongs to one driver.
    private var asked = 0
    func next() -> [UInt8] {
        defer { asked += 1 }
        return asked == 0 ? Driver.challenge : Driver.second
    }
}
