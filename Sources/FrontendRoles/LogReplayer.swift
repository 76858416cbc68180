public import ClusterMetadata
internal import FrontendElection
public import Logging
public import Platform
internal import Synchronization
public import TabletModel

/// Keeps the metadata of an FE that follows as the master's are: takes over what the log has more, or an image where the log does
/// not begin early enough, and writes images of its own. Rests while the FE leads. One thread.
public final class LogReplayer: Sendable {
    /// Why nothing is taken over now.
    public struct Trouble: Hashable, Sendable {
        public var since: MonotonicTime
        public var reason: String
        /// The log is another cluster's, or ends before what this FE knows.
        public var isOtherLog = false
        /// It is another cluster's.
        public var isOtherCluster = false
    }

    /// How long one look may wait for entries; also how soon the replayer notices that it is to stop.
    private static let patience = Duration.seconds(1)
    private static let backoff = Backoff(base: .milliseconds(100), limit: .seconds(5))

    private let store: MetadataStore
    private let feed: any LogFeed
    /// Puts a newer image of the master's into the folder. Blocking.
    private let fetchImage: @Sendable () throws -> Void
    private let scheduler: any Scheduler
    private let random: any RandomSource
    private let logger: Logger
    private let pool: any WorkerPool
    private let images: any WorkerPool
    private let pause: Duration
    private let state = Mutex(Progress())

    private struct Progress: Sendable {
        var isStopped = false
        var failures = 0
        var trouble: Trouble?
    }

    /// - Parameter pause: between two looks: for a feed that does not wait for entries itself.
    public init(
        store: MetadataStore, feed: any LogFeed, fetchImage: @escaping @Sendable () throws -> Void,
        scheduler: any Scheduler, random: any RandomSource, logger: Logger, pause: Duration = .zero
    ) {
        self.pause = pause
        self.store = store
        self.feed = feed
        self.fetchImage = fetchImage
        self.scheduler = scheduler
        self.random = random
        self.logger = logger
        pool = scheduler.makePool(name: "replayer", threads: 1, queueLimit: 4)
        images = scheduler.makePool(name: "replayer-image", threads: 1, queueLimit: 4)
    }

    /// nil: what the log has is taken over as it comes.
    public var trouble: Trouble? { state.withLock { $0.trouble } }

    public func start() {
        look(after: .zero)
        writeImage()
    }

    public func stop() { state.withLock { $0.isStopped = true } }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func look(after delay: Duration) {
        scheduler.schedule(after: delay, on: pool) { [weak self] in
            guard let self, !isStopped else { return }
            look(after: round())
        }
    }

    /// - Returns: when to look again.
    private func round() -> Duration {
        guard store.standing == .follows else { return .milliseconds(100) }
        do {
            try takeOver()
            state.withLock { ($0.failures, $0.trouble) = (0, nil) }
            return pause
        } catch MetadataError.leading {
            return .milliseconds(100)
        } catch {
            let failures = note(error)
            return Self.backoff.delay(retry: failures, random: random)
        }
    }

    private func takeOver() throws {
        let known = store.lastLogID
        do {
            let entries = try feed.next(after: known, within: Self.patience)
            try store.replay(entries, from: known + 1)
        } catch JournalError.truncated {
            // One that came before may lie here already.
            if try !store.replayImage() {
                try fetchImage()
                guard try store.replayImage() else { throw ImageTooOld(logID: known) }
            }
            logger.notice(
                "the edit log does not reach back to what this FE knows: an image was taken over",
                metadata: ["from": "\(known)", "log_id": "\(store.lastLogID)"])
        }
    }

    /// - Returns: how often it failed before in a row.
    private func note(_ error: any Error) -> Int {
        let (isBehind, isOther) =
            switch error as? JournalError {
            case .behindImage?: (true, false)
            case .otherCluster?: (false, true)
            default: (false, false)
            }
        let (failures, isNew) = state.withLock { state in
            defer { state.failures += 1 }
            // Once for each kind: others may come between.
            let isNew = state.trouble.map { $0.isOtherLog != (isBehind || isOther) } ?? true
            let since = state.trouble?.since ?? scheduler.monotonicNow
            state.trouble = Trouble(
                since: since, reason: "\(error)", isOtherLog: isBehind || isOther, isOtherCluster: isOther)
            return (state.failures, isNew)
        }
        if isNew { logger.warning("the edit log can't be followed now", metadata: ["error": "\(error)"]) }
        return failures
    }

    private func writeImage() {
        scheduler.schedule(after: .seconds(5), on: images) { [weak self] in
            guard let self, !isStopped else { return }
            if store.standing == .follows { store.checkpointIfDue(now: scheduler.monotonicNow, logger: logger) }
            writeImage()
        }
    }
}

/// The master's newest image does not cover what is missing.
struct ImageTooOld: Error, CustomStringConvertible {
    let logID: Int64
    var description: String {
        "the edit log does not reach back to entry \(logID + 1), and there is no image yet that does; it is tried again"
    }
}
