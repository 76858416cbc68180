internal import BackendCore
internal import HTTPAPI
internal import Platform
internal import StorageEngine
internal import TabletModel

extension BackendHealthView {
    init(_ startup: StartupProgress) {
        let total = startup.totalTablets.map { " of \($0)" } ?? ""
        self.init(
            status: startup.isLoaded ? "OK" : "LOADING",
            msg: startup.isLoaded ? "" : "\(startup.loadedTablets)\(total) tablets are loaded")
    }
}

extension BackendStatusView {
    init(_ status: NodeStatus) {
        let identity = status.identity
        self.init(
            version: identity.version, startedMs: identity.startTime.milliseconds, host: status.backendHost,
            bePort: identity.bePort, httpPort: identity.httpPort, clusterID: status.clusterID,
            backendID: status.backendID?.rawValue, master: status.master?.description,
            masterEpoch: status.masterEpoch, isLoaded: status.startup.isLoaded,
            loadedTablets: status.startup.loadedTablets, totalTablets: status.startup.totalTablets,
            uuid: status.identity.uuid?.description, isConfirmed: status.isConfirmed, isStopping: status.isStopping,
            reportVersion: status.reportVersion,
            disks: status.disks.map { disk in
                DiskView(
                    rootPath: disk.rootPath, medium: disk.medium.description, isUsed: disk.isUsed,
                    totalBytes: disk.totalBytes, availableBytes: disk.availableBytes,
                    dataUsedBytes: disk.dataUsedBytes, remoteUsedBytes: disk.remoteUsedBytes,
                    trashUsedBytes: disk.trashUsedBytes, state: "\(disk.condition.state)",
                    stateReason: disk.condition.reason, stateSinceMs: disk.condition.since?.milliseconds ?? 0)
            },
            pools: status.pools.map { pool in
                PoolView(name: pool.name, workers: pool.workers, waiting: pool.waiting, running: pool.running)
            },
            loops: status.loops.map { loop in
                LoopView(
                    name: loop.name, lastRoundMs: loop.lastRoundAt?.milliseconds, lastDurationMs: loop.lastRoundMs,
                    lastFailure: loop.lastFailure, rounds: loop.rounds)
            },
            taskCount: status.taskCount, unacknowledgedTasks: status.unacknowledgedTasks,
            tasks: status.tasks.map { task in
                TaskView(
                    type: task.type.description, signature: task.signature, phase: task.phase.rawValue,
                    ageMs: task.ageMs, runs: task.runs, finishTries: task.finishTries)
            })
    }
}
