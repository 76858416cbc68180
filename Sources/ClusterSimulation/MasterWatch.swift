internal import Platform
internal import Synchronization
internal import TabletModel

/// Listens to what FEs do as master, and remembers what must never be: one acts after another one of a later epoch has acted, or a
/// backend takes something from a master that it must know to be deposed. Any thread.
final class MasterWatch: Sendable {
    private struct State {
        var newest = Actor(frontend: "", epoch: 0)
        /// The highest epoch of a heartbeat that each backend took.
        var heard: [String: Int64] = [:]
        var wrong: [String] = []
        var acts = 0
        var epochs: Set<Int64> = []
    }

    /// The master of one term.
    struct Actor: Hashable, Sendable {
        let frontend: String
        let epoch: Int64
    }

    private let state = Mutex(State())

    /// What was seen to be wrong so far.
    var wrong: [String] { state.withLock { $0.wrong } }
    /// What masters did so far, and how many terms there were in which one did something.
    var acts: Int { state.withLock { $0.acts } }
    var terms: Int { state.withLock { $0.epochs.count } }

    func complain(_ text: String) { state.withLock { $0.wrong.append(text) } }

    /// It sends something, or tells somebody that a change was made.
    func acts(_ actor: Actor, _ what: () -> String) {
        state.withLock { state in
            state.acts += 1
            state.epochs.insert(actor.epoch)
            if actor.epoch < state.newest.epoch || (actor.epoch == state.newest.epoch && actor != state.newest) {
                let newest = state.newest
                state.wrong.append(
                    "\(actor.frontend) \(what()) in epoch \(actor.epoch), after \(newest.frontend) has acted in \(newest.epoch)"
                )
            } else {
                state.newest = actor
            }
        }
    }

    /// The backend took it.
    func took(_ what: String, of actor: Actor, epoch: Int64, host: String) {
        state.withLock { state in
            let heard = state.heard[host] ?? 0
            guard epoch < heard else { return }
            state.wrong.append("\(host) took \(what) of \(actor.frontend) in epoch \(epoch), and has heard of \(heard)")
        }
    }

    func heard(_ epoch: Int64, host: String) {
        state.withLock { $0.heard[host] = max(epoch, $0.heard[host] ?? 0) }
    }
}

/// The lines of one term's master to the backends, behind whatever keeps it from using them.
struct WatchedBackendConnector: BackendConnector {
    let base: any BackendConnector
    let actor: MasterWatch.Actor
    let watch: MasterWatch

    func connection(heartbeat: NetworkAddress, agent: NetworkAddress?) -> any BackendConnection {
        Connection(
            base: base.connection(heartbeat: heartbeat, agent: agent), host: heartbeat.host, actor: actor, watch: watch)
    }

    private struct Connection: BackendConnection {
        let base: any BackendConnection
        let host: String
        let actor: MasterWatch.Actor
        let watch: MasterWatch

        func heartbeat(_ master: MasterInfo) throws -> HeartbeatReply {
            watch.acts(actor) { "heartbeats \(host)" }
            let reply = try base.heartbeat(master)
            if reply.status.isOK {
                watch.took("a heartbeat", of: actor, epoch: master.epoch, host: host)
                watch.heard(master.epoch, host: host)
            }
            return reply
        }

        func submitTasks(_ tasks: [AgentTask]) throws -> RPCStatus {
            watch.acts(actor) { "sends \(tasks.map { "\($0.type)" }) to \(host)" }
            let status = try base.submitTasks(tasks)
            if status.isOK { watch.took("tasks", of: actor, epoch: actor.epoch, host: host) }
            return status
        }

        func tabletStats() throws -> [TabletStat] { try base.tabletStats() }
    }
}
