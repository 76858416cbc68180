internal import AgentTasks
internal import ClusterMetadata
public import HTTPAPI
internal import Logging
public import MasterServices
internal import Platform
internal import Synchronization
public import TabletModel

/// Has backends move tablets between their own data dirs: where a person says so, and to even their disks out
/// (`+Balancing`). Memory only: after a restart of the FE a move goes on and ends on its backend, and reports show where the
/// tablet is. Any thread; its own work runs on one of its own.
public final class DiskMover: Sendable {
    struct State {
        var isStopped = false
        var book: DiskMoveBook
    }

    let environment: MasterEnvironment
    let repairs: RepairManager
    private let jobs: JobRegistry
    private let pool: any WorkerPool
    private let state: Mutex<State>

    public init(environment: MasterEnvironment, repairs: RepairManager, jobs: JobRegistry) {
        self.environment = environment
        self.repairs = repairs
        self.jobs = jobs
        pool = environment.scheduler.makePool(name: "disk-moves", threads: 1, queueLimit: 100)
        state = Mutex(State(book: DiskMoveBook(historyLimit: environment.configuration.repair.historyLimit)))
    }

    var configuration: RepairConfiguration { environment.configuration.repair }

    func with<R: Sendable>(_ body: (inout DiskMoveBook) -> R) -> R { state.withLock { body(&$0.book) } }

    public func start() { scheduleTick() }
    public func stop() { state.withLock { $0.isStopped = true } }

    private func scheduleTick() {
        environment.scheduler.schedule(after: configuration.scheduleInterval, on: pool) { [weak self] in
            guard let self, !state.withLock({ $0.isStopped }) else { return }
            tick()
            scheduleTick()
        }
    }

    private func tick() {
        for move in with({ $0.expired(now: environment.monotonicNow) }) {
            giveUp(move, "not finished by its deadline")
        }
        if !configuration.isDisabled, !configuration.disablesDiskBalance { balance() }
    }

    // MARK: Moves that a person asks for

    /// Queues the move; poll the job until it ended.
    /// - Throws: `MasterError`.
    public func start(_ tablet: TabletID, _ request: MoveReplicaRequest) throws -> JobView {
        let target = try target(of: request)
        let key = ReplicaKey(tabletID: tablet, backendID: request.backendID)
        let snapshot = environment.store.snapshot()
        guard let subject = RepairSubject(tablet, in: snapshot) else {
            throw MasterError(.notFound, "there is no tablet \(tablet)", nextStep: "list the tablets of a table")
        }
        guard let replica = snapshot.tablets.replica(key) else {
            throw MasterError(
                .notFound, "tablet \(tablet) has no replica on backend \(key.backendID)",
                nextStep: "see tabletctl tablet \(tablet)")
        }
        guard snapshot.isHeard(key.backendID) else {
            throw MasterError(
                .unavailable, "backend \(key.backendID) is not alive", nextStep: "start it, then try again")
        }
        if snapshot.isHeld(tablet) {
            throw MasterError(
                .conflict, "the metadata are older than the backends", nextStep: "see tabletctl meta status")
        }
        try check(target, of: replica, in: snapshot)
        guard !repairs.isCloning(key) else {
            throw MasterError(.conflict, "\(key) is being cloned", nextStep: "try again when that is over")
        }
        guard let job = begin(key, target, bytes: replica.dataSizeBytes, schemaHash: subject.schemaHash) else {
            throw MasterError(.conflict, "\(key) is on its way already", nextStep: "see tabletctl jobs")
        }
        return job
    }

    private func target(of request: MoveReplicaRequest) throws -> DiskTarget {
        switch (request.path, request.medium) {
        case (let path?, nil): return .dir(path: path)
        case (nil, let name?):
            guard let medium = [StorageMedium.hdd, .ssd].first(where: { $0.description == name.uppercased() }) else {
                throw MasterError(.invalidArgument, "'\(name.prefix(40))' is no medium", nextStep: "say HDD or SSD")
            }
            return .medium(medium)
        default:
            throw MasterError(
                .invalidArgument, "a move needs a data dir or a medium, and not both", nextStep: "give one of them")
        }
    }

    /// What is known of the backend's disks saves it, and the caller, the trouble. The backend checks again.
    private func check(_ target: DiskTarget, of replica: Replica, in state: ClusterState) throws {
        let disks = state.status(of: replica.backendID).disks
        let here = disks.first { $0.pathHash == replica.pathHash }
        switch target {
        case .dir(let path):
            if let here, here.rootPath == path {
                throw MasterError(
                    .conflict, "the replica is in \(path) already", nextStep: "name another data dir of the backend")
            }
            guard !disks.isEmpty, !disks.contains(where: { $0.rootPath == path }) else { return }
            throw MasterError(
                .invalidArgument, "backend \(replica.backendID) has no data dir \"\(path.prefix(200))\"",
                nextStep: "it has " + disks.map(\.rootPath).sorted().joined(separator: ", "))
        case .medium(let medium):
            if let here, here.medium == medium {
                throw MasterError(.conflict, "the replica is on \(medium) already", nextStep: "name another medium")
            }
            guard !disks.isEmpty, !disks.contains(where: { $0.medium == medium }) else { return }
            throw MasterError(
                .invalidArgument, "backend \(replica.backendID) has no data dir of medium \(medium)",
                nextStep: "see tabletctl backends")
        }
    }

    // MARK: A move's life

    /// - Returns: nil when the replica moves already.
    @discardableResult
    func begin(
        _ key: ReplicaKey, _ target: DiskTarget, bytes: Int64, schemaHash: SchemaHash, isBalancing: Bool = false
    ) -> JobView? {
        let (now, wall) = (environment.monotonicNow, environment.wallNow)
        let seconds = max(0, bytes) / max(1, configuration.minCloneBytesPerSecond)
        let patience = min(max(.seconds(seconds), configuration.minCloneTimeout), configuration.maxCloneTimeout)
        let move = DiskMove(
            id: environment.signatures.next(), key: key, target: target, bytes: bytes, isBalancing: isBalancing,
            startedAt: wall, deadline: now + patience)
        guard with({ $0.begin(move) }) else { return nil }
        let job = JobView(
            id: move.id, kind: isBalancing ? "balanceDisk" : "migrate",
            subject: "\(key) to \(target)", state: .running, done: 0, total: max(0, bytes),
            message: "waits for backend \(key.backendID)", createdMs: wall.milliseconds, endedMs: 0)
        jobs.add(job)
        var request = MigrateRequest(tabletID: key.tabletID, schemaHash: schemaHash)
        switch target {
        case .dir(let path): request.dataDir = path
        case .medium(let medium): request.medium = medium
        }
        environment.logger.info(
            "a tablet is to move to another disk",
            metadata: [
                "tablet": "\(key.tabletID)", "backend": "\(key.backendID)", "to": "\(target)",
                "balancing": "\(isBalancing)",
            ])
        // What an earlier move that was given up left would win over this one.
        environment.tasks.remove(taskKey(key), of: key.backendID)
        environment.dispatcher.send(
            AgentTask(type: .storageMediumMigrate, signature: key.tabletID.rawValue, payload: .migrate(request)),
            to: key.backendID)
        return job
    }

    private func taskKey(_ key: ReplicaKey) -> AgentTaskQueue.Key {
        AgentTaskQueue.Key(type: .storageMediumMigrate, signature: key.tabletID.rawValue)
    }

    /// STORAGE_MEDIUM_MIGRATE ended well, says the backend.
    /// - Parameter row: the replica where it is now, from a backend that tells.
    public func moved(_ tablet: TabletID, on backend: BackendID, _ row: TabletReportRow?) {
        if let row, row.tabletID == tablet { environment.store.observe { $0.takeFacts(of: [row], from: backend) } }
        guard let move = end(ReplicaKey(tabletID: tablet, backendID: backend), failure: nil) else { return }
        jobs.update(move.id) { $0.done = $0.total }
        jobs.end(move.id, .finished, message: "the tablet is in \(move.target)", at: environment.wallNow)
    }

    /// It failed, says the backend.
    public func failed(_ tablet: TabletID, on backend: BackendID, _ reason: String) {
        guard let move = end(ReplicaKey(tabletID: tablet, backendID: backend), failure: reason) else { return }
        jobs.end(move.id, .failed, message: reason, at: environment.wallNow)
    }

    /// The backend is dead or was dropped: nobody waits for it.
    public func lost(_ backend: BackendID) {
        for move in with({ $0.moves(on: backend) }) { giveUp(move, "backend \(backend) died") }
        with { $0.forget(backend) }
    }

    private func giveUp(_ move: DiskMove, _ reason: String) {
        environment.tasks.remove(taskKey(move.key), of: move.key.backendID)
        failed(move.key.tabletID, on: move.key.backendID, reason)
        environment.logger.warning(
            "move to another disk given up",
            metadata: [
                "tablet": "\(move.key.tabletID)", "backend": "\(move.key.backendID)", "reason": "\(reason)",
            ])
    }

    private func end(_ key: ReplicaKey, failure: String?) -> DiskMove? {
        let (wall, now, rest) = (environment.wallNow, environment.monotonicNow, configuration.diskBalanceRest)
        return with { $0.end(key, failure: failure, wall: wall, now: now, rest: rest) }
    }

    // MARK: For people

    /// Puts in which replicas move, and how the last move of each ended.
    public func noted(_ tablet: TabletView) -> TabletView {
        var tablet = tablet
        for place in tablet.replicas.indices {
            let key = ReplicaKey(tabletID: tablet.id, backendID: tablet.replicas[place].backendID)
            let (running, ended) = with { ($0.running[key], $0.ended[key]) }
            if let running {
                tablet.replicas[place].move = "moves to \(running.target)"
            } else if let ended, let failure = ended.failure {
                tablet.replicas[place].move = "was not moved to \(ended.move.target): \(failure)"
            }
        }
        return tablet
    }
}
