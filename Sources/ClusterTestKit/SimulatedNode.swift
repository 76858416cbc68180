public import Platform
internal import Synchronization
public import TabletModel

/// One process of a simulated cluster, as far as time and threads go. After `kill` none of its jobs runs again.
public final class SimulatedNode: Scheduler {
    public let name: String
    private let core: SimulationCore
    private let alive = Atomic(true)
    private let skewMilliseconds = Atomic<Int64>(0)

    init(name: String, core: SimulationCore) {
        self.name = name
        self.core = core
    }

    public var monotonicNow: MonotonicTime { core.now }
    public var wallNow: UnixTime {
        core.wallNow + .milliseconds(skewMilliseconds.load(ordering: .relaxed))
    }

    /// How far this node's wall clock is off; may change at any time, as clocks do.
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
        core.addTimer(after: delay, pool: pool, isAlive: { [weak self] in self?.isAlive ?? false }, job)
    }

    public var isAlive: Bool { alive.load(ordering: .relaxed) }

    /// The process is gone: its queued jobs and timers never run, and its pools take no more.
    public func kill() { alive.store(false, ordering: .relaxed) }
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
    }

    func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        guard node.isAlive else { return false }
        return core.enqueue(pool: index, limit: queueLimit) { [node] in
            if node.isAlive { job() }
        }
    }

    var queueDepth: Int { core.depth(pool: index) }
}
