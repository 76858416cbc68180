internal import Logging
internal import Platform
internal import StorageEngine
internal import TabletModel

/// Answers the agent port (`contract/wire.md` §5). What this build does not do says so.
final class BackendService: BackendHandler {
    private let agent: Agent
    private let engine: any AgentEngine
    private let logger: Logger
    private let gate: CommandGate
    private let trashPool: any WorkerPool

    init(agent: Agent, engine: any AgentEngine, gate: CommandGate, scheduler: any Scheduler, logger: Logger) {
        self.agent = agent
        self.gate = gate
        self.engine = engine
        self.logger = logger
        // One sweep runs, one may wait: a third `clean_trash` has nothing to add.
        trashPool = scheduler.makePool(name: "clean-trash", threads: 1, queueLimit: 1)
    }

    func submitTasks(_ tasks: [AgentTask], from caller: CallerHost) -> RPCStatus {
        gate.refusal(of: "submit_tasks", from: caller) ?? agent.submit(tasks)
    }

    func makeSnapshot(_ request: SnapshotRequest) -> AgentResult {
        do {
            let made = try engine.makeSnapshot(request)
            return AgentResult(
                status: .ok, snapshotPath: made.path, allowIncrementalClone: made.isIncremental,
                snapshotVersion: request.preferredSnapshotVersion)
        } catch {
            return AgentResult(status: TaskError(error).status)
        }
    }

    func releaseSnapshot(path: String) -> AgentResult {
        do {
            try engine.releaseSnapshot(path: path)
            return AgentResult(status: .ok)
        } catch {
            return AgentResult(status: TaskError(error).status)
        }
    }

    func publishClusterState(from caller: CallerHost) -> AgentResult {
        let method = "publish_cluster_state"
        return AgentResult(status: gate.refusal(of: method, from: caller) ?? notImplemented(method))
    }

    func tabletStats() -> [TabletStat] { engine.startupProgress.isLoaded ? engine.tabletStats() : [] }

    func trashUsedBytes() -> Int64 { engine.diskTrash().reduce(0) { $0 + $1.usedBytes } }

    func diskTrash() -> [DiskTrash] { engine.diskTrash() }

    /// Oneway on the wire: the sweep runs on a thread of its own, and who is refused does not hear of it.
    func cleanTrash(from caller: CallerHost) {
        guard gate.refusal(of: "clean_trash", from: caller) == nil else { return }
        let taken = trashPool.submit { [engine, logger] in
            do {
                try engine.sweepTrash(all: true)
                logger.info("trash removed on request")
            } catch {
                logger.warning("trash not removed", metadata: ["reason": "\(error)"])
            }
        }
        if !taken { logger.info("clean_trash asked again while one waits") }
    }

    /// Rowsets here are of the newer format only.
    func checkStorageFormat() -> (v1: [TabletID], v2: [TabletID]) {
        (v1: [], v2: engine.startupProgress.isLoaded ? engine.tabletStats().map(\.tabletID) : [])
    }

    private func notImplemented(_ what: String) -> RPCStatus {
        RPCStatus(.notImplementedError, "this backend does not support \(what)")
    }
}
