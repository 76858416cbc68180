internal import ClusterTestKit
internal import Platform
internal import Synchronization
internal import TabletModel

/// The clock of one machine: it outlives the daemon, and somebody may set it.
final class SimulatedClock: TimeSource {
    private let scheduler: ManualScheduler
    private let aheadMilliseconds = Atomic<Int64>(0)

    init(_ scheduler: ManualScheduler) { self.scheduler = scheduler }

    var monotonicNow: MonotonicTime { scheduler.monotonicNow }
    var wallNow: UnixTime { scheduler.wallNow + ahead }

    /// How far it is ahead of the true time; less than zero: behind.
    var ahead: Duration {
        get { .milliseconds(aheadMilliseconds.load(ordering: .relaxed)) }
        set { aheadMilliseconds.store(newValue.wholeMilliseconds, ordering: .relaxed) }
    }
}
