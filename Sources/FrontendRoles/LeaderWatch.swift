public import FrontendElection
public import Logging
public import Platform
internal import Synchronization
internal import TabletModel

/// Tells an election at once that the leader key has gone, or who has it: without it, an FE hears of that when it looks next
/// (`ElectionTiming.observeEvery`). One thread.
public final class LeaderWatch: Sendable {
    /// How long one look may wait; also how soon the watch notices that it is to stop.
    private static let patience = Duration.seconds(1)
    private static let backoff = Backoff(base: .milliseconds(100), limit: .seconds(2))

    private let feed: any LeaderFeed
    private let scheduler: any Scheduler
    private let random: any RandomSource
    private let logger: Logger
    private let saw: @Sendable (LeaderObservation) -> Void
    private let pool: any WorkerPool
    private let state = Mutex((isStopped: false, failures: 0))

    public init(
        _ feed: any LeaderFeed, scheduler: any Scheduler, random: any RandomSource, logger: Logger,
        saw: @escaping @Sendable (LeaderObservation) -> Void
    ) {
        self.feed = feed
        self.scheduler = scheduler
        self.random = random
        self.logger = logger
        self.saw = saw
        pool = scheduler.makePool(name: "leader-watch", threads: 1, queueLimit: 4)
    }

    public func start() { look(after: .zero) }

    public func stop() { state.withLock { $0.isStopped = true } }

    private func look(after delay: Duration) {
        scheduler.schedule(after: delay, on: pool) { [weak self] in
            guard let self, !state.withLock({ $0.isStopped }) else { return }
            look(after: round())
        }
    }

    /// - Returns: when to look again.
    private func round() -> Duration {
        do {
            if let seen = try feed.next(within: Self.patience) { saw(seen) }
            state.withLock { $0.failures = 0 }
            return .zero
        } catch {
            // Nothing depends on it: the election asks by itself, and tells what stands in its way.
            logger.debug("the leader key can't be watched now", metadata: ["error": "\(error)"])
            let failures = state.withLock { state in
                defer { state.failures += 1 }
                return state.failures
            }
            return Self.backoff.delay(retry: failures, random: random)
        }
    }
}
