internal import AgentTasks
internal import ClusterMetadata
public import HTTPAPI
internal import Logging
internal import MasterServices
internal import Platform
internal import TabletModel

extension BackupManager {
    /// Begins a restore: reads the meta file, and makes a hidden table like that of the backup.
    /// - Throws: `MasterError`; nothing was begun then.
    public func restore(_ request: RestoreRequest) throws -> BackupJobView {
        try TableRequestCheck.name(request.label, of: "backup")
        let prefix = try BackupNames.checked(prefix: request.prefix)
        let resource = try environment.store.read { try $0.requireBackupResource(request.resource) }
        let contents = try contents(request.label, resource, prefix)
        let target =
            request.table ?? TableName(database: contents.database, table: contents.table.name)
        try TableRequestCheck.name(target.table, of: "table")
        let replicas = request.replicas ?? Int(contents.table.replicationCount)
        guard (1...environment.configuration.replicaLimit).contains(replicas),
            contents.tablets.count <= environment.configuration.bucketLimit
        else {
            throw MasterError(
                .invalidArgument, "\(replicas) replicas of \(contents.tablets.count) buckets are not possible",
                nextStep: "give 1 to \(environment.configuration.replicaLimit) replicas")
        }
        let now = environment.wallNow
        let (job, table) = try environment.commit { state, ids in
            let database = try state.requireDatabase(target.database)
            try state.checkNotOlder()
            try Self.checkFree(target.table, database, replaces: request.replaces ?? false, in: state)
            let running = state.backupJobs.filter { !$0.phase.isEnded }
            guard running.count < Self.runningLimit else {
                throw MasterError(
                    .unavailable, "\(running.count) backups and restores are running", nextStep: "wait until one ends")
            }
            let other = running.first {
                $0.kind == .restore && $0.database == target.database && $0.table == target.table
            }
            if let other {
                throw MasterError(
                    .conflict, "restore \(other.id) makes table \(target) already",
                    nextStep: "wait for it, or cancel it")
            }
            let id = ids.take()
            let (table, placements) = try self.neighbours.plan(
                contents,
                RestoreTarget(
                    database: database, table: target.table, hiddenName: "restore:\(id):\(target.table)",
                    replicas: replicas), state, &ids)
            var job = BackupJob(
                id: id, kind: .restore, phase: .creating, label: request.label, resource: request.resource,
                prefix: prefix, database: target.database, table: target.table, tableID: table.id,
                version: contents.version, createdAt: now)
            job.replaces = request.replaces ?? false
            job.sizeBytes = contents.sizeBytes
            job.units = zip(placements, contents.tablets).flatMap { placement, tablet in
                placement.replicas.map {
                    BackupJob.Unit(tabletID: placement.tabletID, backendID: $0.backendID, folder: tablet.folder)
                }
            }
            let pieces = TablePieces(
                table: table, placements: placements,
                tabletsPerPiece: self.environment.configuration.tabletsPerRecord)
            return ([pieces.first, self.pieces(of: job).first], (job, pieces))
        }
        try journalRest(of: job, table)
        return begun(job)
    }

    private static func checkFree(
        _ table: String, _ database: Database, replaces: Bool, in state: ClusterState
    ) throws(MasterError) {
        guard let old = state.table(named: table, in: database.id) else { return }
        guard replaces else {
            throw MasterError(
                .alreadyExists, "table \(database.name).\(table) exists",
                nextStep: "restore --as another name, or --replace it once the backup is whole here")
        }
        try state.checkNotOlder(old.id)
    }

    /// The restored table becomes visible, and the one that it replaces goes, in one append to the journal. What its replicas
    /// are is written before, a piece at a time: nobody sees the table, and a restart moves everything anew.
    func commitRestore(_ job: BackupJob) {
        let now = environment.wallNow
        do {
            if environment.store.read({ $0.backupJob(job.id) })?.phase != .finished { try journalReplicas(of: job) }
            let replaced = try environment.commit { state, _ in
                let nothing: (TableID, TableReplicas)? = nil
                // Written already, and nobody knew.
                if state.backupJob(job.id)?.phase == .finished { return ([], nothing) }
                guard let table = state.table(job.tableID), let database = state.database(table.databaseID) else {
                    throw MasterError(.notFound, "the table is not there any more", nextStep: "restore again")
                }
                try Self.checkFree(job.table, database, replaces: job.replaces, in: state)
                let old = state.table(named: job.table, in: database.id)
                var ended = job
                ended.phase = .finished
                ended.endedAt = now
                ended.units = []
                var entries = table.partitions.map {
                    JournalEntry.adoptVersions(
                        AdoptedVersions(
                            tableID: table.id, partitionID: $0.id, visible: job.version, next: job.version.next,
                            committed: []))
                }
                if let old { entries.append(.dropTable(old.id)) }
                entries.append(.tableRestored(table.id, name: job.table))
                entries += Self.ending(ended, in: state)
                return (entries, old.map { ($0.id, TableReplicas(of: $0, in: state.tablets)) })
            }
            if let (old, replicas) = replaced { neighbours.dropped(old, replicas) }
            environment.suspects.add(job.units.lazy.filter(\.isGivenUp).map(\.tabletID))
        } catch let error as MasterError where error.code != .readOnly && error.code != .outcomeUnknown {
            return fail(job.id, error.message)
        } catch {
            return tryAgain(job.id, "\(error)")
        }
        finish(job, .finished, job.message)
    }

    /// What was moved has the backup's version, which is not visible yet. A replica that was given up goes, and that it was given
    /// up is written first: moved after a restart, it would count for one that is there. Its backend may have it all the same,
    /// empty and at the version that new tablets have.
    private func journalReplicas(of job: BackupJob) throws {
        let known = environment.store.read { $0.backupJob(job.id) }
        try environment.commit(pieces: pieces(of: job).changes(since: known)) { try $0.requireRunning(job) }
        let step = environment.configuration.tabletsPerRecord
        let pieces = stride(from: 0, to: job.units.count, by: step).lazy.map { start in
            Self.filled(job.units[start..<min(start + step, job.units.count)], at: job.version)
        }
        try environment.commit(pieces: pieces) { try $0.requireRunning(job) }
    }

    private static func filled(_ units: ArraySlice<BackupJob.Unit>, at version: Version) -> [JournalEntry] {
        func key(_ unit: BackupJob.Unit) -> ReplicaKey {
            ReplicaKey(tabletID: unit.tabletID, backendID: unit.backendID)
        }
        let moved = units.filter { !$0.isGivenUp }.map {
            ReplicaUpdate(key: key($0), versions: ReplicaVersions(version: version), isBad: false)
        }
        return (moved.isEmpty ? [] : [.updateReplicas(moved)])
            + units.filter(\.isGivenUp).map { .deleteReplica(key($0)) }
    }
}
