internal import Foundation
internal import Synchronization

/// A small HTTP/1.1 server that misbehaves to order: the test says, for each request it receives, what to answer.
/// One thread a connection; bodies are held whole, up to `bodyLimitBytes`.
public final class FaultyHTTPServer: Sendable {
    public let port: UInt16
    public var endpoint: String { "http://127.0.0.1:\(port)" }

    private let listener: Int32
    private let answer: @Sendable (ReceivedRequest) -> FaultyAnswer
    private let state = Mutex(State())
    private let bodyLimitBytes: Int

    private struct State {
        var requests: [ReceivedRequest] = []
        var connections: Set<Int32> = []
        var accepted = 0
        var isStopped = false
    }

    /// - Parameter answer: called on connection threads, several at once.
    public init(
        bodyLimitBytes: Int = 64 << 20, answer: @escaping @Sendable (ReceivedRequest) -> FaultyAnswer
    ) throws {
        (listener, port) = try LoopbackSocket.listen(port: 0)
        self.answer = answer
        self.bodyLimitBytes = bodyLimitBytes
        let accepting = Thread { [weak self, listener] in FaultyHTTPServer.accept(listener) { self } }
        accepting.name = "faulty-http"
        accepting.start()
    }

    deinit { stop() }

    /// Everything received so far, whole requests only, in order of arrival.
    public var requests: [ReceivedRequest] { state.withLock { $0.requests } }

    /// Connections accepted so far.
    public var connectionCount: Int { state.withLock { $0.accepted } }

    /// Closes the port and cuts every connection. Idempotent.
    public func stop() {
        let open = state.withLock { state -> Set<Int32>? in
            guard !state.isStopped else { return nil }
            state.isStopped = true
            return state.connections
        }
        guard let open else { return }
        // Wakes the accepting thread, which closes the socket.
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in open { shutdown(connection, Int32(SHUT_RDWR)) }
    }

    private static func accept(_ listener: Int32, _ server: () -> FaultyHTTPServer?) {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            guard connection >= 0, let server = server(), let number = server.open(connection) else {
                if connection >= 0 { close(connection) }
                close(listener)
                return
            }
            let serving = Thread { server.serve(FaultyConnection(connection, number: number)) }
            serving.stackSize = 512 << 10
            serving.start()
        }
    }

    private func open(_ connection: Int32) -> Int? {
        state.withLock { state in
            guard !state.isStopped else { return nil }
            state.connections.insert(connection)
            state.accepted += 1
            return state.accepted
        }
    }

    private func serve(_ connection: FaultyConnection) {
        while let request = connection.readRequest(bodyLimitBytes: bodyLimitBytes) {
            state.withLock { $0.requests.append(request) }
            guard connection.carryOut(answer(request), for: request) else { break }
        }
        state.withLock { _ = $0.connections.remove(connection.descriptor) }
        connection.finish()
    }
}
