internal import Synchronization
public import TabletModel

/// When each backend was last heard from by its own calls: reports and ends of tasks. A backend whose heartbeats are answered
/// may still be unable to reach this FE. Any thread.
public final class LifeSigns: Sendable {
    private let last = Mutex<[BackendID: MonotonicTime]>([:])

    public init() {}

    public func heard(from backend: BackendID, at now: MonotonicTime) { last.withLock { $0[backend] = now } }
    public func forget(_ backend: BackendID) { last.withLock { $0[backend] = nil } }
    public func lastHeard(from backend: BackendID) -> MonotonicTime? { last.withLock { $0[backend] } }
}
