internal import Glibc
internal import NativeThreads
public import Platform
internal import Synchronization
public import TabletModel

/// Real threads, real time: the daemons' scheduler. One for each process.
public final class ThreadScheduler: Scheduler {
    private let pools = Mutex<[ThreadPool]>([])
    private let mark = WorkerMark()
    let timers: TimerQueue
    private let onThreadFailure: @Sendable (String) -> Void

    /// - Parameter onThreadFailure: called with a message for people when the system refuses a thread. The pool goes on
    ///   with those it has, or refuses the job.
    public init(onThreadFailure: @escaping @Sendable (String) -> Void = { _ in }) {
        self.onThreadFailure = onThreadFailure
        self.timers = TimerQueue(onThreadFailure: onThreadFailure)
    }

    public var monotonicNow: MonotonicTime { readMonotonicClock() }
    public var wallNow: UnixTime { readWallClock() }

    /// The name's first 15 bytes show as the threads' name.
    public func makePool(name: String, threads: Int, queueLimit: Int) -> any WorkerPool {
        let pool = ThreadPool(
            name: name, threads: threads, queueLimit: queueLimit, mark: mark, onThreadFailure: onThreadFailure)
        pools.withLock { $0.append(pool) }
        return pool
    }

    @discardableResult
    public func schedule(
        after delay: Duration, on pool: any WorkerPool, _ job: @escaping @Sendable () -> Void
    ) -> any ScheduledJob {
        timers.add(after: delay, pool: pool, job)
    }

    /// One row for each pool, in the order they were made.
    public var statistics: [PoolStatistics] { pools.withLock { $0 }.map(\.statistics) }

    /// The same with pools of one name added up, by name.
    public var statisticsByName: [PoolStatistics] {
        let sums = Dictionary(statistics.map { ($0.name, $0) }) { $0.adding($1) }
        return sums.values.sorted { $0.name < $1.name }
    }

    /// What `shutdown` had to leave.
    public struct ShutdownResult: Hashable, Sendable {
        /// Queued jobs that never ran.
        public var droppedJobs: Int
        /// Threads whose job did not end in time, by pool. They go on until the process ends.
        public var stuckThreads: [String: Int]
        public var isClean: Bool { droppedJobs == 0 && stuckThreads.isEmpty }
    }

    /// Stops: timers are forgotten, jobs from outside are refused, and what is queued (and what those jobs submit) may
    /// run for `drainTime`. Then the rest is dropped, and running jobs get one more second. Blocks; call it from a
    /// thread that is not one of the pools'. Calling it again is fine.
    public func shutdown(drainingFor drainTime: Duration) -> ShutdownResult {
        precondition(!mark.isSetOnThisThread, "shutdown would wait for the thread it runs on")
        let end = readMonotonicClock() + drainTime
        let all = pools.withLock { $0 }
        for pool in all { pool.restrictIntake() }
        // Timers fire no more: what they would start belongs to the next life of the process.
        _ = timers.stop(until: max(end, readMonotonicClock() + .seconds(1)))
        drain(all, until: end)
        var result = ShutdownResult(droppedJobs: 0, stuckThreads: [:])
        for pool in all { result.droppedJobs += pool.closeIntake() }
        let last = max(end, readMonotonicClock() + .seconds(1))
        for pool in all {
            let stuck = pool.waitForThreads(until: last)
            if stuck > 0 { result.stuckThreads[pool.name, default: 0] += stuck }
        }
        return result
    }

    /// Waits until all pools are idle together: nothing was accepted anywhere while each was seen idle.
    private func drain(_ pools: [ThreadPool], until end: MonotonicTime) {
        while readMonotonicClock() < end {
            let before = pools.reduce(UInt64(0)) { $0 + $1.accepted }
            for pool in pools {
                guard pool.waitUntilIdle(until: end) else { return }
            }
            let after = pools.reduce(UInt64(0)) { $0 + $1.accepted }
            if before == after { return }
        }
    }
}
