internal import Foundation
internal import Glibc
internal import Synchronization

/// Passes TCP on byte by byte, and spoils what passes when it is told to.
public final class ByteRelay: Sendable {
    public let port: Int32
    private let listener: Int32
    private let target: UInt16
    private let state = Mutex(State())

    private struct State {
        var open: Set<Int32> = []
        var isStopped = false
        /// Of the next connection.
        var flip: Flip?
        /// Bytes that still reach the server; nil: all.
        var left: Int?
    }

    private struct Flip {
        var mask: UInt8
        var place: Int
        var isTowardsServer: Bool
    }

    public init(to target: Int32) throws {
        self.target = UInt16(target)
        let listening = try LoopbackSocket.listen(port: 0)
        (listener, port) = (listening.socket, Int32(listening.port))
        Self.spawn { [weak self, listener] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0, let self else { break }
                self.serve(client)
            }
            close(listener)
        }
    }

    deinit { stop() }

    /// Ends all connections.
    public func stop() {
        let open = state.withLock { state in
            state.isStopped = true
            return state.open
        }
        shutdown(listener, Int32(SHUT_RDWR))
        for each in open { shutdown(each, Int32(SHUT_RDWR)) }
    }

    /// Spoils one bit of the next connection.
    public func flip(bit: Int, ofByte place: Int, towardsServer isTowardsServer: Bool) {
        state.withLock { $0.flip = Flip(mask: 1 << UInt8(bit), place: place, isTowardsServer: isTowardsServer) }
    }

    /// So many bytes more reach the server.
    public func lose(after count: Int) { state.withLock { $0.left = count } }

    private func serve(_ client: Int32) {
        guard let server = LoopbackSocket.connect(port: target) else {
            close(client)
            return
        }
        let flip: Flip?? = state.withLock { state in
            defer { state.flip = nil }
            guard !state.isStopped else { return nil }
            state.open.formUnion([client, server])
            return .some(state.flip)
        }
        guard let flip else {
            close(client)
            close(server)
            return
        }
        Self.spawn {
            let requests = DispatchSemaphore(value: 0)
            Self.spawn {
                self.pump(client, server, flip, isTowardsServer: true)
                requests.signal()
            }
            self.pump(server, client, flip, isTowardsServer: false)
            shutdown(client, Int32(SHUT_RDWR))
            requests.wait()
            self.state.withLock { $0.open.subtract([client, server]) }
            close(client)
            close(server)
        }
    }

    private func pump(_ source: Int32, _ sink: Int32, _ flip: Flip?, isTowardsServer: Bool) {
        var on: Int32 = 1
        setsockopt(sink, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var piece = [UInt8](repeating: 0, count: 4096)
        var place = 0
        while true {
            let count = recv(source, &piece, piece.count, 0)
            guard count > 0 else { break }
            for var byte in piece[..<count] {
                if let flip, flip.isTowardsServer == isTowardsServer, flip.place == place { byte ^= flip.mask }
                place += 1
                guard !isTowardsServer || mayPass() else { continue }
                guard send(sink, &byte, 1, Int32(MSG_NOSIGNAL)) == 1 else { return }
            }
        }
        shutdown(sink, Int32(SHUT_WR))
    }

    private func mayPass() -> Bool {
        state.withLock { state in
            guard let left = state.left else { return true }
            state.left = max(0, left - 1)
            return left > 0
        }
    }

    private static func spawn(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.stackSize = 256 << 10
        thread.start()
    }
}
