internal import AgentTasks
internal import ClusterMetadata
internal import HTTPAPI
internal import Logging
internal import MasterServices
internal import Platform
internal import Synchronization
internal import TabletModel

extension BackupManager {
    private enum Action {
        case nothing
        case end(BackupJob, [BackupStep], BackupJob.Phase, String)
        case restart(BackupJob, [BackupStep], Set<BackendID>, String)
        case begin(BackupJob)
        case save(BackupJob)
        case next(BackupJob)
    }

    /// Does what is next of a job, if anything is. One caller at a time carries a step out.
    func proceed(_ id: Int64) {
        let now = now
        let action = with(id) { run -> Action in
            guard !run.isBusy, run.retryAt.map({ $0 <= now }) ?? true || run.end != nil else { return .nothing }
            run.isBusy = true
            if let end = run.end { return .end(run.job, Array(run.steps.values), end.phase, end.reason) }
            if let reason = run.restart {
                return .restart(run.job, Array(run.steps.values), run.avoided, reason)
            }
            if run.job.phase == .saving { return .save(run.job) }
            if run.needsBegin { return .begin(run.job) }
            if run.steps.isEmpty { return .next(run.job) }
            run.isBusy = false
            return .nothing
        }
        switch action {
        case nil, .nothing: return
        case .end(let job, let steps, let phase, let reason): end(job, steps, phase, reason)
        case .restart(let job, let steps, let avoided, let reason): restart(job, steps, avoided, reason)
        case .begin(let job): begin(job)
        case .save(let job):
            if !pool.submit({ [self] in save(job) }) { tryAgain(id, "too much waits for object stores") }
        case .next(let job): next(job)
        }
    }

    /// Something could not be written or read now.
    func tryAgain(_ id: Int64, _ reason: String) {
        let now = now
        _ = with(id) { run in
            run.isBusy = false
            run.failures += 1
            run.lastError = reason
            run.retryAt = now + BackupRun.backoff.ceiling(retry: run.failures - 1)
        }
    }

    /// The job is in a new phase, durably.
    private func entered(_ job: BackupJob) {
        _ = with(job.id) { run in
            let (avoided, end) = (run.avoided, run.end)
            run = BackupRun(job)
            (run.avoided, run.end) = (avoided, end)
        }
        logger.info(
            "\(job.kind) goes on",
            metadata: ["job": "\(job.id)", "label": "\(job.label)", "phase": "\(job.phase)"])
        proceed(job.id)
    }

    private func enter(_ phase: BackupJob.Phase, _ job: BackupJob) {
        var job = job
        job.phase = phase
        do {
            let known = environment.store.read { $0.backupJob(job.id) }
            try environment.commit(pieces: pieces(of: job).changes(since: known)) { try $0.requireRunning(job) }
        } catch {
            return tryAgain(job.id, "\(error)")
        }
        entered(job)
    }

    // MARK: A phase's tasks

    private func begin(_ job: BackupJob) {
        let known = environment.store.read { state in
            (resource: state.resource(named: job.resource), table: state.table(job.tableID))
        }
        guard let table = known.table, let partition = table.partitions.first, let index = partition.baseIndex else {
            return fail(job.id, "the table is not there any more")
        }
        guard let resource = known.resource else {
            return fail(job.id, "storage resource \(job.resource) is not there any more")
        }
        let schema = TableRequestCheck.schema(of: table, hash: index.schemaHash)
        let replicas = environment.store.read { state in
            Dictionary(
                job.units.compactMap { unit in
                    let key = ReplicaKey(tabletID: unit.tabletID, backendID: unit.backendID)
                    return state.tablets.replica(key).map { (key, $0.id) }
                }, uniquingKeysWith: { first, _ in first })
        }
        let steps = job.steps(
            s3: resource.s3, schemaHash: index.schemaHash, signatures: environment.signatures
        ) { unit in
            let key = ReplicaKey(tabletID: unit.tabletID, backendID: unit.backendID)
            return AgentTask(
                type: .create, signature: unit.tabletID.rawValue,
                payload: .create(
                    CreateTabletRequest(
                        tabletID: unit.tabletID, schema: schema, tableID: table.id,
                        partitionID: partition.id, replicaID: replicas[key] ?? 0)))
        }
        _ = with(job.id) { run in
            run.steps = Dictionary(steps.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
            run.needsBegin = false
            run.isBusy = false
        }
        for step in steps { environment.dispatcher.send(step.task, to: step.backend) }
        if steps.isEmpty { proceed(job.id) }
    }

    func fail(_ id: Int64, _ reason: String) {
        _ = with(id) { run in
            run.isBusy = false
            run.end = run.end ?? (.failed, reason)
        }
        proceed(id)
    }

    private func next(_ job: BackupJob) {
        switch (job.kind, job.phase) {
        case (_, .creating): enter(.snapshotting, job)
        case (.backup, .snapshotting): enter(.uploading, job)
        case (.restore, .snapshotting): enter(.downloading, job)
        case (_, .uploading): enter(.saving, job)
        case (_, .downloading): enter(.moving, job)
        case (_, .moving): commitRestore(job)
        case (_, .beginning), (_, .saving), (_, .finished), (_, .failed), (_, .cancelled):
            _ = with(job.id) { $0.isBusy = false }
        }
    }

    // MARK: Anew

    /// Snapshots of the version that is visible now, from backends that are there.
    private func restart(_ job: BackupJob, _ steps: [BackupStep], _ avoided: Set<BackendID>, _ reason: String) {
        forget(steps)
        release(job)
        var job = job
        job.attempt += 1
        job.phase = .snapshotting
        job.message = "snapshots were made anew: \(reason)"
        do {
            let cluster = environment.store.identity.clusterID
            let made = try environment.commit { state, _ in
                var made = job
                guard let table = state.table(job.tableID), let partition = table.partitions.first,
                    let resource = state.resource(named: job.resource)
                else { throw MasterError(.notFound, "its table or storage resource is gone", nextStep: "back up anew") }
                made.version = partition.visibleVersion
                let names = BackupNames(resource, prefix: job.prefix)
                made.units = try BackupPlan.units(of: table, in: state, avoiding: avoided) {
                    names.folder($0, of: made, cluster: cluster)
                }
                return ([self.pieces(of: made).first], made)
            }
            try environment.commit(pieces: pieces(of: made).others) { try $0.requireRunning(made) }
            entered(made)
        } catch let error as MasterError where error.code == .notFound {
            fail(job.id, error.message)
        } catch {
            let failures = with(job.id) { $0.failures } ?? 0
            // A minute for backends to come back, or for the journal.
            if failures >= 2 * BackupRun.tries { return fail(job.id, "\(error)") }
            tryAgain(job.id, "\(error)")
        }
    }

    // MARK: The end

    private func end(_ job: BackupJob, _ steps: [BackupStep], _ phase: BackupJob.Phase, _ reason: String) {
        forget(steps)
        do {
            if job.kind == .restore { try neighbours.drop(job.tableID) }
            try settle(job, phase, reason)
        } catch {
            return tryAgain(job.id, "\(error)")
        }
        finish(job, phase, reason)
        if job.kind == .backup { discard(job) }
    }

    private func settle(_ job: BackupJob, _ phase: BackupJob.Phase, _ reason: String) throws {
        var ended = job
        ended.phase = phase
        ended.message = reason
        ended.endedAt = environment.wallNow
        ended.units = []
        let entry = ended
        try environment.commit { state, _ in (Self.ending(entry, in: state), ()) }
    }

    /// The entries that end a job, and forget the oldest that ended. One that never began is forgotten itself.
    static func ending(_ job: BackupJob, in state: ClusterState) -> [JournalEntry] {
        if let known = state.backupJob(job.id), known.isFirstBegin { return [.removeBackupJobs([job.id])] }
        let ended = state.backupJobs.filter { $0.phase.isEnded && $0.id != job.id }.map(\.id)
        let old = Array(ended.dropLast(rememberedJobs - 1))
        return [.upsertBackupJob(job)] + (old.isEmpty ? [] : [.removeBackupJobs(old)])
    }

    /// It is journaled that the job has ended.
    func finish(_ job: BackupJob, _ phase: BackupJob.Phase, _ message: String) {
        release(job)
        state.withLock { _ = $0.runs.removeValue(forKey: job.id) }
        jobs.end(
            job.id, phase == .finished ? .finished : .failed, message: message, at: environment.wallNow)
        let level: Logger.Level = phase == .finished ? .notice : .warning
        logger.log(
            level: level, "\(job.kind) \(phase)",
            metadata: [
                "job": "\(job.id)", "label": "\(job.label)", "table": "\(job.database).\(job.table)",
                "message": "\(message)",
            ])
    }

    func forget(_ steps: [BackupStep]) {
        for step in steps { environment.tasks.remove(step.key.task, of: step.backend) }
    }

    /// What is not reached expires at the backend.
    func release(_ job: BackupJob) {
        for unit in job.units {
            guard let path = unit.snapshotPath else { continue }
            environment.dispatcher.sendOnce(
                AgentTask(
                    type: .releaseSnapshot, signature: environment.signatures.next(),
                    payload: .releaseSnapshot(path: path)), to: unit.backendID)
        }
    }
}
