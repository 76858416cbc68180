internal import NativeThreads

/// Carries a streamed body from the engine's thread to its consumer, holding at most a limit. One producer, one
/// consumer.
///
/// Pieces are allocated as needed, `limitBytes` in all, and used again; curl's small reads are packed together. A full
/// pipe tells the engine to pause the transfer, and its consumer tells the engine to go on once half of it is free.
final class BodyPipe: Sendable {
    static let pieceBytes = 128 << 10

    /// A block of body bytes, owned by one side at a time.
    final class Piece: @unchecked Sendable {
        // Unchecked: a piece is in the pipe (touched under its lock) or in the consumer's hand, never both.
        private let storage = UnsafeMutableRawPointer.allocate(byteCount: pieceBytes, alignment: 16)
        fileprivate(set) var count = 0
        deinit { storage.deallocate() }

        var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: storage, count: count) }

        fileprivate func append(_ source: UnsafeRawBufferPointer) {
            storage.advanced(by: count).copyMemory(from: source.baseAddress!, byteCount: source.count)
            count += source.count
        }
    }

    enum PushResult { case accepted, full, abandoned }

    private struct State {
        var head: HTTPResponse?
        var ready: [Piece] = []
        var free: [Piece] = []
        var allocated = 0
        var isPaused = false
        var isEnded = false
        var isAbandoned = false
    }

    private let limit: Int
    private let state = Monitor(State())

    init(limitBytes: Int) {
        limit = max(2, limitBytes / BodyPipe.pieceBytes)
    }

    /// What stands before the body; before the first piece of it.
    func begin(_ head: HTTPResponse) { state.withLock { $0.head = head } }

    /// Once; nil before it has come, and afterwards.
    func takeHead() -> HTTPResponse? { state.withLock { $0.head.take() } }

    /// Takes all of `bytes` (at most `pieceBytes`) or none. After `full` the producer must pause.
    func push(_ bytes: UnsafeRawBufferPointer) -> PushResult {
        guard !bytes.isEmpty else { return .accepted }
        return state.update { state in
            if state.isAbandoned { return .abandoned }
            if let last = state.ready.last, last.count + bytes.count <= BodyPipe.pieceBytes {
                last.append(bytes)
                return .accepted
            }
            guard let piece = state.free.popLast() ?? newPiece(&state) else {
                state.isPaused = true
                return .full
            }
            piece.append(bytes)
            state.ready.append(piece)
            return .accepted
        }
    }

    private func newPiece(_ state: inout State) -> Piece? {
        guard state.allocated < limit else { return nil }
        state.allocated += 1
        return Piece()
    }

    /// The next piece; nil after the last. Blocks.
    func next() -> Piece? {
        let taken: Piece?? = state.wait { state in
            if !state.ready.isEmpty { return .some(.some(state.ready.removeFirst())) }
            return state.isEnded ? .some(.none) : nil
        }
        return taken ?? nil
    }

    enum NextPiece {
        case piece(Piece)
        /// There is none after the last.
        case end
    }

    /// The next piece, for `limit` at most; then nil.
    func next(upTo limit: Duration) -> NextPiece? {
        state.wait(upTo: limit) { state in
            if !state.ready.isEmpty { return .piece(state.ready.removeFirst()) }
            return state.isEnded ? .end : nil
        }
    }

    /// Gives a piece back. True when the paused producer should go on.
    func release(_ piece: Piece) -> Bool {
        piece.count = 0
        return state.withLock { state in
            state.free.append(piece)
            guard state.isPaused, state.ready.count <= limit / 2 else { return false }
            state.isPaused = false
            return true
        }
    }

    /// The consumer wants no more: the producer's next push says so.
    func abandon() {
        state.update { state in
            state.isAbandoned = true
            state.isPaused = false
        }
    }

    /// No more pieces will come.
    func end() { state.update { $0.isEnded = true } }

    /// The transfer waits for its consumer, not for the network.
    var isPaused: Bool { state.withLock { $0.isPaused } }
}
