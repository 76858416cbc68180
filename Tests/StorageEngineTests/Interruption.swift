import ClusterTestKit
import Synchronization

/// Something that happens right before an operation of a backend's disk or meta store, once.
final class Interruption: Sendable {
    private struct Trap: Sendable {
        var matches: @Sendable (FaultOperation) -> Bool
        /// Operations that match and still go by.
        var skips: Int
        var body: @Sendable () -> Void
    }

    private let trap = Mutex<Trap?>(nil)

    /// - Parameters:
    ///   - name: of the operation: "link", "mkdir", "write" …
    ///   - suffix: how its path ends.
    func before(_ name: String, _ suffix: String = "", _ body: @escaping @Sendable () -> Void) {
        before(skipping: 0, { $0.name == name && $0.target.hasSuffix(suffix) }, body)
    }

    func before(
        skipping count: Int, _ matches: @escaping @Sendable (FaultOperation) -> Bool,
        _ body: @escaping @Sendable () -> Void
    ) {
        trap.withLock { $0 = Trap(matches: matches, skips: count, body: body) }
    }

    /// Each time, until `stop`; not while `body` runs.
    func always(
        _ matches: @escaping @Sendable (FaultOperation) -> Bool, _ body: @escaping @Sendable () -> Void
    ) {
        before(skipping: 0, matches) { [weak self] in
            body()
            self?.always(matches, body)
        }
    }

    func stop() { trap.withLock { $0 = nil } }

    /// It has not happened yet. Then it never will.
    func cancel() -> Bool { trap.withLock { $0.take() != nil } }

    func look(_ operation: FaultOperation) {
        let sprung = trap.withLock { trap -> Trap? in
            guard let set = trap, set.matches(operation) else { return nil }
            if set.skips > 0 {
                trap?.skips -= 1
                return nil
            }
            trap = nil
            return set
        }
        sprung?.body()
    }
}
