internal import BackendCore
internal import Platform
internal import TabletModel

/// `/api/health`: Doris' keys, and how far the start is.
struct HealthView: Codable, Sendable {
    var status: String
    var msg: String

    init(_ load: LoadProgress) {
        status = load.isLoaded ? "OK" : "LOADING"
        let total = load.totalTablets.map { " of \($0)" } ?? ""
        msg = load.isLoaded ? "" : "\(load.loadedTablets)\(total) tablets are loaded"
    }
}

/// `/api/status`.
struct StatusView: Codable, Sendable {
    var version: String
    var startedMs: Int64
    var host: String
    var bePort: Int32
    var httpPort: Int32
    var clusterID: Int32?
    var backendID: Int64?
    var master: String?
    var masterEpoch: Int64
    var isLoaded: Bool
    var loadedTablets: Int
    var totalTablets: Int?
    var isStopping: Bool
    var reportVersion: Int64
    var disks: [DiskView]
    var pools: [PoolView]
    var loops: [LoopView]
    var taskCount: Int
    var unacknowledgedTasks: Int
    var tasks: [TaskView]

    struct DiskView: Codable, Sendable {
        var rootPath: String
        var medium: String
        var isUsed: Bool
        var totalBytes: Int64
        var availableBytes: Int64
        var dataUsedBytes: Int64
        var remoteUsedBytes: Int64
        var trashUsedBytes: Int64
    }

    struct PoolView: Codable, Sendable {
        var name: String
        var workers: Int
        var waiting: Int
        var running: Int
    }

    struct LoopView: Codable, Sendable {
        var name: String
        var lastRoundMs: Int64?
        var lastDurationMs: Int64
        var lastFailure: String?
        var rounds: Int64
    }

    struct TaskView: Codable, Sendable {
        var type: String
        var signature: Int64
        var phase: String
        var ageMs: Int64
        var runs: Int
        var finishTries: Int
    }

    init(_ status: BackendStatus) {
        version = status.identity.version
        startedMs = status.identity.startTime.milliseconds
        host = status.backendHost
        bePort = status.identity.bePort
        httpPort = status.identity.httpPort
        clusterID = status.clusterID
        backendID = status.backendID?.rawValue
        master = status.master?.description
        masterEpoch = status.masterEpoch
        isLoaded = status.load.isLoaded
        loadedTablets = status.load.loadedTablets
        totalTablets = status.load.totalTablets
        isStopping = status.isStopping
        reportVersion = status.reportVersion
        disks = status.disks.map { disk in
            DiskView(
                rootPath: disk.rootPath, medium: disk.medium.description, isUsed: disk.isUsed,
                totalBytes: disk.totalBytes, availableBytes: disk.availableBytes, dataUsedBytes: disk.dataUsedBytes,
                remoteUsedBytes: disk.remoteUsedBytes, trashUsedBytes: disk.trashUsedBytes)
        }
        pools = status.pools.map { pool in
            PoolView(name: pool.name, workers: pool.workers, waiting: pool.waiting, running: pool.running)
        }
        loops = status.loops.map { loop in
            LoopView(
                name: loop.name, lastRoundMs: loop.lastRoundAt?.milliseconds, lastDurationMs: loop.lastRoundMs,
                lastFailure: loop.lastFailure, rounds: loop.rounds)
        }
        taskCount = status.taskCount
        unacknowledgedTasks = status.unacknowledgedTasks
        tasks = status.tasks.map { task in
            TaskView(
                type: task.type.description, signature: task.signature, phase: task.phase.rawValue,
                ageMs: task.ageMs, runs: task.runs, finishTries: task.finishTries)
        }
    }
}
