internal import Platform

/// A value behind a lock that many writers queue at. Any thread.
///
/// `@unchecked Sendable`: the value is touched behind the lock alone.
final class Turn<Value: Sendable>: @unchecked Sendable {
    private var value: Value
    private let lock: any Lock

    init(_ value: Value, _ gates: any GateMaker) {
        self.value = value
        lock = gates.makeLock(.briefly)
    }

    func withLock<R>(_ body: (inout Value) throws -> R) rethrows -> R {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
