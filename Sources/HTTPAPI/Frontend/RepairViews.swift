public import TabletModel

/// A replica that is not healthy, with the tablet it belongs to. `replica.reason` says why, `replica.unhealthySinceMs` since
/// when.
public struct UnhealthyReplicaView: Hashable, Sendable, Codable {
    public var tabletID: TabletID
    public var table: TableName
    public var bucket: Int64
    public var visibleVersion: Version
    public var replica: ReplicaView
    /// What the scheduler does about it: `pending`, `running`, or empty when nothing is planned; `note` says why not.
    public var repair: String
    public var note: String

    public init(
        tabletID: TabletID, table: TableName, bucket: Int64, visibleVersion: Version, replica: ReplicaView,
        repair: String, note: String
    ) {
        self.tabletID = tabletID
        self.table = table
        self.bucket = bucket
        self.visibleVersion = visibleVersion
        self.replica = replica
        self.repair = repair
        self.note = note
    }
}

/// What the tablet scheduler has to do, does, and did.
public struct SchedulerView: Hashable, Sendable, Codable {
    /// Most urgent first.
    public var pending: [RepairTaskView]
    public var running: [RepairTaskView]
    /// Newest first; the last some hundred.
    public var history: [RepairTaskView]
    public var slots: [RepairSlotView]
    /// Tablets that the checker found in need, whether queued or not.
    public var unhealthyTablets: Int64
    public var lastCheckMs: Int64

    public init(
        pending: [RepairTaskView], running: [RepairTaskView], history: [RepairTaskView], slots: [RepairSlotView],
        unhealthyTablets: Int64, lastCheckMs: Int64
    ) {
        self.pending = pending
        self.running = running
        self.history = history
        self.slots = slots
        self.unhealthyTablets = unhealthyTablets
        self.lastCheckMs = lastCheckMs
    }
}

/// One tablet in the hands of the scheduler. Times are milliseconds since 1970, 0 = not yet.
public struct RepairTaskView: Hashable, Sendable, Codable {
    public var tabletID: TabletID
    public var table: TableName
    /// What is wrong: REPLICA_MISSING, VERSION_INCOMPLETE, REPLICA_BAD, REPLICA_RELOCATING, REDUNDANT, ….
    public var status: String
    /// VERY_HIGH, HIGH, NORMAL, LOW.
    public var priority: String
    /// `pending`, `running`, `finished`, `failed`.
    public var state: String
    public var sourceBackendIDs: [BackendID]
    public var destinationBackendID: BackendID?
    public var destinationPathHash: Int64?
    public var attempts: Int64
    public var createdMs: Int64
    public var startedMs: Int64
    public var endedMs: Int64
    public var copiedBytes: Int64
    /// What it waits for, or how it ended.
    public var message: String

    public init(
        tabletID: TabletID, table: TableName, status: String, priority: String, state: String,
        sourceBackendIDs: [BackendID], destinationBackendID: BackendID? = nil, destinationPathHash: Int64? = nil,
        attempts: Int64, createdMs: Int64, startedMs: Int64, endedMs: Int64, copiedBytes: Int64, message: String
    ) {
        self.tabletID = tabletID
        self.table = table
        self.status = status
        self.priority = priority
        self.state = state
        self.sourceBackendIDs = sourceBackendIDs
        self.destinationBackendID = destinationBackendID
        self.destinationPathHash = destinationPathHash
        self.attempts = attempts
        self.createdMs = createdMs
        self.startedMs = startedMs
        self.endedMs = endedMs
        self.copiedBytes = copiedBytes
        self.message = message
    }
}

/// Clones at work on one disk of one backend, as source or destination.
public struct RepairSlotView: Hashable, Sendable, Codable {
    public var backendID: BackendID
    public var pathHash: Int64
    public var used: Int64
    public var total: Int64

    public init(
        backendID: BackendID, pathHash: Int64, used: Int64, total: Int64
    ) {
        self.backendID = backendID
        self.pathHash = pathHash
        self.used = used
        self.total = total
    }
}

/// One comparison of the replicas of a tablet at one version.
public struct ConsistencyCheckView: Hashable, Sendable, Codable {
    public enum State: String, Hashable, Sendable, Codable { case running, consistent, inconsistent, failed }

    public struct ReplicaResult: Hashable, Sendable, Codable {
        public var replicaID: ReplicaID
        public var backendID: BackendID
        /// nil until it answered, or when it could not.
        public var checksum: Int64?
        public var error: String

        public init(
            replicaID: ReplicaID, backendID: BackendID, checksum: Int64? = nil, error: String
        ) {
            self.replicaID = replicaID
            self.backendID = backendID
            self.checksum = checksum
            self.error = error
        }
    }

    public var tabletID: TabletID
    public var version: Version
    public var state: State
    public var replicas: [ReplicaResult]
    public var startedMs: Int64
    public var endedMs: Int64
    public var message: String

    public init(
        tabletID: TabletID, version: Version, state: State, replicas: [ReplicaResult], startedMs: Int64, endedMs: Int64,
        message: String
    ) {
        self.tabletID = tabletID
        self.version = version
        self.state = state
        self.replicas = replicas
        self.startedMs = startedMs
        self.endedMs = endedMs
        self.message = message
    }
}
