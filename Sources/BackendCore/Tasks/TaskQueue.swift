internal import DequeModule
internal import Platform
internal import Synchronization
internal import TabletModel

/// One pool of the task table: a queue with a limit, and the workers that drain it.
///
/// Tasks wait here rather than in the `WorkerPool`, so that a batch costs one lock and no closure a task. A drainer is a
/// job on the pool that runs tasks while there are some; a drainer is started for every task that finds fewer of them than
/// workers, and ends only under the lock under which it found the queue empty: no wake-up can be lost.
///
/// HIGH tasks wait in a lane of their own. Workers for HIGH tasks only take that lane; the others take both, that lane
/// first. (In Doris a HIGH worker may swallow the only wake-up of a normal task: `contract/behaviour.md` §11 #38.)
final class TaskQueue: Sendable {
    /// Tasks a drainer runs before it goes to the end of its pool's queue.
    private static let drainChunk = 16

    private enum Lane: Sendable { case normal, high }

    private struct State {
        var normal = Deque<TaskEntry>()
        var high = Deque<TaskEntry>()
        var any = Drainers()
        var highOnly = Drainers()
        var isOpen = false
        var isStopped = false
        var waiting: Int { normal.count + high.count }
        var running: Int { any.running + highOnly.running }

        subscript(lane: Lane) -> Drainers {
            get { lane == .high ? highOnly : any }
            set { if lane == .high { highOnly = newValue } else { any = newValue } }
        }
    }

    private struct Drainers {
        /// In the pool's queue or on a worker.
        var started = 0
        /// Of these, running a task right now.
        var running = 0
        /// About to look for a task.
        var looking: Int { started - running }
    }

    let id: TaskPoolID
    let workers: Int
    private let highWorkers: Int
    private let limit: Int
    private let batchLimit: Int
    private let anyPool: any WorkerPool
    private let highPool: (any WorkerPool)?
    private let runner: TaskRunner
    private let scheduler: any Scheduler
    /// Puts tasks that paused back into their queue; its jobs are short.
    private let timers: any WorkerPool
    /// Called, without a lock, each time a stopped queue's last running task ended.
    private let onStopped: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameter onStopped: see there; any thread.
    init(
        id: TaskPoolID, options: BackendOptions, scheduler: any Scheduler, timers: any WorkerPool, runner: TaskRunner,
        onStopped: @escaping @Sendable () -> Void
    ) {
        self.id = id
        self.limit = options.queueLimit
        batchLimit = max(1, options.createBatch)
        self.runner = runner
        self.scheduler = scheduler
        self.timers = timers
        self.onStopped = onStopped
        let counts = id.workers(options)
        workers = max(1, counts.any)
        highWorkers = counts.highOnly
        // Each drainer is in its pool's queue at most once.
        anyPool = scheduler.makePool(name: "task-" + id.name, threads: workers, queueLimit: workers)
        highPool =
            highWorkers > 0
            ? scheduler.makePool(name: "task-" + id.name + "-high", threads: highWorkers, queueLimit: highWorkers) : nil
    }

    /// Until then tasks wait: the tablets are not loaded.
    func open() {
        let (any, high) = state.withLock { state in
            state.isOpen = true
            return claimDrainers(&state)
        }
        start(any: any, high: high)
    }

    /// Queues as many as fit and returns how many: the first ones.
    func append(_ entries: [TaskEntry]) -> Int {
        let (taken, any, high) = state.withLock { state in
            let room = state.isStopped ? 0 : max(0, limit - state.waiting)
            let taken = min(room, entries.count)
            for entry in entries.prefix(taken) { push(entry, &state) }
            let (any, high) = claimDrainers(&state)
            return (taken, any, high)
        }
        start(any: any, high: high)
        return taken
    }

    /// Queues a task that paused. It was counted before, so no limit applies.
    private func requeue(_ entry: TaskEntry) {
        let (taken, any, high) = state.withLock { state in
            guard !state.isStopped else { return (false, 0, 0) }
            push(entry, &state)
            let (any, high) = claimDrainers(&state)
            return (true, any, high)
        }
        start(any: any, high: high)
        if !taken { runner.abandon(entry) }
    }

    /// Takes in nothing more and abandons what did not start; what runs goes on to its end, then `onStopped` is called.
    func stop() {
        let left = state.withLock { state in
            state.isStopped = true
            defer {
                state.high = []
                state.normal = []
            }
            return Array(state.high) + Array(state.normal)
        }
        for entry in left { runner.abandon(entry) }
    }

    var isQuiet: Bool { state.withLock { $0.isStopped && $0.running == 0 } }

    var depth: (waiting: Int, running: Int) { state.withLock { ($0.waiting, $0.running) } }

    private func push(_ entry: TaskEntry, _ state: inout State) {
        entry.phase = .waiting
        if highWorkers > 0, entry.task.priority == .high {
            state.high.append(entry)
        } else {
            state.normal.append(entry)
        }
    }

    /// Counts in the drainers that the waiting tasks can use beyond those that are looking for a task already.
    private func claimDrainers(_ state: inout State) -> (any: Int, high: Int) {
        guard state.isOpen else { return (0, 0) }
        let high = max(0, min(highWorkers - state.highOnly.started, state.high.count - state.highOnly.looking))
        state.highOnly.started += high
        let covered = state.any.looking + min(state.highOnly.looking, state.high.count)
        let any = max(0, min(workers - state.any.started, state.waiting - covered))
        state.any.started += any
        return (any, high)
    }

    private func start(any: Int, high: Int) {
        for _ in 0..<any { submit(anyPool, .normal) }
        if let highPool { for _ in 0..<high { submit(highPool, .high) } }
    }

    /// The pool has room for each drainer; should it refuse one all the same (the system gave no thread), the drainer is
    /// offered again shortly after, so that no task is left without one.
    private func submit(_ pool: any WorkerPool, _ lane: Lane) {
        let drainer: @Sendable () -> Void = { [self] in drain(lane) }
        if !pool.submit(drainer) { scheduler.schedule(after: .milliseconds(10), on: pool, drainer) }
    }

    private func drain(_ lane: Lane) {
        var isFirst = true
        for _ in 0..<Self.drainChunk {
            let entries = next(lane, afterRun: !isFirst)
            guard let entry = entries.first else { return }
            isFirst = false
            if entries.count > 1 {
                runner.runCreations(entries)
            } else if let pause = runner.run(entry) {
                scheduler.schedule(after: pause, on: timers) { [self] in requeue(entry) }
            }
        }
        state.withLock { $0[lane].running -= 1 }
        reportIfStopped()
        let pool = lane == .high ? highPool ?? anyPool : anyPool
        submit(pool, lane)
    }

    /// The next task of the lane, and with a creation those that wait right behind it; none, with the drainer counted out, when
    /// there is none.
    private func next(_ lane: Lane, afterRun: Bool) -> [TaskEntry] {
        let (entries, isDone) = state.withLock { state -> ([TaskEntry], Bool) in
            if afterRun { state[lane].running -= 1 }
            guard let entry = state.high.popFirst() ?? (lane == .high ? nil : state.normal.popFirst()) else {
                state[lane].started -= 1
                return ([], state.isStopped && state.running == 0)
            }
            state[lane].running += 1
            var entries = [entry]
            if entry.job.creation != nil {
                while entries.count < batchLimit, let following = state.normal.first, following.job.creation != nil {
                    entries.append(following)
                    state.normal.removeFirst()
                }
            }
            return (entries, false)
        }
        if isDone { onStopped() }
        return entries
    }

    private func reportIfStopped() {
        if isQuiet { onStopped() }
    }
}
