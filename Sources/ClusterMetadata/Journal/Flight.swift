internal import Platform
internal import Synchronization

/// The turns of groups of changes: while one is being written, the next may be on its way too, where the edit log can have that, and
/// the one before becomes visible. Each takes off once and lands once, in the same order. Any thread.
final class Flight: Sendable {
    /// That have taken off and not landed. More would be smaller groups: one that waits grows.
    private static let most = 2

    private let writing: any Lock
    private let gates: any GateMaker
    /// Of those who took off last, the newest at the end; each opens when its own has landed.
    private let landings = Mutex<[any Gate]>([])

    /// One that has taken off.
    struct Passage {
        /// nil: there was none before.
        fileprivate let before: (any Gate)?
        fileprivate let own: any Gate
        fileprivate var hasHandedOn = false
    }

    init(_ gates: any GateMaker) {
        self.gates = gates
        writing = gates.makeLock(.long)
    }

    /// Waits for the turn to write; `land` ends it, if `handOn` has not.
    func takeOff() -> Passage {
        writing.lock()
        let own = gates.makeGate()
        let (before, farthest) = landings.withLock { landings in
            let before = landings.last
            let farthest = landings.count == Self.most ? landings.removeFirst() : nil
            landings.append(own)
            return (before, farthest)
        }
        farthest?.wait()
        return Passage(before: before, own: own)
    }

    /// The next one may take off: this one can't be overtaken any more.
    func handOn(_ passage: inout Passage) {
        guard !passage.hasHandedOn else { return }
        passage.hasHandedOn = true
        writing.unlock()
    }

    /// All that took off before have landed when `body` runs.
    /// - Parameter nextMayFly: the next one is written meanwhile, not behind it, if it does not fly already.
    func land<R>(_ passage: Passage, nextMayFly: Bool, _ body: () throws -> R) rethrows -> R {
        var passage = passage
        if nextMayFly { handOn(&passage) }
        passage.before?.wait()
        defer {
            passage.own.open()
            handOn(&passage)
        }
        return try body()
    }

    /// Nobody flies, nor takes off, while `body` runs.
    func aground<R>(_ body: () throws -> R) rethrows -> R { try land(takeOff(), nextMayFly: false, body) }
}
