public import ClusterMetadata
public import Logging
public import Platform
internal import Synchronization
internal import TabletModel

/// Journals the time while this FE is the master, so that those who follow know how old what they have replayed is.
public final class TimePrinter: Sendable {
    /// As Doris' (`contract/behaviour.md §8`).
    private static let interval = Duration.seconds(10)

    private let store: MetadataStore
    private let scheduler: any Scheduler
    private let logger: Logger
    private let pool: any WorkerPool
    private let isStopped = Mutex(false)

    public init(store: MetadataStore, scheduler: any Scheduler, logger: Logger) {
        self.store = store
        self.scheduler = scheduler
        self.logger = logger
        pool = scheduler.makePool(name: "time-printer", threads: 1, queueLimit: 4)
    }

    public func start() { print(after: .zero) }
    public func stop() { isStopped.withLock { $0 = true } }

    private func print(after delay: Duration) {
        scheduler.schedule(after: delay, on: pool) { [weak self] in
            guard let self, !isStopped.withLock({ $0 }) else { return }
            do {
                try store.commit([.timestamp(scheduler.wallNow)])
            } catch {
                // The next one says as much.
                logger.debug("the time was not journaled", metadata: ["error": "\(error)"])
            }
            print(after: Self.interval)
        }
    }
}
