internal import NativeThreads

/// The store's share of connections: `S3Resource.maxConnections` requests are in flight at most, others wait.
final class ConnectionPermits: Sendable {
    private let free: Monitor<Int>

    init(_ limit: Int) { free = Monitor(max(1, limit)) }

    /// Blocks until one is free. Each holder's wait is bounded by its transfer's timeouts.
    func acquire() {
        free.wait { free -> Void? in
            guard free > 0 else { return nil }
            free -= 1
        }
    }

    /// False when none is free.
    func tryAcquire() -> Bool {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    func release() { free.update { $0 += 1 } }
}
