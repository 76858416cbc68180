internal import TabletModel

/// A value behind a lock that threads can wait on: what `Mutex` lacks.
package final class Monitor<State>: @unchecked Sendable {
    // Unchecked: `state` is touched only with `lock` held.
    private var state: State
    private let lock = ConditionLock()

    package init(_ state: State) { self.state = state }

    /// Reads or changes the state without waking anybody.
    package func withLock<R>(_ body: (inout State) -> R) -> R {
        lock.lock()
        defer { lock.unlock() }
        return body(&state)
    }

    /// Changes the state and wakes every waiting thread.
    package func update<R>(_ body: (inout State) -> R) -> R {
        lock.lock()
        defer {
            lock.broadcast(.change)
            lock.unlock()
        }
        return body(&state)
    }

    /// Blocks until `body` returns a value. It runs under the lock, at once and after every `update`.
    package func wait<R>(_ body: (inout State) -> R?) -> R {
        lock.lock()
        defer { lock.unlock() }
        while true {
            if let value = body(&state) { return value }
            lock.wait(.change)
        }
    }

    /// As `wait`, for `limit` at most; then nil.
    package func wait<R>(upTo limit: Duration, _ body: (inout State) -> R?) -> R? {
        let deadline = readMonotonicClock() + limit
        lock.lock()
        defer { lock.unlock() }
        while true {
            if let value = body(&state) { return value }
            if !lock.wait(.change, until: deadline) { return body(&state) }
        }
    }
}
