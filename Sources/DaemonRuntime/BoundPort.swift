internal import ServiceLifecycle
internal import Synchronization

/// A port that one service binds and others wait for. The wait ends with the daemon, too: a port that could not be bound is
/// never known.
public final class BoundPort: Sendable {
    private struct State {
        var port: Int?
        var waiting: [AsyncStream<Int>.Continuation] = []
    }
    private let state = Mutex(State())

    public init() {}

    public func set(_ port: Int) {
        let waiting = state.withLock { state in
            state.port = port
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.yield(port) }
    }

    /// Waits for the port; nil when the task is to stop, by graceful shutdown or cancellation, before it is known.
    public var value: Int? {
        get async {
            let (ports, continuation) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingNewest(1))
            let known = state.withLock { state -> Int? in
                if state.port == nil { state.waiting.append(continuation) }
                return state.port
            }
            if let known { return known }
            for await port in ports.cancelOnGracefulShutdown() { return port }
            return nil
        }
    }
}
