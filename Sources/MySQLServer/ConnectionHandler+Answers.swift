internal import MySQLProtocol
internal import NIOCore
internal import SQLSessions

extension ConnectionHandler {
    /// Answers on a thread.
    func answer(_ begin: @escaping @Sendable (any SQLSession) throws -> SQLReply) {
        guard let session, let encoder = conversation?.encoder else { return }
        guard let place = port.statements.enter() else {
            port.counters.busy.increment()
            port.counters.errors.increment()
            return answerAtOnce { $0.error(.busy("statements")) }
        }
        watch?.rest()
        proceed(
            with: Answering(place: place, encoder: encoder, logger: port.logger) { try begin(session) })
    }

    func answerAtOnce(_ fill: (inout AnswerEncoder) -> Void) {
        guard var encoder = conversation?.encoder, let context else { return }
        fill(&encoder)
        port.memory.release(&share)
        conversation?.answered()
        port.counters.bytesOut.increment(by: encoder.count)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: encoder.bytes)), promise: nil)
    }

    /// Asks for the next part of an answer.
    func proceed(with answering: Answering) {
        guard let loop = context?.eventLoop else { return }
        work = .answering(answering)
        if answering.place == nil { answering.place = port.statements.enterAgain() }
        if watch?.reason == .taking { watch?.rest() }
        let me = NIOLoopBound(self, eventLoop: loop)
        port.statements.run {
            let part = answering.next()
            loop.execute { me.value.took(part, of: answering) }
        }
    }

    private func took(_ part: Answering.Part, of answering: Answering) {
        guard case .answering(let current) = work, current === answering, let context else { return }
        port.counters.bytesOut.increment(by: part.bytes.readableBytes)
        context.write(wrapOutboundOut(part.bytes), promise: nil)
        if part.isLast {
            if part.isError { port.counters.errors.increment() }
            work = .none
            // Before the client can ask again.
            answering.place = nil
            port.memory.release(&share)
            conversation?.answered()
            context.flush()
            return process()
        }
        if isKilled { return abort() }
        // The next part is made while this one is sent.
        if context.channel.isWritable {
            proceed(with: answering)
            return context.flush()
        }
        work = .stalled(answering)
        // This may send all, and call `channelWritabilityChanged`.
        context.flush()
        guard case .stalled = work else { return }
        answering.place = nil
        watch?.expect(.taking, within: configuration.writeTimeout)
    }
}
