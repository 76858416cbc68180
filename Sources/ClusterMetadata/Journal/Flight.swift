internal import Platform

/// The turns of groups of changes: one is being written while the one before it becomes visible. Each takes off once and lands
/// once, in the same order. Any thread.
struct Flight: Sendable {
    private let writing: any Lock
    private let landing: any Lock

    init(_ gates: any GateMaker) {
        writing = gates.makeLock(.long)
        landing = gates.makeLock(.long)
    }

    /// Waits for the turn to write; `land` ends it.
    func takeOff() { writing.lock() }

    /// All that took off before have landed when `body` runs.
    /// - Parameter nextMayFly: the next one is written meanwhile, not behind it.
    func land<R>(nextMayFly: Bool, _ body: () throws -> R) rethrows -> R {
        // In this order nobody overtakes between the two.
        landing.lock()
        if nextMayFly { writing.unlock() }
        defer {
            landing.unlock()
            if !nextMayFly { writing.unlock() }
        }
        return try body()
    }
}
