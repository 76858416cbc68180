internal import ClusterMetadata
internal import Logging
internal import MasterServices
internal import Platform
internal import Synchronization
internal import TabletModel

/// Sees to it that metadata can be written again: looks every second, and while there is a trouble tries to settle it, with
/// growing pauses, on a thread of its own. Tells the master how it ended; or that changes were refused without a trouble, as a
/// log on other machines does when it is away for a moment.
final class MetadataKeeper: Sendable {
    private static let interval = Duration.seconds(1)
    /// 1 s, 2 s, … 30 s at most, with jitter.
    private static let backoff = Backoff(base: .seconds(1), limit: .seconds(30))

    private let environment: MasterEnvironment
    private let pool: any WorkerPool
    private let isStopped = Mutex(false)
    private let settled: @Sendable (MetadataSettlement) -> Void
    private let goOn: @Sendable () -> Void

    /// - Parameter goOn: called once changes may be taken again that were refused.
    init(
        environment: MasterEnvironment, settled: @escaping @Sendable (MetadataSettlement) -> Void,
        goOn: @escaping @Sendable () -> Void
    ) {
        self.environment = environment
        self.settled = settled
        self.goOn = goOn
        pool = environment.scheduler.makePool(name: "metadata", threads: 1, queueLimit: 4)
    }

    func start() { look(after: Self.interval) }

    func stop() { isStopped.withLock { $0 = true } }

    /// - Parameters:
    ///   - told: the trouble that the log has a line of.
    ///   - wasRefused: a change was, before the last look: whoever it belonged to waits by now.
    private func look(after delay: Duration, since told: MonotonicTime? = nil, wasRefused: Bool = false) {
        environment.scheduler.schedule(after: delay, on: pool) { [weak self] in
            guard let self, !isStopped.withLock({ $0 }) else { return }
            guard let trouble = environment.store.trouble else {
                if wasRefused { goOn() }
                return look(after: Self.interval, wasRefused: environment.refusals.take())
            }
            if told != trouble.began { tell(trouble) }
            if let next = settle(trouble) {
                look(after: next, since: trouble.began)
            } else {
                look(after: Self.interval, wasRefused: environment.refusals.take())
            }
        }
    }

    private func tell(_ trouble: MetadataTrouble) {
        environment.logger.critical(
            "metadata can't be written: changes are refused, reads are served, and it is tried again",
            metadata: [
                "reason": "\(trouble.reason)", "change_of_unknown_outcome": "\(trouble.hasUnknownChange)",
                "next_step": "\(environment.configuration.journalNextStep)",
            ])
    }

    /// - Returns: when to try again; nil when it is over.
    private func settle(_ trouble: MetadataTrouble) -> Duration? {
        let age = environment.monotonicNow - trouble.began
        do {
            while let settlement = try environment.store.settle() {
                environment.logger.notice(
                    environment.store.trouble == nil
                        ? "metadata can be written again" : "of what was in doubt, a part is known",
                    metadata: [
                        "after_ms": "\(age.wholeMilliseconds)", "entries_in_doubt": "\(settlement.entries.count)",
                        "they_are_durable": "\(settlement.isDurable)",
                    ])
                settled(settlement)
            }
            return nil
        } catch {
            environment.logger.warning(
                "metadata still can't be written",
                metadata: [
                    "for_ms": "\(age.wholeMilliseconds)", "tries": "\(trouble.attempts + 1)", "error": "\(error)",
                ])
            let pause = Self.backoff.delay(retry: trouble.attempts, random: environment.random)
            return max(pause, Self.interval)
        }
    }
}
