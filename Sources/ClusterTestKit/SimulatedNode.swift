public import Platform
internal import Synchronization
public import TabletModel

/// One process of a simulated cluster, as far as time and threads go. After `kill` none of its jobs runs again; between `pause`
/// and `resume` none begins.
public final class SimulatedNode: Scheduler {
    public let name: String
    private let core: SimulationCore
    private let rate: ClockRate
    /// Whose part this is: it ends and stops with it, and has its clocks.
    private let parent: SimulatedNode?
    private let alive = Atomic(true)
    private let skewMilliseconds = Atomic<Int64>(0)
    private let holding = Mutex(Holding())

    /// Of the process with all its parts.
    private struct Holding: Sendable {
        var isPaused = false
        var pools: [Int] = []
    }

    init(name: String, core: SimulationCore, rate: ClockRate = ClockRate(), parent: SimulatedNode? = nil) {
        self.name = name
        self.core = core
        self.rate = rate
        self.parent = parent
    }

    /// A part of this process with threads of its own, which may end before it.
    public func makePart() -> SimulatedNode {
        SimulatedNode(name: name, core: core, rate: rate, parent: self)
    }

    public var monotonicNow: MonotonicTime { rate.shown(at: core.now) }
    public var wallNow: UnixTime {
        parent?.wallNow ?? core.wallNow + .milliseconds(skewMilliseconds.load(ordering: .relaxed))
    }

    /// How far this process' wall clock is off; may change at any time, as clocks do.
    public func setWallSkew(_ skew: Duration) {
        skewMilliseconds.store(skew.wholeMilliseconds, ordering: .relaxed)
    }

    public func makePool(name: String, threads: Int, queueLimit: Int) -> any WorkerPool {
        let full = self.name.isEmpty ? name : self.name + "/" + name
        return SimulatedPool(name: full, threads: threads, queueLimit: queueLimit, core: core, node: self)
    }

    @discardableResult
    public func schedule(
        after delay: Duration, on pool: any WorkerPool, _ job: @escaping @Sendable () -> Void
    ) -> any ScheduledJob {
        core.addTimer(
            after: rate.trueTime(of: delay), pool: pool, isAlive: { [weak self] in self?.isAlive ?? false }, job)
    }

    public var isAlive: Bool { alive.load(ordering: .relaxed) && parent?.isAlive ?? true }

    /// The process is gone: its queued jobs and timers never run, and its pools take no more.
    public func kill() {
        alive.store(false, ordering: .relaxed)
        // They end without having done anything.
        resume()
    }

    // MARK: Stopped for a while

    public var isPaused: Bool { parent?.isPaused ?? holding.withLock { $0.isPaused } }

    /// The process is stopped, as by SIGSTOP: what was queued or falls due waits until `resume`, and then runs late. Time goes on.
    /// Of the whole process, not of a part.
    public func pause() {
        holding.withLock { holding in
            holding.isPaused = true
            core.hold(pools: holding.pools, true)
        }
    }

    public func resume() {
        holding.withLock { holding in
            holding.isPaused = false
            core.hold(pools: holding.pools, false)
        }
    }

    fileprivate func own(_ pool: Int) {
        if let parent { return parent.own(pool) }
        holding.withLock { holding in
            holding.pools.append(pool)
            if holding.isPaused { core.hold(pools: [pool], true) }
        }
    }
}

/// A pool of a simulated node. Its jobs wait in the simulation's queue.
final class SimulatedPool: WorkerPool {
    let name: String
    let threads: Int
    let queueLimit: Int
    private let core: SimulationCore
    private let node: SimulatedNode
    private let index: Int

    init(name: String, threads: Int, queueLimit: Int, core: SimulationCore, node: SimulatedNode) {
        self.name = name
        self.threads = max(1, threads)
        self.queueLimit = queueLimit
        self.core = core
        self.node = node
        self.index = core.addPool(threads: self.threads)
        node.own(index)
    }

    func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        guard node.isAlive else { return false }
        return core.enqueue(pool: index, limit: queueLimit) { [node] in
            if node.isAlive { job() }
        }
    }

    var queueDepth: Int { core.depth(pool: index) }
}
