internal import MySQLProtocol
internal import NIOCore
internal import SQLSessions

extension SQLError {
    static let shuttingDown = Self.unavailable("Server shutdown in progress")
    static let killed = Self.interrupted("Connection was killed")
    static let unexpected = Self.unknown("internal error: see the log of the frontend")
    static let messagesTakeTooMuch = Self(1041, "HY000", "too many long messages at once; try again later")
    static func busy(_ what: String) -> Self {
        .init(1041, "HY000", "too busy: too many \(what) run and wait; try again later")
    }
    static func late(_ what: String) -> Self {
        .init(1159, "08S01", "Got timeout reading communication packets: \(what)")
    }
    static let idle = Self(4031, "HY000", "The client was disconnected by the server because of inactivity")
}

extension ConnectionHandler {
    /// After an error the client is given so long to read it and to close: closed while it sends, it would lose it.
    private static let lingering = Duration.seconds(1)

    // MARK: Time

    /// What the client has to do next, and until when.
    func expectNext() {
        guard case .none = work, place != nil, let conversation, conversation.isLoggedIn else { return }
        if conversation.held == 0 { port.memory.release(&share) }
        if buffered > 0 {
            if watch?.reason != .taking { watch?.expect(.taking, within: configuration.writeTimeout) }
        } else if conversation.isIdle {
            watch?.expect(.idle, within: configuration.idleTimeout)
        } else {
            watch?.expect(.message, within: configuration.readTimeout)
        }
    }

    func timeHasCome() {
        guard let reason = watch?.fired() else { return }
        switch reason {
        case .ending: return abort()
        case .taking where buffered == 0: return expectNext()
        default: port.counters.timeouts.increment()
        }
        switch reason {
        case .ending, .taking: abort()
        case .handshake: refuse(.late("no login within \(configuration.handshakeTimeout)"))
        case .message: refuse(.late("half a message within \(configuration.readTimeout)"))
        case .idle: refuse(.idle)
        }
    }

    // MARK: From outside

    func obey(_ order: ConnectionTable.Order) {
        switch order {
        case .shutDown: leave(with: .shuttingDown)
        case .kill: kill()
        case .abort: abort()
        }
    }

    private func kill() {
        guard !isClosing, !isKilled else { return }
        // What runs ends with an error soon; a client that takes nothing is not waited for.
        if case .stalled = work { return abort() }
        isKilled = true
        session?.end()
        leave(with: .killed)
        if !isClosing { watch?.expect(.ending, within: configuration.shutdownTimeout) }
    }

    private func leave(with error: SQLError) {
        guard !isClosing else { return }
        farewell = farewell ?? error
        if case .none = work { sayFarewell() }
    }

    // MARK: The end

    func sayFarewell() {
        guard let farewell else { return }
        refuse(farewell)
    }

    /// The machine has ended: by the client's wish, or with an error that is in its output.
    func end() {
        guard let context, !isClosing else { return }
        let output = conversation?.takeOutput() ?? []
        if output.isEmpty {
            isClosing = true
            return context.close(promise: nil)
        }
        port.counters.protocolErrors.increment()
        close(after: output)
    }

    /// An error is in the machine's output.
    func finish() {
        guard !isClosing else { return }
        close(after: conversation?.takeOutput() ?? [])
    }

    private func refuse(_ error: SQLError) {
        conversation?.refuse(error)
        finish()
    }

    /// Before there is a conversation.
    func turnAway(_ error: SQLError) { close(after: Conversation.refusal(error)) }

    private func close(after output: [UInt8]) {
        guard let context else { return }
        isClosing = true
        port.counters.bytesOut.increment(by: output.count)
        let me = NIOLoopBound(self, eventLoop: context.eventLoop)
        if watch == nil { watch = Watch(on: context.eventLoop) { [weak self] in self?.timeHasCome() } }
        watch?.expect(.ending, within: Self.lingering)
        // Nothing more is sent; what still comes is read and dropped until the client closes, or its time is over.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: output))).assumeIsolated().whenComplete { result in
            guard case .success = result else { return me.value.abort() }
            context.close(mode: .output).assumeIsolated().whenFailure { _ in me.value.abort() }
        }
        context.read()
    }

    func abort() {
        isClosing = true
        session?.end()
        context?.close(promise: nil)
    }
}
