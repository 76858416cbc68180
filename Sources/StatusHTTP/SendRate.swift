internal import Synchronization

/// Spreads bytes over time: all that is sent through it together goes out no faster. Thread-safe.
public final class SendRate: Sendable {
    private let limit: Atomic<Int>
    /// When the bytes admitted so far will have gone out.
    private let paidUntil: Mutex<ContinuousClock.Instant>

    /// - Parameter bytesPerSecond: 0 sets no limit.
    public init(bytesPerSecond: Int) {
        limit = Atomic(bytesPerSecond)
        paidUntil = Mutex(.now)
    }

    /// For what is admitted from now on.
    /// - Parameter bytesPerSecond: 0 sets no limit.
    public func change(bytesPerSecond: Int) { limit.store(bytesPerSecond, ordering: .relaxed) }

    /// Waits until these bytes may be sent. A second's worth may go ahead after a pause.
    func admit(_ bytes: Int) async throws {
        let bytesPerSecond = limit.load(ordering: .relaxed)
        guard bytesPerSecond > 0 else { return }
        let cost = Duration.nanoseconds(Int64(Double(bytes) / Double(bytesPerSecond) * 1e9))
        let now = ContinuousClock.now
        let start = paidUntil.withLock { paid in
            let start = max(paid, now - .seconds(1))
            paid = start + cost
            return start
        }
        if start > now { try await Task.sleep(until: start, clock: .continuous) }
    }
}
