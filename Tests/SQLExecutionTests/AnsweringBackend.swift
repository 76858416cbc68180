import ClusterTestKit
import MasterCore
import Platform
import Synchronization
import TabletModel

/// A backend in memory that ends every task well at once, and counts the rows of nothing.
final class AnsweringBackend: BackendConnection {
    struct State {
        var master: Master?
        var taken: [AgentTask] = []
        /// Tasks of these types are taken and never answered.
        var silent: Set<TaskType> = []
        var reportVersion: Int64 = 1
    }

    let address: NetworkAddress
    let state = Mutex(State())
    private let pool: any WorkerPool

    init(host: String, scheduler: any Scheduler) {
        address = NetworkAddress(host: host, port: 9050)
        pool = scheduler.makePool(name: "backend", threads: 1, queueLimit: 10_000)
    }

    func taken(_ type: TaskType) -> [AgentTask] { state.withLock { $0.taken.filter { $0.type == type } } }

    func heartbeat(_ master: MasterInfo) throws -> HeartbeatReply {
        var info = BackendInfo()
        info.bePort = 9060
        info.httpPort = 8040
        info.version = "tabletd-test"
        info.startTime = UnixTime(milliseconds: 1_700_000_000_000)
        info.nodeRole = "mix"
        info.uuid = BackendUUID(text: "0f8fad5b-d9cb-469f-a165-00000000000\(address.host.last ?? "0")")
        return HeartbeatReply(status: .ok, backend: info)
    }

    func submitTasks(_ tasks: [AgentTask]) throws -> RPCStatus {
        for task in tasks {
            let isSilent = state.withLock { state in
                state.taken.append(task)
                return state.silent.contains(task.type)
            }
            if !isSilent { _ = pool.submit { self.end(task) } }
        }
        return .ok
    }

    func tabletStats() throws -> [TabletStat] { [] }

    private func end(_ task: AgentTask) {
        guard let master = state.withLock({ $0.master }) else { return }
        var request = FinishTaskRequest(
            backend: BackendAddress(host: address.host, bePort: 9060, httpPort: 8040), type: task.type,
            signature: task.signature, status: .ok)
        request.reportVersion = state.withLock { state in
            state.reportVersion += 1
            return state.reportVersion
        }
        switch task.payload {
        case .create(let create):
            var row = TabletReportRow(
                tabletID: create.tabletID, schemaHash: create.schema.schemaHash, version: create.version)
            row.replicaID = create.replicaID
            request.tablets = [row]
        case .push(let push):
            request.tablets = [
                TabletReportRow(tabletID: push.tabletID, schemaHash: push.schemaHash, version: push.version)
            ]
        default: break
        }
        _ = master.frontend.finishTask(request)
    }
}
