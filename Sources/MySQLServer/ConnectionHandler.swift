internal import AccessControl
internal import Logging
internal import MySQLProtocol
internal import NIOCore
internal import NIOSSL
internal import NIOTLS
internal import SQLSessions

/// One connection: moves bytes between its channel, the protocol's machine, and the threads that answer. All on its event loop.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What is under way; while something is, nothing is read from the inbox.
    enum Work {
        case none
        case loggingIn
        case answering(Answering)
        /// The client has not taken what was written: no thread is held until it has.
        case stalled(Answering)
    }

    /// Bytes that may wait in the inbox before reading stops.
    static let inboxLimit = 64 << 10

    let port: MySQLPort
    var context: ChannelHandlerContext?
    var conversation: Conversation?
    var session: (any SQLSession)?
    var work = Work.none
    var host = ""
    var place: ConnectionTable.Place?
    /// Said instead of taking the next command.
    var farewell: SQLError?
    /// The session has ended: no part of an answer is asked for any more.
    var isKilled = false
    var isClosing = false
    /// Of `MessageMemory`.
    var share = 0
    var watch: Watch?
    private var inbox = ByteBuffer()
    private var tls: NIOSSLContext?
    private var isInTLSHandshake = false
    private var isProcessing = false
    private var isReadHeld = false

    init(_ port: MySQLPort) { self.port = port }

    var configuration: MySQLConfiguration { port.configuration }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        guard let address = context.remoteAddress?.ipAddress else { return context.close(promise: nil) }
        let known = IPAddress(address)
        host = known.map { "\($0)" } ?? address
        guard configuration.isAllowed(host) else {
            port.refused(host)
            return turnAway(SQLError(1130, "HY000", "Host '\(host)' is not allowed to connect to this server"))
        }
        let loop = context.eventLoop
        let me = NIOLoopBound(self, eventLoop: loop)
        place = port.table.enter(isLocal: known?.isLoopback ?? false) { order in
            loop.execute { me.value.obey(order) }
        }
        guard let place else {
            port.counters.refusedConnections.increment()
            return turnAway(port.table.isClosed ? .shuttingDown : tooMany)
        }
        port.counters.accepted.increment()
        tls = configuration.tls()
        var conversation = Conversation(
            configuration.conversation, connection: place.number, offersTLS: tls != nil, challenge: newChallenge)
        conversation.greet()
        self.conversation = conversation
        watch = Watch(on: loop) { [weak self] in self?.timeHasCome() }
        watch?.expect(.handshake, within: configuration.handshakeTimeout)
        flushOutput()
    }

    func channelInactive(context: ChannelHandlerContext) {
        watch?.stop()
        work = .none
        inbox = ByteBuffer()
        port.memory.release(&share)
        session?.end()
        session = nil
        if let place { port.table.leave(place.number) }
        place = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        var bytes = unwrapInboundIn(data)
        if inbox.readableBytes == 0 { inbox = bytes } else { inbox.writeBuffer(&bytes) }
        process()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .stalled(let answering) = work, context.channel.isWritable { proceed(with: answering) }
        process()
        context.fireChannelWritabilityChanged()
    }

    /// Reading stops while the client sends more than is taken.
    func read(context: ChannelHandlerContext) {
        if inbox.readableBytes < Self.inboxLimit || isClosing { context.read() } else { isReadHeld = true }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event { isInTLSHandshake = false }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isInTLSHandshake {
            isInTLSHandshake = false
            port.counters.tlsFailures.increment()
            port.logger.debug("a TLS handshake failed", metadata: ["host": "\(host)", "error": "\(error)"])
        }
        context.close(promise: nil)
    }

    // MARK: Bytes in

    func process() {
        guard !isProcessing, let context, place != nil else { return }
        isProcessing = true
        while case .none = work, !isClosing, farewell == nil, inbox.readableBytes > 0, context.channel.isWritable {
            guard let event = take() else { break }
            handle(event)
        }
        isProcessing = false
        guard !isClosing else { return }
        if case .none = work, farewell != nil { return sayFarewell() }
        flushOutput()
        expectNext()
        if isReadHeld, inbox.readableBytes < Self.inboxLimit {
            isReadHeld = false
            context.read()
        }
    }

    private func take() -> Conversation.Event? {
        var left = 0
        var event = inbox.withUnsafeReadableBytes { bytes in
            var input = bytes
            defer { left = input.count }
            return conversation?.receive(&input)
        }
        inbox.moveReaderIndex(forwardBy: inbox.readableBytes - left)
        if left == 0 { inbox = ByteBuffer() }
        if let held = conversation?.held, !port.memory.make(room: held, share: &share) {
            conversation?.refuse(.messagesTakeTooMuch)
            event = .end
        }
        return event
    }

    private func handle(_ event: Conversation.Event) {
        switch event {
        case .startTLS: startTLS()
        case .logIn(let login): logIn(login)
        case .run(let text):
            port.counters.statements.increment()
            answer { session in try session.run(text) }
        case .use(let name):
            answer { session in
                try session.use(name)
                return .done()
            }
        case .reset:
            answer { session in
                session.reset()
                return .done()
            }
        case .statistics: answerAtOnce { $0.text(port.statisticsText) }
        case .end: end()
        }
    }

    /// The rest of the inbox is TLS already: clients don't wait between their wish and their first words.
    private func startTLS() {
        guard let context, let tls else { return }
        let rest = inbox
        inbox = ByteBuffer()
        isInTLSHandshake = true
        do {
            try context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .first)
        } catch {
            return errorCaught(context: context, error: error)
        }
        guard rest.readableBytes > 0 else { return }
        context.pipeline.syncOperations.fireChannelRead(NIOAny(rest))
        context.pipeline.syncOperations.fireChannelReadComplete()
    }

    // MARK: Bytes out

    func flushOutput() {
        guard let output = conversation?.takeOutput(), !output.isEmpty, let context else { return }
        port.counters.bytesOut.increment(by: output.count)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: output)), promise: nil)
    }

    /// Bytes that the client has not taken.
    var buffered: Int {
        guard let options = context?.channel.syncOptions else { return 0 }
        // An option that every socket has.
        return (try? options.getOption(.bufferedWritableBytes)) ?? 0
    }

    private var newChallenge: @Sendable () -> [UInt8] {
        {
            var random = SystemRandomNumberGenerator()
            return LoginChallenge.make(using: &random)
        }
    }
}
