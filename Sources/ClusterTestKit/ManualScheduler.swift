public import Platform
public import TabletModel

/// A whole cluster's threads, timers and clock as one queue of events, run by whoever calls `run…` or `advance`, on that
/// thread. The same seed and the same calls give the same order. Time moves only in `advance` and `run(until:)`.
///
/// Without a seed, jobs run in the order they were submitted. With one, the next job is drawn among the pools that have
/// work, and inside a pool among as many jobs as it has threads: the interleavings real threads could give.
public final class ManualScheduler: Scheduler {
    let core: SimulationCore
    private let node: SimulatedNode

    public init(seed: UInt64? = nil, wallStart: UnixTime = UnixTime(seconds: 1_700_000_000)) {
        core = SimulationCore(seed: seed, wallStart: wallStart)
        node = SimulatedNode(name: "", core: core)
    }

    public var monotonicNow: MonotonicTime { core.now }
    public var wallNow: UnixTime { node.wallNow }

    public func makePool(name: String, threads: Int, queueLimit: Int) -> any WorkerPool {
        node.makePool(name: name, threads: threads, queueLimit: queueLimit)
    }

    @discardableResult
    public func schedule(
        after delay: Duration, on pool: any WorkerPool, _ job: @escaping @Sendable () -> Void
    ) -> any ScheduledJob {
        node.schedule(after: delay, on: pool, job)
    }

    /// A scheduler for one simulated process: the same queue, but `kill` takes its jobs away.
    /// - Parameter driftPermille: by how many thousandths its monotonic clock is too fast; less than zero: too slow.
    public func makeNode(_ name: String, driftPermille: Int64 = 0) -> SimulatedNode {
        SimulatedNode(name: name, core: core, rate: ClockRate(driftPermille: driftPermille))
    }

    /// Runs one job that can run without time passing. False when there is none. A job may call this to let others go on while
    /// it waits for something slow; its own thread stays taken.
    @discardableResult
    public func runOne() -> Bool { core.runOne() }

    /// Called by a job that waits so long for something slow: others run and time passes meanwhile, and its own thread stays
    /// taken. Jobs that wait inside one another end in reverse order, so that it may take longer.
    public func wait(_ duration: Duration) {
        let end = core.now + duration
        var jobs = 0
        repeat {
            // Jobs without end are for the run around this one to find.
            while jobs < Self.waitingLimit, core.runOne() { jobs += 1 }
        } while core.moveToNextTimer(notAfter: end)
        core.moveTime(to: end)
    }

    private static let waitingLimit = 1_000_000

    /// Runs every job that can run without time passing. Returns how many ran.
    /// Throws `SimulationError.noEnd` after `limit` jobs: they keep making new ones.
    @discardableResult
    public func runUntilIdle(limit: Int = 1_000_000) throws -> Int {
        var count = 0
        while core.runOne() {
            count += 1
            guard count < limit else { throw SimulationError.noEnd(jobs: count, at: core.now) }
        }
        return count
    }

    /// Lets this much time pass, running everything that falls due on the way, each at its time.
    public func advance(by duration: Duration) throws {
        let end = core.now + duration
        try runUntilIdle()
        while core.moveToNextTimer(notAfter: end) { try runUntilIdle() }
        core.moveTime(to: end)
        try runUntilIdle()
    }

    /// Runs, letting time pass from timer to timer, until the condition holds; it is checked after every job.
    /// False when it does not hold within `limit` of simulated time, or nothing is left that could change it.
    public func run(limit: Duration = .seconds(600), until condition: () -> Bool) throws -> Bool {
        let end = core.now + limit
        var jobs = 0
        while !condition() {
            if core.runOne() {
                jobs += 1
                guard jobs < 10_000_000 else { throw SimulationError.noEnd(jobs: jobs, at: core.now) }
            } else if !core.moveToNextTimer(notAfter: end) {
                return condition()
            }
        }
        return true
    }

    /// Jobs that could run now.
    public var readyCount: Int { core.readyCount }
    /// When the next timer falls due.
    public var nextTimer: MonotonicTime? { core.nextTimer }
}

public enum SimulationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Jobs go on making jobs without time passing.
    case noEnd(jobs: Int, at: MonotonicTime)

    public var description: String {
        switch self {
        case .noEnd(let jobs, let at): "no end after \(jobs) jobs at \(at) ns"
        }
    }
}
