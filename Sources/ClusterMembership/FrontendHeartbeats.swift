public import ClusterMetadata
public import Logging
public import MasterServices
public import Platform
internal import Synchronization
internal import TabletModel

/// Pings every other frontend each round, each at most once at a time: whether it lives, and how far it has replayed.
public final class FrontendHeartbeats: Sendable {
    private let store: MetadataStore
    private let connector: any FrontendConnector
    private let scheduler: any Scheduler
    private let interval: Duration
    private let logger: Logger
    private let pool: any WorkerPool
    private let running = Mutex(Running())

    private struct Running: Sendable {
        var isStopped = false
        var inFlight: Set<String> = []
        var next: (any ScheduledJob)?
    }

    /// A frontend that hangs takes a thread for its call's deadline.
    private static let threads = 4

    public init(
        store: MetadataStore, connector: any FrontendConnector, scheduler: any Scheduler,
        configuration: HeartbeatConfiguration, logger: Logger
    ) {
        self.store = store
        self.connector = connector
        self.scheduler = scheduler
        interval = configuration.interval
        self.logger = logger
        pool = scheduler.makePool(name: "frontend-heartbeat", threads: Self.threads, queueLimit: 256)
    }

    /// Pings now and then every interval until `stop`.
    public func start() { scheduleRound(after: .zero) }

    /// No new ping begins; answers that still come are dropped.
    public func stop() {
        let next = running.withLock { running in
            running.isStopped = true
            return running.next
        }
        next?.cancel()
    }

    /// Besides its turn: after it was added.
    public func pingNow(_ frontend: Frontend) { begin(frontend) }

    private func scheduleRound(after delay: Duration) {
        let job = scheduler.schedule(after: delay, on: pool) { [weak self] in self?.round() }
        running.withLock { $0.next = job }
    }

    private func round() {
        if running.withLock({ $0.isStopped }) { return }
        for frontend in store.read({ $0.frontends.all }) where frontend.nodeName != store.identity.nodeName {
            begin(frontend)
        }
        scheduleRound(after: interval)
    }

    private func begin(_ frontend: Frontend) {
        let name = frontend.nodeName
        guard running.withLock({ !$0.isStopped && $0.inFlight.insert(name).inserted }) else { return }
        let isTaken = pool.submit { [weak self] in self?.ping(frontend) }
        if !isTaken { running.withLock { _ = $0.inFlight.remove(name) } }
    }

    private func ping(_ frontend: Frontend) {
        let request = PingRequest(clusterID: store.identity.clusterID, token: store.identity.token)
        let answer = Result { try connector.connection(to: frontend.rpcAddress).ping(request) }
        let isStopped = running.withLock { running in
            running.inFlight.remove(frontend.nodeName)
            return running.isStopped
        }
        guard !isStopped else { return }
        let now = scheduler.wallNow
        let (before, after) = store.observe { state in
            let before = state.status(ofFrontend: frontend.nodeName)
            state.updateStatus(ofFrontend: frontend.nodeName) { $0.take(answer, now: now) }
            return (before, state.status(ofFrontend: frontend.nodeName))
        }
        log(frontend, before, after)
        if case .success(let reply) = answer, reply.isOK { correct(frontend, reply) }
    }

    /// Whoever added it may have said another port than it listens on.
    private func correct(_ frontend: Frontend, _ reply: PingReply) {
        guard let httpPort = reply.httpPort, httpPort != frontend.httpPort else { return }
        do {
            try store.correctFrontend(frontend.nodeName, httpPort: httpPort)
        } catch {
            logger.warning(
                "the port of a frontend can't be corrected now; it is tried again",
                metadata: ["frontend": "\(frontend.nodeName)", "http_port": "\(httpPort)", "error": "\(error)"])
        }
    }

    private func log(_ frontend: Frontend, _ before: FrontendStatus, _ after: FrontendStatus) {
        let metadata: Logger.Metadata = [
            "frontend": "\(frontend.nodeName)", "address": "\(frontend.rpcAddress)",
        ]
        if after.isAlive, !before.isAlive {
            logger.info("frontend is alive", metadata: metadata)
        } else if !after.isAlive, before.isAlive {
            logger.warning("frontend is dead", metadata: metadata.merging(["reason": "\(after.error)"]) { $1 })
        }
    }
}

extension FrontendStatus {
    /// What became of a ping.
    mutating func take(_ answer: Result<PingReply, any Error>, now: UnixTime) {
        switch answer {
        case .success(let reply) where reply.isOK:
            isAlive = true
            error = ""
            lastHeartbeatAt = now
            replayedLogID = reply.replayedJournalID
            version = reply.version
            processUUID = reply.processUUID ?? 0
        case .success(let reply):
            isAlive = false
            error = "it refused the ping: \(reply.message)"
        case .failure(let failure):
            isAlive = false
            error = "\(failure)"
        }
    }
}
