public import FrontendElection
public import Logging
public import Platform
internal import Synchronization
internal import TabletModel

/// Carries out what the election of this FE decides: calls to whoever keeps the leases, and the terms that begin and end by them.
/// Any thread.
public final class ElectionRunner: Sendable {
    private let election: Mutex<RoleElection>
    private let leases: any LeaderElection
    private let record: @Sendable () -> LeaderRecord
    private let keeper: any TermKeeper
    private let scheduler: any Scheduler
    private let logger: Logger
    /// Each has a thread of its own: a slow call delays no tick, and a term that takes long to end delays no call.
    private let calls: any WorkerPool
    private let terms: any WorkerPool
    private let ticks: any WorkerPool
    private let nextTick = Mutex<(any ScheduledJob)?>(nil)
    private let isStopped = Atomic(false)

    /// - Parameter record: what stands in the leader key while this FE leads.
    public init(
        _ election: RoleElection, leases: any LeaderElection, record: @escaping @Sendable () -> LeaderRecord,
        keeper: any TermKeeper, scheduler: any Scheduler, logger: Logger
    ) {
        self.election = Mutex(election)
        self.leases = leases
        self.record = record
        self.keeper = keeper
        self.scheduler = scheduler
        self.logger = logger
        calls = scheduler.makePool(name: "election", threads: 1, queueLimit: 64)
        terms = scheduler.makePool(name: "term", threads: 1, queueLimit: 64)
        ticks = scheduler.makePool(name: "election-timer", threads: 1, queueLimit: 64)
    }

    // MARK: What others ask

    /// Whether this FE leads at this moment; see `RoleElection.mayAct`.
    public var mayAct: Bool {
        let now = scheduler.monotonicNow
        return election.withLock { $0.mayAct(at: now) }
    }

    public var state: FrontendState { election.withLock { $0.state } }

    /// Who was last seen to lead; nil: nobody.
    public var leader: LeaderKey? { election.withLock { $0.leader } }

    // MARK: What happens

    public func start() { take(.tick) }

    /// Gives up the lead, so that another FE need not wait for the lease to end. What it takes is queued on return: stop the
    /// scheduler afterwards, with time to drain.
    public func leave() {
        isStopped.store(true, ordering: .relaxed)
        nextTick.withLock { $0 }?.cancel()
        take(.leave)
    }

    public func take(_ event: ElectionEvent) {
        let now = scheduler.monotonicNow
        let (step, wakeAt) = election.withLock { election in
            let step = election.take(event, at: now)
            // Under the lock: actions are queued in the order in which they were decided.
            for action in step.actions { queue(action) }
            return (step, election.wakeAt)
        }
        for transition in step.transitions {
            logger.notice("\(transition)", metadata: ["reason": "\(transition.reason)"])
        }
        if let wakeAt { tick(at: wakeAt, now) }
    }

    private func tick(at time: MonotonicTime, _ now: MonotonicTime) {
        guard !isStopped.load(ordering: .relaxed) else { return }
        let job = scheduler.schedule(after: max(time - now, .milliseconds(1)), on: ticks) { [weak self] in
            self?.take(.tick)
        }
        nextTick.withLock { old in
            old?.cancel()
            old = job
        }
    }

    // MARK: Actions

    private func queue(_ action: ElectionAction) {
        let pool: any WorkerPool = if case .call = action { calls } else { terms }
        // A pool that takes none is one that is being stopped: the lease ends by itself.
        _ = pool.submit { [weak self] in self?.perform(action) }
    }

    private func perform(_ action: ElectionAction) {
        switch action {
        case .call(let call):
            let answer = leases.perform(call, as: record())
            if case .failed(let error) = answer {
                logger.debug("election call failed", metadata: ["call": "\(call.kind)", "error": "\(error)"])
            }
            take(.answered(call.number, answer))
        case .replay(let fence):
            promoting(fence) {
                let (replayed, logEnd) = try keeper.replay(fence)
                return .replayed(fence, upTo: replayed, logEnd: logEnd)
            }
        case .promote(let fence):
            promoting(fence) {
                try keeper.promote(fence)
                return .promoted(fence)
            }
            // Otherwise the end of the term is queued behind this.
            if mayAct { keeper.act(fence) }
        case .stop(let fence):
            keeper.stop(fence)
            take(.stopped(fence))
        }
    }

    private func promoting(_ fence: Fence, _ body: () throws -> ElectionEvent) {
        do {
            take(try body())
        } catch {
            logger.error("this FE can't become the master now", metadata: ["error": "\(error)"])
            take(.promotionFailed(fence, reason: "\(error)"))
        }
    }
}
