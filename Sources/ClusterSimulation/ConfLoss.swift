internal import ClusterTestKit
internal import Synchronization
internal import TabletModel

/// Cooldown confs that a backend takes and forgets, as one does that goes down before they are durable: the FE hears that
/// they arrived.
final class ConfLoss: Sendable {
    private let oneIn = Mutex<UInt64?>(nil)
    private let random: SeededRandom

    init(random: SeededRandom) { self.random = random.fork("conf loss") }

    /// One in so many tasks; nil: none.
    func set(_ oneIn: UInt64?) { self.oneIn.withLock { $0 = oneIn } }

    func loses(_ task: AgentTask) -> Bool {
        guard task.type == .pushCooldownConf, let n = oneIn.withLock({ $0 }) else { return false }
        return random.oneIn(n)
    }
}
