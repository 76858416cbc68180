/// Opens once, and then lets everybody through: where threads wait for what another one does for all of them. Any thread.
public protocol Gate: AnyObject, Sendable {
    func open()
    /// Returns once it is open; at once if it is.
    func wait()
}

/// One thread at a time is behind it; who unlocks it is who locked it.
public protocol Lock: AnyObject, Sendable {
    func lock()
    func unlock()
}

/// For how long a lock is held.
public enum LockHold: CaseIterable, Sendable {
    /// A few microseconds: who comes may spin.
    case briefly
    /// While something waits for a disk.
    case long
}

extension Lock {
    public func withLock<R>(_ body: () throws -> R) rethrows -> R {
        lock()
        defer { unlock() }
        return try body()
    }
}

/// Makes what many threads meet at.
public protocol GateMaker: Sendable {
    func makeGate() -> any Gate
    func makeLock(_ hold: LockHold) -> any Lock
}
