internal import ClusterTestKit
internal import Platform
internal import Synchronization

/// While one job waits for a slow answer, a download say, others run: what real threads would do. No time passes meanwhile,
/// and a machine that such a job takes down stays up for the harness until the waiting job has ended.
final class Interleaving: Sendable {
    private let scheduler: ManualScheduler
    private let random: SeededRandom
    private let depth = Atomic(0)
    /// Downloads that wait inside one another.
    private static let depthLimit = 2
    private static let jobLimit: UInt64 = 4

    init(scheduler: ManualScheduler, random: SeededRandom) {
        self.scheduler = scheduler
        self.random = random.fork("interleaving")
    }

    func letOthersRun() {
        guard depth.load(ordering: .relaxed) < Self.depthLimit else { return }
        depth.add(1, ordering: .relaxed)
        defer { depth.subtract(1, ordering: .relaxed) }
        for _ in 0..<random.next(below: Self.jobLimit) where !scheduler.runOne() { return }
    }
}
