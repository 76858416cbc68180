internal import Foundation
internal import Glibc
internal import Synchronization

/// Stands between clients and a server on loopback, as the network between two machines: it can be cut and mended, and connections
/// can be broken off in the middle of an answer.
///
/// While it is cut nothing goes through and nobody is told: connections are made and stay, and what is sent waits, as bytes do whose
/// acknowledgement does not come. When it is mended they go on.
public final class TCPRelay: Sendable {
    public let port: UInt16
    private let target: UInt16
    private let listener: Int32
    private let gate = Gate()
    private let state = Mutex(State())

    private struct State {
        var open: Set<Int32> = []
        var accepted = 0
        var answered = 0
        var isStopped = false
        var breaks: @Sendable (Int) -> Int? = { _ in nil }
    }

    /// What passes, and when.
    private final class Gate: @unchecked Sendable {
        // Unchecked: its state is read and written under the condition's lock.
        private let condition = NSCondition()
        private var isOpen = true
        private var isStopped = false

        func set(open: Bool) {
            condition.withLock {
                isOpen = open
                condition.broadcast()
            }
        }

        func stop() {
            condition.withLock {
                isStopped = true
                condition.broadcast()
            }
        }

        /// Waits while it is shut. - Returns: false: the relay has stopped.
        func pass() -> Bool {
            condition.withLock {
                while !isOpen, !isStopped { condition.wait() }
                return !isStopped
            }
        }
    }

    public init(to target: UInt16) throws {
        self.target = target
        (listener, port) = try LoopbackSocket.listen(port: 0)
        let accepting = Thread { [weak self, listener] in TCPRelay.accept(listener) { self } }
        accepting.name = "tcp-relay"
        accepting.start()
    }

    deinit { stop() }

    /// Nothing passes either way from now on.
    public func cut() { gate.set(open: false) }
    public func mend() { gate.set(open: true) }

    /// From now on a connection is closed behind so many bytes from the server; nil: it is left alone.
    /// - Parameter behind: gets the connection's number, from 1.
    public func breakOff(_ behind: @escaping @Sendable (Int) -> Int?) { state.withLock { $0.breaks = behind } }

    /// Connections accepted so far.
    public var connectionCount: Int { state.withLock { $0.accepted } }
    /// Bytes from the server that clients were given so far.
    public var answeredBytes: Int { state.withLock { $0.answered } }

    /// Closes the port and every connection. Idempotent.
    public func stop() {
        let open = state.withLock { state -> Set<Int32>? in
            guard !state.isStopped else { return nil }
            state.isStopped = true
            return state.open
        }
        guard let open else { return }
        gate.stop()
        // Wakes the accepting thread, which closes the socket.
        shutdown(listener, Int32(SHUT_RDWR))
        for descriptor in open { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    // MARK: Connections

    private static func accept(_ listener: Int32, _ relay: () -> TCPRelay?) {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0, let relay = relay(), let number = relay.note(client) else {
                if client >= 0 { close(client) }
                close(listener)
                return
            }
            let serving = Thread { relay.serve(client, number) }
            serving.stackSize = 512 << 10
            serving.start()
        }
    }

    /// - Returns: nil: the relay has stopped.
    private func note(_ client: Int32) -> Int? {
        state.withLock { state in
            guard !state.isStopped else { return nil }
            state.open.insert(client)
            state.accepted += 1
            return state.accepted
        }
    }

    private func serve(_ client: Int32, _ number: Int) {
        defer { forget(client) }
        guard gate.pass(), let server = LoopbackSocket.connect(port: target) else { return }
        guard state.withLock({ $0.isStopped ? false : $0.open.insert(server).inserted }) else {
            close(server)
            return
        }
        let limit = state.withLock { $0.breaks }(number)
        let done = DispatchSemaphore(value: 0)
        let requests = Thread {
            self.pump(from: client, to: server, limit: nil)
            done.signal()
        }
        requests.stackSize = 512 << 10
        requests.start()
        pump(from: server, to: client, limit: limit, isAnswer: true)
        // Whoever still sends finds it closed.
        shutdown(client, Int32(SHUT_RDWR))
        shutdown(server, Int32(SHUT_RDWR))
        done.wait()
        forget(server)
    }

    private func forget(_ descriptor: Int32) {
        state.withLock { _ = $0.open.remove(descriptor) }
        close(descriptor)
    }

    /// Until either side ends, or so many bytes have passed.
    private func pump(from source: Int32, to sink: Int32, limit: Int?, isAnswer: Bool = false) {
        var rest = limit ?? .max
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while rest > 0 {
            let count = recv(source, &piece, min(piece.count, rest), 0)
            guard count > 0, gate.pass() else { break }
            if isAnswer { state.withLock { $0.answered += count } }
            var sent = 0
            while sent < count {
                let part = piece.withUnsafeBytes {
                    Glibc.send(sink, $0.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL))
                }
                guard part > 0 else { return }
                sent += part
            }
            rest -= count
        }
        // The other side hears that no more comes.
        shutdown(sink, Int32(SHUT_WR))
    }
}
