internal import Synchronization
internal import TabletModel

/// Listens to the tasks that the FE sends, and remembers what it must never do: drop a replica that holds what no other one
/// holds, or run more clones than there are slots.
final class RepairWatch: Sendable {
    private struct State {
        var judge: (@Sendable (AgentTask, String) -> [String])?
        var wrong: [String] = []
        var dropped = 0
        var cloned = 0
        /// What the replicas of a machine that is down held when it went, each up to which version.
        var held: [String: [TabletID: Version]] = [:]
        /// Machines whose data was tampered with, and that have not reported since.
        var damaged: Set<String> = []
    }

    private let state = Mutex(State())

    /// - Parameter body: says what is wrong with sending this task to that host.
    func judge(by body: @escaping @Sendable (AgentTask, String) -> [String]) { state.withLock { $0.judge = body } }

    func sees(_ task: AgentTask, to host: String) {
        guard task.type == .drop || task.type == .clone else { return }
        let judge = state.withLock { state in
            if task.type == .drop { state.dropped += 1 } else { state.cloned += 1 }
            return state.judge
        }
        let wrong = judge?(task, host) ?? []
        state.withLock { $0.wrong += wrong }
    }

    /// What was seen to be wrong so far.
    var wrong: [String] { state.withLock { $0.wrong } }
    var dropTasks: Int { state.withLock { $0.dropped } }
    var cloneTasks: Int { state.withLock { $0.cloned } }

    // MARK: Machines that are down, or not as they were

    func wentDown(_ host: String, holding held: [TabletID: Version]) { state.withLock { $0.held[host] = held } }
    func cameUp(_ host: String) { state.withLock { $0.held[host] = nil } }
    func moved(_ host: String, to new: String) {
        state.withLock { state in
            state.held[new] = state.held.removeValue(forKey: host)
            if state.damaged.remove(host) != nil { state.damaged.insert(new) }
        }
    }
    func held(_ tablet: TabletID, on host: String) -> Version? { state.withLock { $0.held[host]?[tablet] } }

    func damaged(_ host: String) {
        state.withLock { state in
            state.damaged.insert(host)
            state.held[host] = [:]
        }
    }
    func reported(_ host: String) { state.withLock { _ = $0.damaged.remove(host) } }
    func isDamaged(_ host: String) -> Bool { state.withLock { $0.damaged.contains(host) } }
}
