internal import AgentTasks
internal import ClusterMetadata
public import HTTPAPI
internal import Logging
internal import MasterServices
internal import Platform
internal import TabletModel

extension BackupManager {
    /// Begins a backup of the table as it is visible now. Asks the bucket once whether the label is free.
    /// - Throws: `MasterError`; nothing was begun then.
    public func backUp(_ request: BackupRequest) throws -> BackupJobView {
        try TableRequestCheck.name(request.label, of: "backup")
        let prefix = try BackupNames.checked(prefix: request.prefix)
        let resource = try environment.store.read { state in
            _ = try state.requireTable(request.table)
            return try state.requireBackupResource(request.resource)
        }
        let names = BackupNames(resource, prefix: prefix)
        let taken = try asking(resource) { try $0.head(names.meta(request.label)) != nil }
        guard !taken else { throw Self.labelTaken(request.label, resource, prefix) }
        let cluster = environment.store.identity.clusterID
        let now = environment.wallNow
        let job = try environment.commit { state, ids in
            let table = try state.requireTable(request.table)
            try state.checkNotOlder(table.id)
            guard table.state == .normal, let partition = table.partitions.first else {
                throw MasterError(
                    .conflict, "table \(request.table) is still being created", nextStep: "wait for its job")
            }
            guard table.alter == nil else {
                throw MasterError(
                    .conflict, "the columns of table \(request.table) are being changed",
                    nextStep: "back it up when that has ended; tabletctl alters shows how far it is")
            }
            let resource = try state.requireBackupResource(request.resource)
            let running = state.backupJobs.filter { !$0.phase.isEnded }
            guard running.count < Self.runningLimit else {
                throw MasterError(
                    .unavailable, "\(running.count) backups and restores are running", nextStep: "wait until one ends")
            }
            let sameLabel = running.first {
                $0.kind == .backup && $0.label == request.label && $0.resource == request.resource
                    && $0.prefix == prefix
            }
            if let sameLabel {
                throw MasterError(
                    .labelAlreadyExists, "backup \(sameLabel.id) with the label \(request.label) is running",
                    nextStep: "wait for it, or use another label")
            }
            var job = BackupJob(
                id: ids.take(), kind: .backup, phase: .snapshotting, label: request.label, resource: request.resource,
                prefix: prefix, database: request.table.database, table: request.table.table, tableID: table.id,
                version: partition.visibleVersion, createdAt: now)
            let names = BackupNames(resource, prefix: prefix)
            job.units = try BackupPlan.units(of: table, in: state, avoiding: []) {
                names.folder($0, of: job, cluster: cluster)
            }
            return ([self.pieces(of: job).first], job)
        }
        try journalRest(of: job)
        return begun(job)
    }

    func begun(_ job: BackupJob) -> BackupJobView {
        logger.notice(
            "\(job.kind) begins",
            metadata: [
                "job": "\(job.id)", "label": "\(job.label)", "table": "\(job.database).\(job.table)",
                "resource": "\(job.resource)", "version": "\(job.version)", "units": "\(job.units.count)",
            ])
        let view = BackupJobView(BackupRun(job))
        add(BackupRun(job))
        proceed(job.id)
        return view
    }

    private static func labelTaken(_ label: String, _ resource: StorageResource, _ prefix: String) -> MasterError {
        MasterError(
            .labelAlreadyExists, "\(resource.name) has a backup with the label \(label) below \(prefix) already",
            nextStep: "use another label; tabletctl backups --from \(resource.name) lists them")
    }

    // MARK: The meta file

    /// Looks whether every file is in the bucket, then writes the meta file: from then on the backup is one.
    func save(_ job: BackupJob) {
        do {
            guard let resource = environment.store.read({ $0.resource(named: job.resource) }) else {
                return fail(job.id, "storage resource \(job.resource) is not there any more")
            }
            let names = BackupNames(resource, prefix: job.prefix)
            let store = try openStore(resource)
            let contents: BackupContents
            if let written = try store.getAll(names.meta(job.label)) {
                // Its own, from before a crash; or somebody else took the label meanwhile.
                contents = try BackupContents(decoding: written, name: names.meta(job.label))
                guard contents.tablets.map(\.folder) == job.units.map(\.folder) else {
                    return fail(job.id, Self.labelTaken(job.label, resource, job.prefix).message)
                }
            } else {
                guard let table = environment.store.read({ $0.table(job.tableID) }) else {
                    return fail(job.id, "the table is not there any more")
                }
                contents = try self.contents(of: job, table, names, store)
                try store.put(names.meta(job.label), from: BytesSource(try contents.encoded()))
            }
            var ended = job
            ended.phase = .finished
            ended.endedAt = environment.wallNow
            ended.sizeBytes = contents.sizeBytes
            ended.units = []
            let entry = ended
            try environment.commit { state, _ in (Self.ending(entry, in: state), ()) }
            removeOtherAttempts(job, names, store)
        } catch let error as IncompleteUpload {
            return fail(job.id, error.reason)
        } catch {
            let failures = with(job.id) { $0.failures } ?? 0
            if failures + 1 >= BackupRun.tries, !(error is MasterError) { return fail(job.id, "\(error)") }
            return tryAgain(job.id, "\(error)")
        }
        finish(job, .finished, job.message)
    }

    private struct IncompleteUpload: Error {
        let reason: String
    }

    private func contents(
        of job: BackupJob, _ table: Table, _ names: BackupNames, _ store: any ObjectStore
    ) throws -> BackupContents {
        let cluster = environment.store.identity.clusterID
        var sizes: [String: Int64] = [:]
        for object in try store.listAll(prefix: "\(names.content(of: job, cluster: cluster))\(job.attempt)/") {
            sizes[object.key] = object.sizeBytes
        }
        let tablets = try job.units.map { unit in
            var bytes: Int64 = 0
            for file in unit.files {
                guard let size = sizes["\(unit.folder)/\(file)"] else {
                    throw IncompleteUpload(
                        reason: "\(unit.folder)/\(file) was uploaded and is not in the bucket any more")
                }
                bytes = bytes.addingClamped(size)
            }
            return BackupContents.Tablet(
                tabletID: unit.tabletID, folder: unit.folder, files: unit.files, sizeBytes: bytes)
        }
        return BackupContents(
            label: job.label, clusterID: cluster, createdAt: job.createdAt, finishedAt: environment.wallNow,
            database: job.database, table: table, version: job.version, tablets: tablets)
    }

    // MARK: What is left

    /// Objects of attempts that were not the last. What can't be deleted costs space, and nothing else.
    private func removeOtherAttempts(_ job: BackupJob, _ names: BackupNames, _ store: any ObjectStore) {
        guard job.attempt > 1 else { return }
        let all = names.content(of: job, cluster: environment.store.identity.clusterID)
        remove(all, except: "\(all)\(job.attempt)/", store)
    }

    /// A backup that failed or was cancelled leaves nothing: its objects go once the backends have heard that it is over.
    func discard(_ job: BackupJob) {
        environment.after(.seconds(30)) { [self] in
            let isTaken = pool.submit { [self] in
                guard let resource = environment.store.read({ $0.resource(named: job.resource) }) else { return }
                do {
                    let names = BackupNames(resource, prefix: job.prefix)
                    let all = names.content(of: job, cluster: environment.store.identity.clusterID)
                    remove(all, except: nil, try openStore(resource))
                } catch {
                    logger.warning("objects of a backup are left", metadata: ["job": "\(job.id)", "error": "\(error)"])
                }
            }
            if !isTaken { logger.warning("objects of a backup are left", metadata: ["job": "\(job.id)"]) }
        }
    }

    private func remove(_ prefix: String, except kept: String?, _ store: any ObjectStore) {
        do {
            let keys = try store.listAll(prefix: prefix).map(\.key).filter { key in
                kept.map { !key.hasPrefix($0) } ?? true
            }
            if !keys.isEmpty { try store.delete(keys) }
        } catch {
            logger.warning("objects of a backup are left", metadata: ["prefix": "\(prefix)", "error": "\(error)"])
        }
    }
}
