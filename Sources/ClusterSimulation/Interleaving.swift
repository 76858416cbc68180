internal import ClusterTestKit
internal import Platform
internal import Synchronization
internal import TabletModel

/// While one job waits for something slow, others run: what real threads would do. A machine that such a job takes down
/// stays up for the harness until the waiting job has ended.
final class Interleaving: Sendable {
    private let scheduler: ManualScheduler
    private let random: SeededRandom
    private let depth = Atomic(0)
    /// Jobs that wait inside one another.
    private static let depthLimit = 2
    private static let jobLimit: UInt64 = 4

    init(scheduler: ManualScheduler, random: SeededRandom) {
        self.scheduler = scheduler
        self.random = random.fork("interleaving")
    }

    /// A short wait, in which no time passes.
    func letOthersRun() {
        waiting {
            for _ in 0..<random.next(below: Self.jobLimit) where !scheduler.runOne() { return }
        }
    }

    /// A wait of up to `limit`.
    func letTimePass(upTo limit: Duration) {
        waiting { scheduler.wait(.nanoseconds(Int64(random.next(below: UInt64(max(1, limit.wholeNanoseconds)))))) }
    }

    /// A call on its way, of a process that may be stopped meanwhile: it then goes on where it was.
    /// - Returns: whether it took no longer than twice the limit.
    @discardableResult
    func letCallTravel(of node: SimulatedNode?, upTo limit: Duration = .milliseconds(200)) -> Bool {
        let start = scheduler.monotonicNow
        letTimePass(upTo: limit)
        while let node, node.isPaused { scheduler.wait(.milliseconds(50)) }
        return scheduler.monotonicNow - start <= limit * 2
    }

    private func waiting(_ body: () -> Void) {
        guard depth.load(ordering: .relaxed) < Self.depthLimit else { return }
        depth.add(1, ordering: .relaxed)
        defer { depth.subtract(1, ordering: .relaxed) }
        body()
    }
}
