/// `/api/health`: Doris' keys, and how far the start is.
public struct BackendHealthView: Codable, Sendable {
    public var status: String
    public var msg: String

    public init(
        status: String, msg: String
    ) {
        self.status = status
        self.msg = msg
    }
}

/// `/api/status`.
public struct BackendStatusView: Codable, Sendable {
    public var version: String
    public var startedMs: Int64
    public var host: String
    public var bePort: Int32
    public var httpPort: Int32
    public var clusterID: Int32?
    public var backendID: Int64?
    public var master: String?
    public var masterEpoch: Int64
    public var isLoaded: Bool
    public var loadedTablets: Int
    public var totalTablets: Int?
    /// Of the data dirs; absent when they can't say.
    public var uuid: String?
    /// The master knows this backend by its uuid; until then it uploads nothing.
    public var isConfirmed: Bool
    public var isStopping: Bool
    public var reportVersion: Int64
    public var disks: [DiskView]
    public var pools: [PoolView]
    public var loops: [LoopView]
    public var taskCount: Int
    public var unacknowledgedTasks: Int
    public var tasks: [TaskView]

    public struct DiskView: Codable, Sendable {
        public var rootPath: String
        public var medium: String
        public var isUsed: Bool
        public var totalBytes: Int64
        public var availableBytes: Int64
        public var dataUsedBytes: Int64
        public var remoteUsedBytes: Int64
        public var trashUsedBytes: Int64
        /// "good", "full", "read-only" or "failed", why, and since when.
        public var state: String
        public var stateReason: String
        public var stateSinceMs: Int64

        public init(
            rootPath: String, medium: String, isUsed: Bool, totalBytes: Int64, availableBytes: Int64,
            dataUsedBytes: Int64, remoteUsedBytes: Int64, trashUsedBytes: Int64, state: String, stateReason: String,
            stateSinceMs: Int64
        ) {
            self.rootPath = rootPath
            self.medium = medium
            self.isUsed = isUsed
            self.totalBytes = totalBytes
            self.availableBytes = availableBytes
            self.dataUsedBytes = dataUsedBytes
            self.remoteUsedBytes = remoteUsedBytes
            self.trashUsedBytes = trashUsedBytes
            self.state = state
            self.stateReason = stateReason
            self.stateSinceMs = stateSinceMs
        }
    }

    public struct PoolView: Codable, Sendable {
        public var name: String
        public var workers: Int
        public var waiting: Int
        public var running: Int

        public init(
            name: String, workers: Int, waiting: Int, running: Int
        ) {
            self.name = name
            self.workers = workers
            self.waiting = waiting
            self.running = running
        }
    }

    public struct LoopView: Codable, Sendable {
        public var name: String
        public var lastRoundMs: Int64?
        public var lastDurationMs: Int64
        public var lastFailure: String?
        public var rounds: Int64

        public init(
            name: String, lastRoundMs: Int64? = nil, lastDurationMs: Int64, lastFailure: String? = nil, rounds: Int64
        ) {
            self.name = name
            self.lastRoundMs = lastRoundMs
            self.lastDurationMs = lastDurationMs
            self.lastFailure = lastFailure
            self.rounds = rounds
        }
    }

    public struct TaskView: Codable, Sendable {
        public var type: String
        public var signature: Int64
        public var phase: String
        public var ageMs: Int64
        public var runs: Int
        public var finishTries: Int

        public init(
            type: String, signature: Int64, phase: String, ageMs: Int64, runs: Int, finishTries: Int
        ) {
            self.type = type
            self.signature = signature
            self.phase = phase
            self.ageMs = ageMs
            self.runs = runs
            self.finishTries = finishTries
        }
    }

    public init(
        version: String, startedMs: Int64, host: String, bePort: Int32, httpPort: Int32, clusterID: Int32? = nil,
        backendID: Int64? = nil, master: String? = nil, masterEpoch: Int64, isLoaded: Bool, loadedTablets: Int,
        totalTablets: Int? = nil, uuid: String? = nil, isConfirmed: Bool, isStopping: Bool, reportVersion: Int64,
        disks: [DiskView], pools: [PoolView],
        loops: [LoopView], taskCount: Int, unacknowledgedTasks: Int, tasks: [TaskView]
    ) {
        self.version = version
        self.startedMs = startedMs
        self.host = host
        self.bePort = bePort
        self.httpPort = httpPort
        self.clusterID = clusterID
        self.backendID = backendID
        self.master = master
        self.masterEpoch = masterEpoch
        self.isLoaded = isLoaded
        self.loadedTablets = loadedTablets
        self.totalTablets = totalTablets
        self.uuid = uuid
        self.isConfirmed = isConfirmed
        self.isStopping = isStopping
        self.reportVersion = reportVersion
        self.disks = disks
        self.pools = pools
        self.loops = loops
        self.taskCount = taskCount
        self.unacknowledgedTasks = unacknowledgedTasks
        self.tasks = tasks
    }
}
