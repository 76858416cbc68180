internal import Synchronization
public import TabletModel

/// What every backend still owes the master: (backend, type, signature) → task, from the moment the master wants it
/// until `finishTask` or the owner takes it out (`contract/behaviour.md §7`). Memory only: owners make their tasks
/// again after a restart of the FE. Any thread.
///
/// The first task of a key wins. What must not be taken for another task has a signature of its own (`TaskSignatures`).
public final class AgentTaskQueue: Sendable {
    /// Which task of a backend.
    public struct Key: Hashable, Comparable, Sendable {
        public var type: TaskType
        public var signature: Int64

        public init(type: TaskType, signature: Int64) {
            self.type = type
            self.signature = signature
        }

        public static func < (left: Self, right: Self) -> Bool {
            (left.type, left.signature) < (right.type, right.signature)
        }
    }

    private struct Entry {
        var task: AgentTask
        /// nil: not at the backend, or nobody knows; goes out with the next batch.
        var sentAt: MonotonicTime?
        var failures = 0
    }

    private struct Backlog {
        var entries: [Key: Entry] = [:]
        /// Keys to send, oldest first. A key that was removed meanwhile is skipped when it is met.
        var unsent: [Key] = []
        /// Tasks that nobody waits for: sent once, then forgotten.
        var once: [AgentTask] = []

        var hasUnsent: Bool { !unsent.isEmpty || !once.isEmpty }
    }

    /// More tasks without an owner than this are not kept for one backend: what calls for them is reported again.
    public static let onceLimit = 10_000

    private let backlogs = Mutex<[BackendID: Backlog]>([:])

    public init() {}

    /// False when a task of the same key is there already and stays.
    @discardableResult
    public func add(_ task: AgentTask, for backend: BackendID) -> Bool { add([task], for: backend) == 1 }

    /// - Returns: how many were added; where a task of the same key is there already, that one stays.
    @discardableResult
    public func add(_ tasks: [AgentTask], for backend: BackendID) -> Int {
        backlogs.withLock { backlogs in
            var backlog = backlogs.removeValue(forKey: backend) ?? Backlog()
            let before = backlog.unsent.count
            for task in tasks {
                let key = Key(type: task.type, signature: task.signature)
                guard backlog.entries[key] == nil else { continue }
                backlog.entries[key] = Entry(task: task)
                backlog.unsent.append(key)
            }
            defer { backlogs[backend] = backlog }
            return backlog.unsent.count - before
        }
    }

    /// For tasks that the next report calls for again when they get lost: they are sent once, and no `finishTask` is
    /// expected. False when too many of them wait for this backend.
    @discardableResult
    public func addOnce(_ task: AgentTask, for backend: BackendID) -> Bool {
        backlogs.withLock { backlogs in
            guard backlogs[backend]?.once.count ?? 0 < Self.onceLimit else { return false }
            backlogs[backend, default: Backlog()].once.append(task)
            return true
        }
    }

    /// Up to `limit` tasks that the backend does not have, marked as sent now.
    func takeUnsent(for backend: BackendID, limit: Int, now: MonotonicTime) -> [AgentTask] {
        backlogs.withLock { backlogs in
            guard var backlog = backlogs[backend] else { return [] }
            backlogs[backend] = nil
            var batch: [AgentTask] = []
            var read = 0
            while read < backlog.unsent.count, batch.count < limit {
                let key = backlog.unsent[read]
                read += 1
                guard let entry = backlog.entries[key], entry.sentAt == nil else { continue }
                backlog.entries[key]?.sentAt = now
                batch.append(entry.task)
            }
            backlog.unsent.removeFirst(read)
            let once = min(limit - batch.count, backlog.once.count)
            batch += backlog.once.prefix(once)
            backlog.once.removeFirst(once)
            backlogs[backend] = backlog
            return batch
        }
    }

    /// The batch did not reach the backend: its tasks that are still wanted go out again, first.
    func returnUnsent(_ tasks: [AgentTask], for backend: BackendID) {
        markUnsent(tasks.map { Key(type: $0.type, signature: $0.signature) }, for: backend)
    }

    /// The backend restarted: nothing that was sent is there any more.
    public func forgetSent(for backend: BackendID) {
        let keys = backlogs.withLock { backlogs in
            (backlogs[backend]?.entries ?? [:]).filter { $0.value.sentAt != nil }.keys.sorted()
        }
        markUnsent(keys, for: backend)
    }

    /// Compares with what the backend says it has queued or running, and marks what it lacks to be sent again. What was
    /// sent less than `minimumAge` ago may still be under way, and is left alone.
    /// - Returns: how many will be sent again.
    public func resendMissing(
        from reported: [TaskType: Set<Int64>], for backend: BackendID, minimumAge: Duration, now: MonotonicTime
    ) -> Int {
        let missing: [Key] = backlogs.withLock { backlogs in
            guard let backlog = backlogs[backend] else { return [] }
            return backlog.entries.compactMap { key, entry in
                guard let sentAt = entry.sentAt, now - sentAt >= minimumAge else { return nil }
                return reported[key.type]?.contains(key.signature) == true ? nil : key
            }.sorted()
        }
        markUnsent(missing, for: backend)
        return missing.count
    }

    private func markUnsent(_ keys: [Key], for backend: BackendID) {
        guard !keys.isEmpty else { return }
        backlogs.withLock { backlogs in
            guard var backlog = backlogs[backend] else { return }
            backlogs[backend] = nil
            var again: [Key] = []
            for key in keys where backlog.entries[key]?.sentAt != nil {
                backlog.entries[key]?.sentAt = nil
                again.append(key)
            }
            backlog.unsent.insert(contentsOf: again, at: 0)
            backlogs[backend] = backlog
        }
    }

    public func task(_ key: Key, of backend: BackendID) -> AgentTask? {
        backlogs.withLock { $0[backend]?.entries[key]?.task }
    }

    /// One for each key, in their order.
    public func tasks(_ keys: [Key], of backend: BackendID) -> [AgentTask?] {
        backlogs.withLock { backlogs in keys.map { backlogs[backend]?.entries[$0]?.task } }
    }

    /// Counts a failed end without taking the task out.
    /// - Returns: how often it failed now, nil when there is no such task.
    public func countFailure(_ key: Key, of backend: BackendID) -> Int? {
        backlogs.withLock { backlogs in
            guard backlogs[backend]?.entries[key] != nil else { return nil }
            backlogs[backend]?.entries[key]?.failures += 1
            return backlogs[backend]?.entries[key]?.failures
        }
    }

    /// Marks one task to be sent again with the next batch.
    public func sendAgain(_ key: Key, of backend: BackendID) { markUnsent([key], for: backend) }

    /// Takes the task out.
    @discardableResult
    public func remove(_ key: Key, of backend: BackendID) -> AgentTask? {
        backlogs.withLock { $0[backend]?.entries.removeValue(forKey: key)?.task }
    }

    /// Takes these out.
    public func remove(_ keys: [Key], of backend: BackendID) {
        backlogs.withLock { backlogs in
            for key in keys { backlogs[backend]?.entries[key] = nil }
        }
    }

    /// Takes out everything of a backend that was dropped.
    public func removeAll(of backend: BackendID) {
        backlogs.withLock { $0[backend] = nil }
    }

    public func count(of backend: BackendID) -> Int {
        backlogs.withLock { backlogs in
            backlogs[backend]?.entries.count ?? 0
        }
    }

    public var count: Int {
        backlogs.withLock { backlogs in
            backlogs.values.reduce(0) { $0 + $1.entries.count }
        }
    }

    func hasUnsent(for backend: BackendID) -> Bool {
        backlogs.withLock { $0[backend]?.hasUnsent ?? false }
    }

    /// What is owed by one backend, in key order; for status pages and tests.
    public func keys(of backend: BackendID) -> [Key] {
        backlogs.withLock { ($0[backend]?.entries ?? [:]).keys.sorted() }
    }
}
