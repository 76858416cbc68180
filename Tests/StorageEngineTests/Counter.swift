import Synchronization

/// Numbers from 1 on, from any thread.
final class Counter: Sendable {
    private let last = Atomic<Int64>(0)
    func take() -> Int64 { last.add(1, ordering: .relaxed).newValue }
}
