internal import Synchronization
internal import TabletModel

/// The process-wide report version: an FE drops a tablet report that is older than a task end it has seen.
///
/// Starts at unix seconds × 100,000 (LATE, #40172) and grows by one with each change that `contract/behaviour.md` §2
/// lists, so that a restarted backend starts above its past: it would need more than 100,000 changes a second, kept up,
/// or a wall clock set back, to start below.
final class ReportVersion: Sendable {
    private let value: Atomic<Int64>

    init(startedAt now: UnixTime) { value = Atomic(max(1, now.seconds) * 100_000) }

    // Sequentially consistent on purpose: a report that reads the same version before and after collecting must have
    // seen every change that was bumped, and the change itself happens before its bump.
    var current: Int64 { value.load(ordering: .sequentiallyConsistent) }
    func bump() -> Int64 { value.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue }
}
