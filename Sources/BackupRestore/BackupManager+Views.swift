internal import ClusterMetadata
public import HTTPAPI
internal import MasterServices
internal import Platform
internal import Synchronization
internal import TabletModel

extension BackupManager {
    static let listedBackups = 1000

    /// Running ones and the newest that ended, newest first.
    public var jobViews: [BackupJobView] {
        let runs = state.withLock { $0.runs }
        return environment.store.read { $0.backupJobs }.reversed().map { job in
            BackupJobView(runs[job.id] ?? BackupRun(job))
        }
    }

    func view(_ id: Int64) throws -> BackupJobView {
        if let run = state.withLock({ $0.runs[id] }) { return BackupJobView(run) }
        guard let job = environment.store.read({ $0.backupJob(id) }) else {
            throw MasterError(.notFound, "there is no backup or restore \(id)", nextStep: "list tabletctl backups")
        }
        return BackupJobView(BackupRun(job))
    }

    /// The jobs, and the backups that the bucket of a resource holds. Waits for the object store.
    public func views(from resource: String?, prefix: String?) throws -> BackupsView {
        guard let resource else { return BackupsView(jobs: jobViews) }
        let prefix = try BackupNames.checked(prefix: prefix)
        let found = try environment.store.read { try $0.requireBackupResource(resource) }
        let names = BackupNames(found, prefix: prefix)
        return try asking(found) { store in
            var views: [BackupView] = []
            var continuation: String?
            repeat {
                let page = try store.list(prefix: names.metaPrefix, continuation: continuation)
                for object in page.objects {
                    guard let label = names.label(ofMeta: object.key) else { continue }
                    guard views.count < Self.listedBackups else {
                        return BackupsView(jobs: jobViews, backups: views, isCut: true)
                    }
                    views.append(try view(label, object.key, store))
                }
                continuation = page.continuation
            } while continuation != nil
            return BackupsView(jobs: jobViews, backups: views)
        }
    }

    private func view(_ label: String, _ key: String, _ store: any ObjectStore) throws -> BackupView {
        let bytes = try store.getAll(key, limit: Self.metaLimit)
        do {
            return BackupView(try BackupContents(decoding: bytes ?? [], name: key), label: label)
        } catch {
            return BackupView(
                label: label, table: TableName(database: "?", table: "?"), clusterID: 0, version: .none, buckets: 0,
                replicas: 0, columns: [], files: 0, sizeBytes: 0, createdMs: 0, finishedMs: 0, error: "\(error)")
        }
    }

    // MARK: The object store

    private static let metaLimit: Int64 = 256 << 20

    /// The whole bucket: a backup's keys have the root path in them, as backends get it.
    func openStore(_ resource: StorageResource) throws -> any ObjectStore {
        var s3 = resource.s3
        s3.rootPath = ""
        return try stores.store(for: s3)
    }

    /// What the store refuses becomes a `MasterError`.
    func asking<R>(_ resource: StorageResource, _ body: (any ObjectStore) throws -> R) throws -> R {
        do {
            return try body(try openStore(resource))
        } catch let error as MasterError {
            throw error
        } catch {
            throw MasterError(
                .unavailable, "the bucket of storage resource \(resource.name) could not be asked: \(error)",
                nextStep: "see that this FE reaches the bucket and that the resource's keys open it, then try again")
        }
    }

    func contents(_ label: String, _ resource: StorageResource, _ prefix: String) throws -> BackupContents {
        let key = BackupNames(resource, prefix: prefix).meta(label)
        guard let bytes = try asking(resource, { try $0.getAll(key, limit: Self.metaLimit) }) else {
            throw MasterError(
                .notFound, "\(resource.name) has no backup with the label \(label) below \(prefix)",
                nextStep: "tabletctl backups --from \(resource.name) lists those that are whole")
        }
        do {
            return try BackupContents(decoding: bytes, name: key)
        } catch {
            throw MasterError(
                .conflict, "the meta file of backup \(label) can't be used: \(error)",
                nextStep: "restore from another backup, or with a newer build")
        }
    }
}

extension ClusterState {
    func requireBackupResource(_ name: String) throws(MasterError) -> StorageResource {
        guard let resource = resource(named: name) else {
            throw MasterError(
                .notFound, "there is no storage resource \(name)",
                nextStep: "create one (tabletctl create-resource): a backup needs its bucket and keys")
        }
        return resource
    }
}

extension BackupJobView {
    init(_ run: BackupRun) {
        let job = run.job
        let files = run.files
        self.init(
            id: job.id, kind: "\(job.kind)", phase: "\(job.phase)", label: job.label,
            table: TableName(database: job.database, table: job.table), resource: job.resource, prefix: job.prefix,
            version: job.version, done: Int64(run.needsBegin ? 0 : run.doneUnits), total: Int64(job.units.count),
            filesDone: Int64(files.done), filesTotal: Int64(files.total), attempt: Int64(job.attempt),
            sizeBytes: job.sizeBytes, createdMs: job.createdAt.milliseconds, endedMs: job.endedAt?.milliseconds ?? 0,
            message: run.lastError.isEmpty ? job.message : run.lastError)
    }
}

extension BackupView {
    init(_ contents: BackupContents, label: String) {
        self.init(
            label: label, table: TableName(database: contents.database, table: contents.table.name),
            clusterID: contents.clusterID, version: contents.version, buckets: Int64(contents.tablets.count),
            replicas: Int64(contents.table.replicationCount), columns: contents.table.columnNames,
            files: contents.tablets.reduce(0) { $0 + Int64($1.files.count) }, sizeBytes: contents.sizeBytes,
            createdMs: contents.createdAt.milliseconds, finishedMs: contents.finishedAt.milliseconds, error: "")
    }
}

extension JobView {
    init(_ run: BackupRun) {
        let view = BackupJobView(run)
        let copies = view.filesTotal > 0 ? ", \(view.filesDone) of \(view.filesTotal) files" : ""
        let trouble = view.message.isEmpty ? "" : "; \(view.message)"
        self.init(
            id: view.id, kind: view.kind, subject: "\(view.label) (\(view.table))", state: .running, done: view.done,
            total: view.total, message: "\(view.phase)\(copies)\(trouble)", createdMs: view.createdMs, endedMs: 0)
    }
}
