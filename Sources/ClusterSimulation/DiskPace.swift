internal import ClusterTestKit
internal import Synchronization

/// How slow the disk of one machine is now.
final class DiskPace: Sendable {
    private let shared: SharedParts
    private let plan: FaultPlan
    private let random: SeededRandom
    private let limit = Mutex<Duration?>(nil)
    /// One operation in so many is slow, as on a disk that reads a sector again and again.
    private static let oneIn: UInt64 = 3

    init(of name: String, shared: SharedParts, plan: FaultPlan) {
        random = shared.random.fork("disk of \(name)")
        self.shared = shared
        self.plan = plan
    }

    /// What a slow operation takes at most; nil: no time passes in any.
    func set(_ limit: Duration?) { self.limit.withLock { $0 = limit } }

    @Sendable func pause() {
        guard let limit = limit.withLock({ $0 }), !shared.observation.isUnderWay, !plan.hasCrashed,
            random.oneIn(Self.oneIn)
        else { return }
        shared.interleaving.letTimePass(upTo: limit)
    }
}
