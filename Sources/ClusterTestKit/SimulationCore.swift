internal import Platform
internal import Synchronization
internal import TabletModel

/// The event queue behind `ManualScheduler`. No lock is held while a job runs.
final class SimulationCore: Sendable {
    fileprivate struct ReadyJob {
        let sequence: UInt64
        let body: @Sendable () -> Void
    }

    fileprivate struct PoolQueue {
        let threads: Int
        var jobs: [ReadyJob] = []
        /// Jobs that have begun and not ended: one runs, the others wait for it inside `runOne`.
        var running = 0
        /// Its process is stopped: none of its jobs begins.
        var isHeld = false

        /// How many of its jobs could begin now.
        var reachable: Int { isHeld ? 0 : min(threads - running, jobs.count) }
    }

    fileprivate struct Timer {
        let due: Int64
        let sequence: UInt64
        let pool: any WorkerPool
        let state: SimulatedTimer
        let isAlive: @Sendable () -> Bool
        let body: @Sendable () -> Void
    }

    fileprivate struct State {
        var nowNanoseconds: Int64 = 0
        var sequence: UInt64 = 0
        private(set) var pools: [PoolQueue] = []
        /// Places of the pools with a job that could begin now, ascending. A daemon that ended leaves its pools behind: most
        /// of them never have one again.
        private(set) var busy: [Int] = []
        /// Sorted by (due, sequence), soonest last.
        var timers: [Timer] = []
        var readyCount: Int { busy.reduce(0) { $0 + pools[$1].reachable } }

        mutating func takeSequence() -> UInt64 {
            sequence += 1
            return sequence
        }

        mutating func addPool(threads: Int) -> Int {
            pools.append(PoolQueue(threads: threads))
            return pools.count - 1
        }

        mutating func change<R>(pool: Int, _ body: (inout PoolQueue) -> R) -> R {
            let result = body(&pools[pool])
            let isBusy = pools[pool].reachable > 0
            let place = busy.partitionPoint { $0 < pool }
            let isListed = place < busy.count && busy[place] == pool
            if isBusy, !isListed { busy.insert(pool, at: place) }
            if !isBusy, isListed { busy.remove(at: place) }
            return result
        }
    }

    /// How long a job that a full pool refused waits before it is offered again.
    private static let refusedRetry = Duration.milliseconds(10)

    private let state = Mutex(State())
    private let random: SeededRandom?
    private let wallStart: UnixTime

    init(seed: UInt64?, wallStart: UnixTime) {
        random = seed.map { SeededRandom(seed: $0).fork("schedule") }
        self.wallStart = wallStart
    }

    var now: MonotonicTime { MonotonicTime(nanoseconds: state.withLock { $0.nowNanoseconds }) }
    var wallNow: UnixTime { wallStart + .nanoseconds(state.withLock { $0.nowNanoseconds }) }
    var readyCount: Int { state.withLock { $0.readyCount } }
    var nextTimer: MonotonicTime? {
        state.withLock { $0.timers.last.map { MonotonicTime(nanoseconds: $0.due) } }
    }

    func addPool(threads: Int) -> Int {
        state.withLock { $0.addPool(threads: threads) }
    }

    /// None of the pools' jobs begins until they are let go.
    func hold(pools: [Int], _ isHeld: Bool) {
        state.withLock { state in
            for pool in pools { state.change(pool: pool) { $0.isHeld = isHeld } }
        }
    }

    func depth(pool: Int) -> Int { state.withLock { $0.pools[pool].jobs.count } }

    func enqueue(pool: Int, limit: Int, _ body: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard state.pools[pool].jobs.count < limit else { return false }
            let sequence = state.takeSequence()
            state.change(pool: pool) { $0.jobs.append(ReadyJob(sequence: sequence, body: body)) }
            return true
        }
    }

    func addTimer(
        after delay: Duration, pool: any WorkerPool, isAlive: @escaping @Sendable () -> Bool,
        _ body: @escaping @Sendable () -> Void
    ) -> SimulatedTimer {
        let handle = SimulatedTimer()
        addTimer(after: delay, pool: pool, state: handle, isAlive: isAlive, body)
        return handle
    }

    private func addTimer(
        after delay: Duration, pool: any WorkerPool, state handle: SimulatedTimer,
        isAlive: @escaping @Sendable () -> Bool, _ body: @escaping @Sendable () -> Void
    ) {
        state.withLock { state in
            let (due, overflow) = state.nowNanoseconds.addingReportingOverflow(max(0, delay.wholeNanoseconds))
            let timer = Timer(
                due: overflow ? .max : due, sequence: state.takeSequence(), pool: pool, state: handle, isAlive: isAlive,
                body: body)
            let place = state.timers.partitionPoint { ($0.due, $0.sequence) > (timer.due, timer.sequence) }
            state.timers.insert(timer, at: place)
        }
    }

    /// Runs one job, if there is one that can run now: of a pool whose threads are not all taken.
    func runOne() -> Bool {
        submitDueTimers()
        guard let (pool, job) = takeJob() else { return false }
        job()
        state.withLock { $0.change(pool: pool) { $0.running -= 1 } }
        return true
    }

    func moveTime(to time: MonotonicTime) {
        state.withLock { $0.nowNanoseconds = max($0.nowNanoseconds, time.nanoseconds) }
    }

    /// Moves time to the next timer that still matters. False when there is none up to `end`.
    func moveToNextTimer(notAfter end: MonotonicTime) -> Bool {
        while true {
            let next = state.withLock { state in state.timers.last.map { (timer: $0, due: $0.due) } }
            guard let next, next.due <= end.nanoseconds else { return false }
            if next.timer.state.isCancelled || !next.timer.isAlive() {
                state.withLock { state in state.timers.removeAll { $0.sequence == next.timer.sequence } }
                continue
            }
            moveTime(to: MonotonicTime(nanoseconds: next.due))
            return true
        }
    }

    private func submitDueTimers() {
        while let timer = takeDueTimer() {
            guard !timer.state.isCancelled, timer.isAlive() else { continue }
            let handle = timer.state
            let body = timer.body
            let taken = timer.pool.submit { if handle.start() { body() } }
            if !taken, timer.isAlive() {
                addTimer(
                    after: Self.refusedRetry, pool: timer.pool, state: handle, isAlive: timer.isAlive, timer.body)
            }
        }
    }

    private func takeDueTimer() -> Timer? {
        state.withLock { state in
            guard let next = state.timers.last, next.due <= state.nowNanoseconds else { return nil }
            return state.timers.removeLast()
        }
    }

    private func takeJob() -> (pool: Int, body: @Sendable () -> Void)? {
        state.withLock { state in
            let chosen: Int
            var position = 0
            if let random {
                guard !state.busy.isEmpty else { return nil }
                chosen = state.busy[Int(random.next(below: UInt64(state.busy.count)))]
                position = Int(random.next(below: UInt64(state.pools[chosen].reachable)))
            } else {
                guard let oldest = state.oldestPool() else { return nil }
                chosen = oldest
            }
            let job = state.change(pool: chosen) { pool in
                pool.running += 1
                return pool.jobs.remove(at: position)
            }
            return (chosen, job.body)
        }
    }
}

extension SimulationCore.State {
    /// Of the pools with a free thread, the one whose first job was submitted before all others'.
    fileprivate func oldestPool() -> Int? {
        busy.min { pools[$0].jobs[0].sequence < pools[$1].jobs[0].sequence }
    }
}

/// A timer of the simulation: waiting, started or cancelled.
final class SimulatedTimer: ScheduledJob {
    private let phase = Atomic<UInt8>(0)

    var isCancelled: Bool { phase.load(ordering: .relaxed) == 2 }
    func cancel() { _ = phase.compareExchange(expected: 0, desired: 2, ordering: .relaxed) }
    /// False when it was cancelled first.
    func start() -> Bool { phase.compareExchange(expected: 0, desired: 1, ordering: .relaxed).exchanged }
}
