internal import AgentTasks
internal import ClusterMetadata
public import HTTPAPI
internal import Logging
public import MasterServices
internal import Platform
internal import Synchronization
public import TabletModel

/// Sees to it that every tablet of a table with a storage policy has one fit uploader that all its replicas know:
/// collects what reports show, makes jobs of it, and carries out what they ask. Any thread.
public final class CooldownManager: Sendable {
    private static let endedLimit = 100

    private struct State {
        var isStopped = false
        /// Tablets that need a job, not in one yet.
        var candidates: Set<TabletID> = []
        var jobs: [Int64: Running] = [:]
        var jobByTablet: [TabletID: Int64] = [:]
        /// Oldest first.
        var ended: [CooldownJobView] = []
        var nextID: Int64 = 1
    }

    fileprivate struct Running {
        var job: CooldownJob
        var createdAt: UnixTime
        var sent: [BackendID: AgentTask] = [:]
    }

    private let environment: MasterEnvironment
    private let startedAt: UnixTime
    private let state = Mutex(State())

    public init(environment: MasterEnvironment) {
        self.environment = environment
        startedAt = environment.wallNow
    }

    public func start() { scheduleRound() }

    public func stop() { state.withLock { $0.isStopped = true } }

    private func scheduleRound() {
        environment.after(environment.configuration.cooldownRound) { [weak self] in
            guard let self, !state.withLock({ $0.isStopped }) else { return }
            round()
            scheduleRound()
        }
    }

    // MARK: What comes in

    /// Starts jobs for these tablets with the next round: their conf is missing, unfit or unknown to a replica. Those with a
    /// job already are skipped.
    public func add(_ tablets: [TabletID]) {
        state.withLock { state in
            for tablet in tablets where state.jobByTablet[tablet] == nil { state.candidates.insert(tablet) }
        }
    }

    /// What a replica has now, as its tablet report says: for backends that never answer the task.
    public func confirm(_ rows: [TabletReportRow], from backend: BackendID) {
        guard state.withLock({ !$0.jobByTablet.isEmpty }) else { return }
        for row in rows {
            guard let id = state.withLock({ $0.jobByTablet[row.tabletID] }) else { continue }
            step(id, .reported(backend, row.tabletID, replica: row.cooldownReplicaID, term: row.cooldownTerm))
        }
    }

    public func acknowledged(_ task: AgentTask, by backend: BackendID) {
        if let id = job(of: task) { step(id, .acknowledged(backend)) }
    }

    public func failed(_ task: AgentTask, on backend: BackendID, _ reason: String) {
        if let id = job(of: task) { step(id, .failed(backend, reason)) }
    }

    public func lost(_ backend: BackendID) {
        for id in state.withLock({ $0.jobs.keys.sorted() }) { step(id, .lost(backend)) }
    }

    private func job(of task: AgentTask) -> Int64? {
        guard case .cooldownConfs(let confs) = task.payload, let first = confs.first else { return nil }
        return state.withLock { state in
            guard let id = state.jobByTablet[first.tabletID] else { return nil }
            return state.jobs[id]?.job.confs[first.tabletID] == first ? id : nil
        }
    }

    // MARK: Rounds

    /// Lets jobs see the time, and makes new ones.
    func round() {
        for id in state.withLock({ $0.jobs.keys.sorted() }) { step(id, .tick) }
        for (id, tablets) in takeBatches() { startJob(id, tablets) }
    }

    private func takeBatches() -> [(Int64, [TabletID])] {
        let now = environment.monotonicNow
        let wall = environment.wallNow
        let configuration = environment.configuration
        return state.withLock { state in
            var batches: [(Int64, [TabletID])] = []
            while state.jobs.count < configuration.activeCooldownJobs, !state.candidates.isEmpty {
                let tablets = Array(state.candidates.sorted().prefix(CooldownJob.tabletLimit))
                state.candidates.subtract(tablets)
                let id = state.nextID
                state.nextID += 1
                state.jobs[id] = Running(
                    job: CooldownJob(id: id, tablets: tablets, now: now, timeout: configuration.cooldownConfTimeout),
                    createdAt: wall)
                for tablet in tablets { state.jobByTablet[tablet] = id }
                batches.append((id, tablets))
            }
            return batches
        }
    }

    private func startJob(_ id: Int64, _ tablets: [TabletID]) {
        let snapshot = environment.store.snapshot()
        let grace = environment.configuration.uploaderGrace.wholeMilliseconds
        let since = UnixTime(milliseconds: environment.wallNow.milliseconds - grace)
        let views = tablets.compactMap { id in
            snapshot.uploaderMayReturn(of: id, awaySince: since, startedAt)
                ? nil : CooldownJob.TabletView(id, in: snapshot)
        }
        step(id, .start(tablets: views, uploadsByBackend: snapshot.uploadsByBackend))
    }

    private func step(_ id: Int64, _ event: CooldownJob.Event) {
        let now = environment.monotonicNow
        let actions = state.withLock { $0.jobs[id]?.job.step(event, now: now) ?? [] }
        for action in actions {
            switch action {
            case .journal(let confs): journal(confs, of: id)
            case .push(let backend, let confs): push(confs, to: backend, of: id)
            case .end(let last, let reason): end(id, last, reason)
            }
        }
    }

    private func journal(_ confs: [CooldownConf], of id: Int64) {
        do {
            try environment.commit([.pushCooldownConf(confs)])
        } catch {
            return step(id, .journalFailed("\(error)"))
        }
        for conf in confs {
            environment.logger.info(
                "cooldown replica chosen",
                metadata: [
                    "tablet": "\(conf.tabletID)", "replica": "\(conf.cooldownReplicaID)", "term": "\(conf.term)",
                ])
        }
        step(id, .journaled)
    }

    private func push(_ confs: [CooldownConf], to backend: BackendID, of id: Int64) {
        // Doris sends -1, which its backends don't tell apart: an end that came twice would acknowledge the next conf.
        let task = AgentTask(
            type: .pushCooldownConf, signature: environment.signatures.next(), payload: .cooldownConfs(confs))
        state.withLock { $0.jobs[id]?.sent[backend] = task }
        environment.dispatcher.send(task, to: backend)
    }

    private func end(_ id: Int64, _ last: CooldownJob.State, _ reason: String) {
        let wall = environment.wallNow
        let running = state.withLock { state -> Running? in
            guard let running = state.jobs.removeValue(forKey: id) else { return nil }
            for tablet in running.job.tablets { state.jobByTablet[tablet] = nil }
            state.ended.append(running.view(endedAt: wall))
            if state.ended.count > Self.endedLimit { state.ended.removeFirst() }
            return running
        }
        guard let running else { return }
        for (backend, task) in running.sent {
            environment.tasks.remove(.init(type: task.type, signature: task.signature), of: backend)
        }
        let metadata: Logger.Metadata = [
            "job": "\(id)", "tablets": "\(running.job.tablets.count)", "confs": "\(running.job.confs.count)",
        ]
        if last == .finished {
            environment.logger.info("cooldown job finished", metadata: metadata)
        } else {
            environment.logger.warning(
                "cooldown job cancelled", metadata: metadata.merging(["reason": "\(reason)"]) { $1 })
        }
    }

    // MARK: Views

    /// Running ones first, then the newest that ended.
    public var views: [CooldownJobView] {
        state.withLock { state in
            state.jobs.keys.sorted().compactMap { state.jobs[$0]?.view(endedAt: nil) } + state.ended.reversed()
        }
    }

    public var runningCount: Int { state.withLock { $0.jobs.count } }
}

extension CooldownManager.Running {
    fileprivate func view(endedAt: UnixTime?) -> CooldownJobView {
        CooldownJobView(
            id: job.id, state: job.state.rawValue, confCount: Int64(job.confs.count),
            acknowledged: Int64(job.progress.done), failures: Int64(job.failureCount),
            createdMs: createdAt.milliseconds, endedMs: endedAt?.milliseconds ?? 0, message: job.message)
    }
}

extension CooldownJob.TabletView {
    /// nil when the tablet is gone or its table has no policy.
    fileprivate init?(_ id: TabletID, in state: ClusterState) {
        guard let tablet = state.tablets.tablet(id), let table = state.table(tablet.tableID),
            table.storagePolicy != nil, !state.older.holds(table.id),
            let visible = table.partition(tablet.partitionID)?.visibleVersion
        else { return nil }
        self.init(
            conf: tablet.cooldownConf,
            candidates: state.tablets.replicas(of: id).map { replica in
                let isAlive = state.isAlive(replica.backendID)
                let stays = state.backend(replica.backendID)?.isDecommissioned == false
                return CooldownCandidate(
                    replicaID: replica.id, backendID: replica.backendID,
                    isHealthy: state.isHeard(replica.backendID) && stays && !replica.isBad
                        && state.unreadable(replica) == nil && replica.state == .normal,
                    isComplete: replica.versions.isComplete(upTo: visible),
                    hasRemoteData: replica.cooldownMetaID != nil, isReachable: isAlive)
            })
    }
}

extension ClusterState {
    /// The uploader's backend is away, but was heard of after `limit`: the tablet waits for it, and its next report
    /// asks again. A backend that was never heard of counts from the FE's start.
    fileprivate func uploaderMayReturn(of id: TabletID, awaySince limit: UnixTime, _ start: UnixTime) -> Bool {
        guard let tablet = tablets.tablet(id), tablet.cooldownReplicaID > 0 else { return false }
        for replica in tablets.replicas(of: id) where replica.id == tablet.cooldownReplicaID && !replica.isBad {
            let status = status(of: replica.backendID)
            return !status.isAlive && (status.lastHeartbeatAt ?? start) > limit
        }
        return false
    }

    /// How many tablets each backend uploads.
    fileprivate var uploadsByBackend: [BackendID: Int] {
        var counts: [BackendID: Int] = [:]
        tablets.forEach { tablet, replicas in
            guard tablet.cooldownReplicaID > 0 else { return }
            for replica in replicas where replica.id == tablet.cooldownReplicaID {
                counts[replica.backendID, default: 0] += 1
            }
        }
        return counts
    }
}
