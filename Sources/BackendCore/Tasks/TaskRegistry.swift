internal import Synchronization
internal import TabletModel

/// Every task from its acceptance until the master acknowledged its end: what makes a repeated task a duplicate, and what
/// a task report says. A finished task that the master has not heard of stays, so that the FE does not send it again.
final class TaskRegistry: Sendable {
    enum Admission: Sendable { case admitted, duplicate, full }

    private struct State {
        var byKey: [TaskKey: TaskEntry] = [:]
        /// Tasks with signature -1, each one of its own.
        var unsigned: [ObjectIdentifier: TaskEntry] = [:]
        var count: Int { byKey.count + unsigned.count }
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// Admits a batch under one lock; one admission an entry, in order.
    func admit(_ entries: [TaskEntry]) -> [Admission] {
        state.withLock { state in
            entries.map { entry in
                if state.count >= limit { return .full }
                guard entry.isDeduplicated else {
                    state.unsigned[ObjectIdentifier(entry)] = entry
                    return .admitted
                }
                // One look-up: an entry that replaced another was a duplicate, and the other goes back.
                let key = entry.key
                if let known = state.byKey.updateValue(entry, forKey: key) {
                    state.byKey[key] = known
                    return .duplicate
                }
                return .admitted
            }
        }
    }

    func remove(_ entry: TaskEntry) {
        // Frees the entry, if this was the last reference, outside the lock.
        _ = state.withLock { state in
            entry.isDeduplicated
                ? state.byKey.removeValue(forKey: entry.key)
                : state.unsigned.removeValue(forKey: ObjectIdentifier(entry))
        }
    }

    var count: Int { state.withLock { $0.count } }

    /// What a task report says: signatures by type.
    func signatures() -> [TaskType: Set<Int64>] {
        var tasks: [TaskType: Set<Int64>] = [:]
        for entry in entries() { tasks[entry.task.type, default: []].insert(entry.task.signature) }
        return tasks
    }

    /// All entries, in no particular order.
    func entries() -> [TaskEntry] {
        state.withLock { Array($0.byKey.values) + Array($0.unsigned.values) }
    }
}
