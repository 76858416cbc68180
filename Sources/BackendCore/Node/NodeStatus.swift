public import StorageEngine
public import TabletModel

/// A backend at one moment, for its status page and for `tabletctl`. Holds no secret.
public struct NodeStatus: Sendable {
    public var identity: BackendIdentity
    /// What heartbeats taught; the token is left out.
    public var clusterID: Int32?
    public var backendID: BackendID?
    public var master: NetworkAddress?
    public var masterEpoch: Int64
    /// The host under which the master knows this backend.
    public var backendHost: String
    /// See `HeartbeatState.isConfirmed`.
    public var isConfirmed: Bool
    public var startup: StartupProgress
    public var isStopping: Bool
    public var reportVersion: Int64
    public var pools: [PoolStatus]
    /// Reports first, then upkeep.
    public var loops: [LoopStatus]
    public var disks: [DiskReport]
    /// Oldest first, at most as many as were asked for.
    public var tasks: [TaskStatus]
    public var taskCount: Int
    /// Ended, but the master has not acknowledged it yet.
    public var unacknowledgedTasks: Int
}

/// One task pool.
public struct PoolStatus: Hashable, Sendable {
    public var name: String
    public var workers: Int
    public var waiting: Int
    public var running: Int
}

/// One task that this backend knows.
public struct TaskStatus: Hashable, Sendable {
    public enum Phase: String, Hashable, Sendable {
        case waiting, running
        /// Ran, and runs again shortly (a publish that waits for the version before).
        case pausing
        /// Ended; `finishTask` is not acknowledged yet.
        case finishing
    }

    public var type: TaskType
    public var signature: Int64
    public var phase: Phase
    public var ageMs: Int64
    public var runs: Int
    public var finishTries: Int
}
