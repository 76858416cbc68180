internal import Synchronization

/// A port that one service binds and others wait for.
public final class BoundPort: Sendable {
    private struct State {
        var port: Int?
        var waiting: [CheckedContinuation<Int, Never>] = []
    }
    private let state = Mutex(State())

    public init() {}

    public func set(_ port: Int) {
        let waiting = state.withLock { state in
            state.port = port
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: port) }
    }

    public var value: Int {
        get async {
            await withCheckedContinuation { continuation in
                let known = state.withLock { state -> Int? in
                    if state.port == nil { state.waiting.append(continuation) }
                    return state.port
                }
                if let known { continuation.resume(returning: known) }
            }
        }
    }
}
