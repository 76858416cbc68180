public import AccessControl
public import SQLSessions

/// The server's side of one connection, as a machine without sockets: bytes go in, what is to be done comes out, and what is to be
/// sent gathers in `output`. At most one thing is under way: until it is answered no byte is taken.
public struct Conversation: Sendable {
    public enum Event: Sendable {
        /// Every byte from here on is TLS.
        case startTLS
        /// Answer with `loggedIn` or `refuse`.
        case logIn(Login)
        /// Answer these with what `encoder` writes, and call `answered`.
        case run([UInt8])
        case use(String)
        case reset
        case statistics
        /// Send what there is and close.
        case end
    }

    public struct Login: Hashable, Sendable {
        public var user: String
        public var proof: PasswordProof
        public var database: String?
        public var isEncrypted: Bool
    }

    private enum State {
        case greeting
        case hello
        case authenticating(Authentication, ClientHello)
        case loggingIn(usedFastPath: Bool)
        case ready
        case answering
        case ended
    }

    private let settings: ConversationSettings
    private let connection: UInt32
    private let offersTLS: Bool
    private let newChallenge: @Sendable () -> [UInt8]
    private let challenge: [UInt8]
    private var state = State.greeting
    private var assembler: PacketAssembler
    private var capabilities: Capabilities = []
    private var isEncrypted = false
    private var waiting: [UInt8] = []

    /// - Parameter challenge: makes `LoginChallenge`s.
    public init(
        _ settings: ConversationSettings, connection: UInt32, offersTLS: Bool,
        challenge: @escaping @Sendable () -> [UInt8]
    ) {
        self.settings = settings
        self.connection = connection
        self.offersTLS = offersTLS
        newChallenge = challenge
        self.challenge = challenge()
        assembler = PacketAssembler(limit: ConversationSettings.handshakeLimit)
    }

    /// Bytes of a message that has not come whole.
    public var held: Int { assembler.held }
    /// Nothing is under way, and no part of a command has come.
    public var isIdle: Bool {
        guard case .ready = state else { return false }
        return !assembler.isWithin
    }
    public var isLoggedIn: Bool {
        switch state {
        case .ready, .answering: true
        default: false
        }
    }
    public var hasEnded: Bool {
        guard case .ended = state else { return false }
        return true
    }
    private var mayTake: Bool {
        switch state {
        case .hello, .authenticating, .ready: true
        case .greeting, .loggingIn, .answering, .ended: false
        }
    }

    public mutating func takeOutput() -> [UInt8] {
        defer { waiting = [] }
        return waiting
    }

    public mutating func greet() {
        guard case .greeting = state else { return }
        var capabilities = Capabilities.spoken
        if offersTLS { capabilities.insert(.tls) }
        let greeting = ServerGreeting(
            version: settings.serverVersion, connection: connection, challenge: challenge, plugin: settings.plugin,
            capabilities: capabilities)
        send { greeting.write(to: &$0) }
        state = .hello
    }

    /// Takes bytes from the front until something is to be done, or is under way.
    public mutating func receive(_ input: inout UnsafeRawBufferPointer) -> Event? {
        do {
            while mayTake, let message = try assembler.take(&input) {
                if let event = try handle(message) { return event }
            }
            return nil
        } catch {
            return end(with: error)
        }
    }

    // MARK: Answers

    public mutating func loggedIn() {
        guard case .loggingIn(let usedFastPath) = state else { return }
        answer { encoder in
            if usedFastPath { encoder.payload([0x01, 0x03]) }
            encoder.done()
        }
        becomeReady()
    }

    /// The answer to the command that is under way; give it back whole and in order.
    public var encoder: AnswerEncoder { AnswerEncoder(capabilities: capabilities, sequence: assembler.sequence) }

    public mutating func answered() {
        guard case .answering = state else { return }
        becomeReady()
    }

    /// Tells the client why the connection ends: in place of an answer, or unasked.
    public mutating func refuse(_ error: SQLError) { _ = end(with: error) }

    /// A connection that is not wanted at all, in place of a greeting.
    public static func refusal(_ error: SQLError) -> [UInt8] {
        var writer = PacketWriter()
        AnswerEncoder.error(error, hasState: false, to: &writer)
        return writer.bytes
    }

    private mutating func becomeReady() {
        state = .ready
        assembler.sequence = 0
        assembler.limit = settings.messageLimit
    }

    private mutating func end(with error: SQLError) -> Event {
        if case .ended = state { return .end }
        answer { $0.error(error) }
        state = .ended
        return .end
    }

    private mutating func answer(_ fill: (inout AnswerEncoder) -> Void) {
        var encoder = encoder
        fill(&encoder)
        waiting += encoder.bytes
        assembler.sequence = encoder.sequence
    }

    private mutating func send(_ fill: (inout PacketWriter) -> Void) {
        var writer = PacketWriter(sequence: assembler.sequence)
        fill(&writer)
        waiting += writer.bytes
        assembler.sequence = writer.sequence
    }

    // MARK: Messages

    private mutating func handle(_ message: [UInt8]) throws(SQLError) -> Event? {
        switch state {
        case .hello: return try handleHello(message)
        case .authenticating(var authentication, let hello):
            let step = authentication.receive(message)
            return carryOut(step, authentication, hello)
        case .ready: return try handleCommand(message)
        case .greeting, .loggingIn, .answering, .ended: return nil
        }
    }

    private mutating func handleHello(_ message: [UInt8]) throws(SQLError) -> Event? {
        if ClientHello.wantsTLS(message) {
            guard offersTLS, !isEncrypted else { throw .badHandshake("TLS is not offered") }
            isEncrypted = true
            return .startTLS
        }
        capabilities = try ClientHello.capabilities(in: message).intersection(.spoken)
        let hello = try ClientHello(message)
        guard isEncrypted || !settings.requiresTLS else { throw .tlsRequired }
        var authentication = Authentication(
            plugin: settings.plugin, challenge: challenge, isEncrypted: isEncrypted,
            canSwitch: capabilities.contains(.pluginAuthentication), newChallenge: newChallenge)
        let step = authentication.begin(name: hello.plugin, answer: hello.answer[...])
        return carryOut(step, authentication, hello)
    }

    private mutating func carryOut(
        _ step: Authentication.Step, _ authentication: Authentication, _ hello: ClientHello
    ) -> Event? {
        switch step {
        case .send(let payload):
            state = .authenticating(authentication, hello)
            answer { $0.payload(payload) }
            return nil
        case .check(let proof):
            state = .loggingIn(usedFastPath: authentication.usedFastPath)
            return .logIn(
                Login(user: hello.user, proof: proof, database: hello.database, isEncrypted: isEncrypted))
        case .refuse(let error): return end(with: error)
        }
    }

    private mutating func handleCommand(_ message: [UInt8]) throws(SQLError) -> Event? {
        switch try ClientCommand(message) {
        case .quit:
            state = .ended
            return .end
        case .query(let text): return begin(.run(text))
        case .use(let name):
            guard let name = String(validating: name, as: UTF8.self) else { return reply { $0.error(.invalidText) } }
            return begin(.use(name))
        case .resetConnection: return begin(.reset)
        case .statistics: return begin(.statistics)
        case .ping: return reply { $0.done() }
        // Deprecated by MySQL in 5.7: clients ask for names to complete. There are none.
        case .fieldList: return reply { $0.endOfRows() }
        case .setOption(let option):
            return reply { option == 1 ? $0.endOfRows() : $0.error(.severalStatements) }
        case .changeUser: return try handleChangeOfUser(message)
        case .unanswered:
            becomeReady()
            return nil
        case .refused(let error): return reply { $0.error(error) }
        }
    }

    private mutating func handleChangeOfUser(_ message: [UInt8]) throws(SQLError) -> Event? {
        guard capabilities.contains(.pluginAuthentication) else {
            return reply { $0.error(.notSupported("changing the user needs a client that knows plugins")) }
        }
        let hello = try ClientHello(changeOfUser: message, capabilities: capabilities)
        var authentication = Authentication(
            plugin: settings.plugin, challenge: [], isEncrypted: isEncrypted, canSwitch: true,
            newChallenge: newChallenge)
        let step = authentication.beginAnew(name: hello.plugin)
        return carryOut(step, authentication, hello)
    }

    private mutating func begin(_ event: Event) -> Event {
        state = .answering
        return event
    }

    private mutating func reply(_ fill: (inout AnswerEncoder) -> Void) -> Event? {
        answer(fill)
        becomeReady()
        return nil
    }
}
