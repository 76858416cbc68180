internal import AgentTasks
internal import ClusterMetadata
public import HTTPAPI
internal import Logging
public import MasterServices
internal import Platform
internal import Synchronization
public import TabletModel

/// Compares the replicas of a tablet: CHECK_CONSISTENCY to every living complete one, at the visible version, and what
/// they answer side by side.
///
/// It only tells: a replica that differs from the majority is logged as an error and shown in the view, never marked
/// bad. A checksum says that rows differ, not which side is right, and a marked replica is dropped once another was
/// cloned; that choice is a person's. Memory only: a restart of the FE forgets the checks. Any thread; nothing blocks.
public final class ConsistencyChecker: Sendable {
    /// A check ends by then, whoever has not answered: `check_consistency_default_timeout_second` of Doris.
    static let timeout: Duration = .seconds(600)
    static let runningLimit = 100
    /// Ended checks that can still be looked at; the oldest goes first.
    static let rememberedLimit = 1_000

    fileprivate struct Checks {
        var newest: [TabletID: ConsistencyCheck] = [:]
        /// The signature of a check's tasks: tells the checks of one tablet apart.
        var signatures: [TabletID: Int64] = [:]
        /// Tablets whose check has ended, oldest first.
        var ended: [TabletID] = []
    }

    private let environment: MasterEnvironment
    private let checks = Mutex(Checks())

    public init(environment: MasterEnvironment) { self.environment = environment }

    /// Asks the replicas. While a check of the tablet runs that one is shown, and no second begins.
    /// - Throws: `MasterError`: no such tablet, no replica that could be asked, or too many checks at once.
    public func start(_ tablet: TabletID) throws -> ConsistencyCheckView {
        let check = try environment.store.read { try makeCheck(of: tablet, in: $0) }
        let signature = environment.signatures.next()
        let (view, isNew) = try checks.withLock { try $0.begin(check, signature) }
        guard isNew else { return view }
        for backend in check.waitedFor {
            environment.dispatcher.send(
                AgentTask(type: .checkConsistency, signature: signature, payload: .checkConsistency(check.request)),
                to: backend)
        }
        environment.after(Self.timeout) { [weak self] in self?.timeOut(tablet, signature) }
        return view
    }

    /// The newest check of the tablet.
    public func view(_ tablet: TabletID) throws -> ConsistencyCheckView {
        guard let check = checks.withLock({ $0.newest[tablet] }) else {
            throw MasterError(
                .notFound, "tablet \(tablet) was not checked since this FE started", nextStep: "start a check of it")
        }
        return check.view
    }

    // MARK: Ends of tasks

    /// The task ended well on the backend. Answers for another version than was asked, or without a checksum, count as
    /// failures (`contract/behaviour.md §7`, CHECK_CONSISTENCY).
    public func finished(_ request: FinishTaskRequest, task: CheckConsistencyRequest, on backend: BackendID) {
        let now = environment.wallNow
        if let version = request.requestVersion, version != task.version {
            failed(task, on: backend, "it answered for version \(version)")
        } else if let checksum = request.tabletChecksum {
            step(task) { $0.answered(checksum, by: backend, at: now) }
        } else {
            failed(task, on: backend, "it answered without a checksum")
        }
    }

    /// The task failed on the backend; it is not tried again, the caller takes it out of the queue.
    public func failed(_ task: CheckConsistencyRequest, on backend: BackendID, _ reason: String) {
        let now = environment.wallNow
        step(task) { $0.failed(reason, on: backend, at: now) }
    }

    /// The backend is dead or was dropped: nobody waits for it.
    public func lost(_ backend: BackendID) {
        let now = environment.wallNow
        let running = checks.withLock { checks in
            checks.newest.values.filter { $0.state == .running && $0.waitedFor.contains(backend) }
                .map { (request: $0.request, signature: checks.signatures[$0.request.tabletID]) }
                .sorted { $0.request.tabletID < $1.request.tabletID }
        }
        for (request, signature) in running {
            if let signature { environment.tasks.remove(Self.key(signature), of: backend) }
            step(request) { $0.failed("its backend is dead", on: backend, at: now) }
        }
    }

    private func timeOut(_ tablet: TabletID, _ signature: Int64) {
        let now = environment.wallNow
        let running = checks.withLock { checks -> ConsistencyCheck? in
            guard checks.signatures[tablet] == signature, let check = checks.newest[tablet], check.state == .running
            else {
                return nil
            }
            return check
        }
        guard let running else { return }
        for backend in running.waitedFor { environment.tasks.remove(Self.key(signature), of: backend) }
        step(running.request) { $0.timedOut(at: now) }
    }

    private func step(_ task: CheckConsistencyRequest, _ event: (inout ConsistencyCheck) -> Bool) {
        let ended = checks.withLock { $0.step(task, event) }
        if let ended { log(ended) }
    }

    private func log(_ check: ConsistencyCheck) {
        let metadata: Logger.Metadata = [
            "tablet": "\(check.request.tabletID)", "version": "\(check.request.version)",
            "outvoted": "\(check.outvoted.map(\.description).joined(separator: ","))", "message": "\(check.message)",
        ]
        switch check.state {
        case .inconsistent: environment.logger.error("replicas of a tablet differ", metadata: metadata)
        case .failed: environment.logger.warning("a consistency check failed", metadata: metadata)
        case .consistent, .running: environment.logger.info("replicas of a tablet are equal", metadata: metadata)
        }
    }

    // MARK: Whom to ask

    private func makeCheck(of id: TabletID, in state: ClusterState) throws -> ConsistencyCheck {
        guard let tablet = state.tablets.tablet(id), let partition = state.partition(of: tablet),
            let index = partition.index(tablet.indexID)
        else {
            throw MasterError(.notFound, "tablet \(id) does not exist", nextStep: "list the tablets of the table")
        }
        let visible = partition.visibleVersion
        let replicas = state.tablets.replicas(of: id)
        var reasons: [BackendID: String] = [:]
        for replica in replicas {
            let reason = replica.reason(
                isAlive: state.isAlive(replica.backendID), visible: visible, hasPolicy: false)
            if !reason.isEmpty { reasons[replica.backendID] = reason }
        }
        let asked = replicas.count - reasons.count
        guard asked > 1 || (asked == 1 && replicas.count == 1) else {
            throw MasterError(
                .unavailable,
                "\(asked) of \(replicas.count) replicas of tablet \(id) can be asked for version \(visible)",
                nextStep: "repair the tablet first")
        }
        return ConsistencyCheck(
            CheckConsistencyRequest(tabletID: id, schemaHash: index.schemaHash, version: visible), replicas: replicas,
            leavingOut: reasons, at: environment.wallNow)
    }

    private static func key(_ signature: Int64) -> AgentTaskQueue.Key {
        .init(type: .checkConsistency, signature: signature)
    }
}

extension ConsistencyChecker.Checks {
    /// The check that runs for the tablet, and whether it is this one: another may have been running already.
    fileprivate mutating func begin(
        _ check: ConsistencyCheck, _ signature: Int64
    ) throws -> (ConsistencyCheckView, Bool) {
        let tablet = check.request.tabletID
        if let running = newest[tablet], running.state == .running { return (running.view, false) }
        guard newest.count - ended.count < ConsistencyChecker.runningLimit else {
            throw MasterError(
                .unavailable, "\(ConsistencyChecker.runningLimit) consistency checks are running",
                nextStep: "wait until one ends")
        }
        ended.removeAll { $0 == tablet }
        newest[tablet] = check
        signatures[tablet] = signature
        return (check.view, true)
    }

    /// Gives the event to the check that the task belongs to; the check, when it ended by that.
    fileprivate mutating func step(
        _ task: CheckConsistencyRequest, _ event: (inout ConsistencyCheck) -> Bool
    ) -> ConsistencyCheck? {
        guard var check = newest[task.tabletID], check.request == task else { return nil }
        let didEnd = event(&check)
        newest[task.tabletID] = check
        guard didEnd else { return nil }
        ended.append(task.tabletID)
        if ended.count > ConsistencyChecker.rememberedLimit {
            let oldest = ended.removeFirst()
            newest[oldest] = nil
            signatures[oldest] = nil
        }
        return check
    }
}
