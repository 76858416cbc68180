public import ClusterMetadata
public import Logging
public import MasterServices
public import Platform
internal import Synchronization
public import TabletModel

/// Heartbeats every backend in parallel, each at most once at a time, and takes each answer in as it comes: a backend that
/// hangs delays no other. The connections' timeouts bound each call.
public final class HeartbeatManager: Sendable {
    /// Told after the state shows it, on a heartbeat thread, without a lock: may call the store, must not block for long.
    public typealias Listener = @Sendable (Backend, LivenessTransition.Event) -> Void

    private let store: MetadataStore
    private let connector: any BackendConnector
    private let scheduler: any Scheduler
    private let configuration: HeartbeatConfiguration
    private let signs: LifeSigns
    private let pool: any WorkerPool
    private let timer: any WorkerPool
    private let logger: Logger
    private let listener: Listener
    private let running = Mutex(Running())

    private struct Running: Sendable {
        var isStopped = false
        var inFlight: Set<BackendID> = []
        var next: (any ScheduledJob)?
    }

    /// - Parameter store: with the epoch begun (`MetadataStore.beginEpoch`).
    public init(
        store: MetadataStore, signs: LifeSigns, connector: any BackendConnector, scheduler: any Scheduler,
        configuration: HeartbeatConfiguration, logger: Logger, listener: @escaping Listener
    ) {
        self.store = store
        self.signs = signs
        self.connector = connector
        self.scheduler = scheduler
        self.configuration = configuration
        self.logger = logger
        self.listener = listener
        pool = scheduler.makePool(
            name: "heartbeat", threads: configuration.threads, queueLimit: configuration.queueLimit)
        timer = scheduler.makePool(name: "heartbeat-timer", threads: 1, queueLimit: 4)
    }

    /// Heartbeats now and then every `interval` until `stop`.
    public func start() { scheduleRound(after: .zero) }

    /// No new heartbeat begins; answers that still come are dropped.
    public func stop() {
        let next = running.withLock { running in
            running.isStopped = true
            return running.next
        }
        next?.cancel()
    }

    /// Heartbeats one backend at once, besides its turn: after it was added.
    public func heartbeatNow(_ id: BackendID) {
        guard let backend = store.read({ $0.backend(id) }) else { return }
        begin(backend)
    }

    /// Asks who answers at an address, which need not be registered: one heartbeat, which blocks for as long as the
    /// connection's timeouts allow.
    public func probe(_ address: NetworkAddress) -> LivenessTransition.Outcome {
        send(to: address, agent: nil, id: nil, uuid: nil, dialect: nil).0
    }

    private func scheduleRound(after delay: Duration) {
        let job = scheduler.schedule(after: delay, on: timer) { [weak self] in self?.round() }
        running.withLock { $0.next = job }
    }

    private func round() {
        if running.withLock({ $0.isStopped }) { return }
        for backend in store.read({ $0.backends }) { begin(backend) }
        scheduleRound(after: configuration.interval)
    }

    private func begin(_ backend: Backend) {
        guard running.withLock({ !$0.isStopped && $0.inFlight.insert(backend.id).inserted }) else { return }
        let isTaken = pool.submit { [weak self] in self?.heartbeat(backend) }
        guard !isTaken else { return }
        running.withLock { _ = $0.inFlight.remove(backend.id) }
        logger.warning(
            "heartbeat skipped: the queue is full",
            metadata: ["backend": "\(backend.id)", "queue_limit": "\(configuration.queueLimit)"])
    }

    private func heartbeat(_ backend: Backend) {
        let (outcome, heard) = send(
            to: backend.heartbeatAddress, agent: backend.agentAddress, id: backend.id, uuid: backend.uuid,
            dialect: backend.dialect)
        let isStopped = running.withLock { running in
            running.inFlight.remove(backend.id)
            return running.isStopped
        }
        guard !isStopped else { return }
        let before = store.read { $0.status(of: backend.id).verdict }
        guard judge(heard, of: backend.id, outcome) else { return }
        take(outcome, from: backend.id)
        tellAgain(backend, since: before)
        introduce(backend)
    }

    /// - Parameter dialect: as it was heard last; nil: who is there is not known yet.
    /// - Returns: how it ended, and what the backend remembers of metadata.
    private func send(
        to address: NetworkAddress, agent: NetworkAddress?, id: BackendID?, uuid: BackendUUID?, dialect: WireDialect?
    ) -> (LivenessTransition.Outcome, heard: MetadataPosition?) {
        let line = SpokenBackendConnection(
            connector.connection(heartbeat: address, agent: agent), in: configuration.wireDialect ?? dialect)
        let lastLogID = store.lastLogID
        let (epoch, position, judged, frontends) = store.read { state in
            (
                state.epoch, state.position(lastLogID: lastLogID), id.flatMap { state.status(of: $0).verdict.judged },
                frontendInfos(state)
            )
        }
        var master = MasterInfo(
            address: configuration.master, clusterID: store.identity.clusterID, epoch: epoch,
            token: store.identity.token, backendIP: address.host, httpPort: configuration.httpPort,
            flags: configuration.spokenFlags, backendID: id, backendUUID: uuid?.description ?? "")
        master.frontends = frontends
        master.position = position
        master.judgedPosition = judged
        do {
            let reply = try line.heartbeat(master)
            let outcome =
                reply.status.isOK ? LivenessTransition.Outcome.answered(reply.backend) : .refused(reply.status)
            return (outcome, reply.backend.heardPosition)
        } catch {
            return (.failed("\(error)"), nil)
        }
    }

    /// All of the cluster's frontends, as Doris has them: this one first; one that was not heard yet is of no process.
    private func frontendInfos(_ state: borrowing ClusterState) -> [MasterInfo.Frontend] {
        let own = MasterInfo.Frontend(address: configuration.master, processUUID: configuration.processUUID)
        let others = state.frontends.all.filter { $0.nodeName != store.identity.nodeName }
        return [own]
            + others.map {
                MasterInfo.Frontend(
                    address: $0.rpcAddress, processUUID: state.status(ofFrontend: $0.nodeName).processUUID)
            }
    }

    /// What the backend remembered is of an earlier life of this FE, and has just been judged: it is told at once, so that it
    /// remembers this life from its first moments on.
    private func tellAgain(_ backend: Backend, since before: PositionVerdict) {
        let (verdict, life) = store.read { ($0.status(of: backend.id).verdict, $0.lives.last?.life) }
        guard verdict != before, let judged = verdict.judged, judged.life != life else { return }
        begin(backend)
    }

    /// The first heartbeat to a backend of ours says no more than who this is; the rest is said as soon as it has answered.
    private func introduce(_ backend: Backend) {
        guard backend.dialect != .tabletd, let now = store.read({ $0.backend(backend.id) }), now.dialect == .tabletd
        else { return }
        begin(now)
    }

    /// Before the backend counts as alive: what it remembers may show that these metadata are older than it. That is durable
    /// before anything is done with the backend.
    /// - Returns: false when it could not be made durable: the heartbeat is not taken in then.
    private func judge(
        _ heard: MetadataPosition?, of backend: BackendID, _ outcome: LivenessTransition.Outcome
    ) -> Bool {
        if case .failed = outcome { return true }
        if case .refused = outcome, heard == nil { return true }
        let lastLogID = store.lastLogID
        let verdict = store.read { $0.verdict(on: heard, lastLogID: lastLogID) }
        if case .ahead(let position) = verdict {
            let finding = OlderFinding(
                kind: .position, backendID: backend, ours: lastLogID, theirs: position.logID, foundAt: scheduler.wallNow
            )
            do {
                for new in try store.noteOlder([FoundOlder(tableID: nil, finding: finding)]) {
                    logger.error(
                        "the metadata are older than the backends: nothing is dropped or written until you choose, see tabletctl meta status",
                        metadata: ["backend": "\(backend)", "found": "\(new.finding.text)"])
                }
            } catch {
                logger.error(
                    "older metadata was not journaled", metadata: ["backend": "\(backend)", "error": "\(error)"])
                return false
            }
        }
        store.observe { state in state.updateStatus(of: backend) { $0.verdict = verdict } }
        return true
    }

    private func take(_ outcome: LivenessTransition.Outcome, from id: BackendID) {
        let now = scheduler.wallNow
        logRefusal(outcome, of: id)
        let silence = silence(of: id)
        let transition = store.read { state in
            state.backend(id).map { backend in
                LivenessTransition(
                    state.checked(outcome, from: backend), of: backend, status: state.status(of: id), now: now,
                    tolerance: configuration.failureTolerance, dialect: configuration.wireDialect, silence: silence)
            }
        }
        // Dropped meanwhile.
        guard let transition else { return }
        // Ports are durable before anybody is told that the backend is there.
        guard !transition.isJournaled || journal(transition) else { return }
        store.observe { state in
            state.updateStatus(of: id) { status in
                status.takeHeartbeat(transition)
            }
        }
        // From here on it has the time to make its first call.
        if transition.events.contains(where: { $0 == .becameAlive || $0 == .restarted }) {
            signs.heard(from: id, at: scheduler.monotonicNow)
        }
        for event in transition.events {
            log(event, of: transition.backend)
            listener(transition.backend, event)
        }
    }

    /// A backend that never came alive is in no other line: of another cluster, say, after this FE lost its metadata.
    private func logRefusal(_ outcome: LivenessTransition.Outcome, of id: BackendID) {
        guard case .refused(let reply) = outcome else { return }
        let (address, before) = store.read { ($0.backend(id)?.heartbeatAddress, $0.status(of: id).heartbeatError) }
        guard let address, !before.hasSuffix("\(reply)") else { return }
        logger.warning(
            "a backend refuses the heartbeat",
            metadata: ["backend": "\(id)", "address": "\(address)", "reason": "\(reply)"])
    }

    private func silence(of id: BackendID) -> LivenessTransition.Silence {
        let now = scheduler.monotonicNow
        let lasted = signs.lastHeard(from: id).map { now - $0 } ?? .zero
        return LivenessTransition.Silence(now: now, lasted: lasted, limit: configuration.reportTimeout)
    }

    /// False when it could not be made durable, or does not hold any more: the next heartbeat tells.
    private func journal(_ transition: LivenessTransition) -> Bool {
        do {
            return try store.commit { state in
                // Decommissioned, moved or dropped meanwhile: only what the heartbeat told is new.
                guard var backend = state.backend(transition.backend.id) else { return ([], true) }
                guard backend.heartbeatAddress == transition.backend.heartbeatAddress else { return ([], false) }
                // Two addresses of one process, asked at the same time.
                if let uuid = transition.backend.uuid, let other = state.backend(uuid: uuid), other.id != backend.id {
                    return ([], false)
                }
                backend.takeLearned(from: transition.backend)
                return (backend == state.backend(backend.id) ? [] : [.backendStateChange(backend)], true)
            }
        } catch {
            logger.error(
                "heartbeat not taken in", metadata: ["backend": "\(transition.backend.id)", "error": "\(error)"])
            return false
        }
    }

    private func log(_ event: LivenessTransition.Event, of backend: Backend) {
        let metadata: Logger.Metadata = ["backend": "\(backend.id)", "address": "\(backend.heartbeatAddress)"]
        switch event {
        case .becameAlive: logger.info("backend is alive", metadata: metadata)
        case .restarted: logger.info("backend restarted", metadata: metadata)
        case .replaced(let before):
            logger.warning(
                "a backend has other data dirs than before: what was on the old ones is missing",
                metadata: metadata.merging([
                    "uuid": "\(backend.uuid?.description ?? "")", "uuid_before": "\(before)",
                ]) { $1 })
        case .becameLate(let silence):
            logger.warning(
                "a backend answers heartbeats, but nothing comes from it: can it reach this FE?",
                metadata: metadata.merging([
                    "silent_for": "\(silence.components.seconds) s", "fe": "\(configuration.master)",
                ]) { $1 })
        case .isHeardAgain: logger.info("a backend that was silent is heard again", metadata: metadata)
        case .becameDead(let reason):
            logger.warning("backend is dead", metadata: metadata.merging(["reason": "\(reason)"]) { $1 })
        }
    }
}

extension ClusterState {
    /// An answer with the uuid of another backend is that one's, whatever address it came from; one that claims the address
    /// of another counts as a failure: reports could not be told apart.
    fileprivate func checked(
        _ outcome: LivenessTransition.Outcome, from backend: Backend
    ) -> LivenessTransition.Outcome {
        guard case .answered(let info) = outcome else { return outcome }
        if let uuid = info.uuid, let other = self.backend(uuid: uuid), other.id != backend.id {
            return .answeredAs(other.id, other.heartbeatAddress)
        }
        let claimed = BackendAddress(host: backend.host, bePort: info.bePort, httpPort: info.httpPort)
        guard let other = self.backend(agent: claimed), other.id != backend.id else { return outcome }
        return .failed("it answered with the agent port \(info.bePort), which is that of backend \(other.id)")
    }
}

extension Backend {
    fileprivate mutating func takeLearned(from other: Backend) {
        bePort = other.bePort
        httpPort = other.httpPort
        brpcPort = other.brpcPort
        version = other.version
        startedAt = other.startedAt
        nodeRole = other.nodeRole
        uuid = other.uuid
        dialect = other.dialect
    }
}

extension BackendStatus {
    /// Only what a heartbeat decides: reports write the rest at the same time.
    fileprivate mutating func takeHeartbeat(_ transition: LivenessTransition) {
        isAlive = transition.status.isAlive
        failureCount = transition.status.failureCount
        heartbeatError = transition.status.heartbeatError
        failingSince = transition.status.failingSince
        answersAs = transition.status.answersAs
        lateSince = transition.status.lateSince
        lastHeartbeatAt = transition.status.lastHeartbeatAt
        if transition.events.contains(.restarted) { forgetReportVersion() }
    }
}
