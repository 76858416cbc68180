internal import Synchronization
internal import TabletModel

/// When each backend was last heard from by its own calls: reports and ends of tasks. A backend whose heartbeats are answered
/// may still be unable to reach this FE. Any thread.
final class LifeSigns: Sendable {
    private let last = Mutex<[BackendID: MonotonicTime]>([:])

    func heard(from backend: BackendID, at now: MonotonicTime) { last.withLock { $0[backend] = now } }
    func forget(_ backend: BackendID) { last.withLock { $0[backend] = nil } }
    func lastHeard(from backend: BackendID) -> MonotonicTime? { last.withLock { $0[backend] } }
}
