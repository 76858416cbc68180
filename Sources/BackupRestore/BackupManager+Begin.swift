public import ClusterMetadata
internal import HTTPAPI
internal import Logging
internal import MasterServices
internal import TabletModel

// What begins in more than one write of the journal, and what becomes of it when the rest does not come.
extension BackupManager {
    func pieces(of job: BackupJob) -> JobPieces {
        JobPieces(job, unitsPerPiece: environment.configuration.tabletsPerRecord)
    }

    /// The rest of a new job whose begin is written. What fails takes back what was made.
    /// - Parameter table: the tablets of a restore.
    func journalRest(of job: BackupJob, _ table: TablePieces? = nil) throws {
        do {
            if let table { try environment.commit(pieces: table.others) { try $0.requireRunning(job) } }
            try environment.commit(pieces: pieces(of: job).others) { try $0.requireRunning(job) }
        } catch {
            var run = BackupRun(job)
            run.end = (.failed, "\(error)")
            add(run)
            proceed(job.id)
            throw error
        }
    }

    /// Goes on with a job that nobody runs and that has not ended.
    /// - Parameter restarted: the FE has begun anew since.
    func takeUp(_ job: BackupJob, restarted: Bool) {
        logger.notice(
            "a \(job.kind) is taken up",
            metadata: ["job": "\(job.id)", "label": "\(job.label)", "phase": "\(job.phase)"])
        var run = BackupRun(job)
        if job.isFirstBegin {
            // Whoever asked for it got no answer, or that it failed.
            run.end = (.failed, "its begin broke off")
        } else if job.phase == .beginning || job.kind == .backup && job.phase == .snapshotting && restarted {
            // Its snapshots may be there or not, and its version may be merged away.
            run.restart = "the FE restarted"
        }
        add(run)
    }

    /// It is known now that the begin of a job is durable.
    public func settled(_ settlement: MetadataSettlement) {
        for case .upsertBackupJob(let begun) in settlement.entries where settlement.isDurable {
            let job = environment.store.read { $0.backupJob(begun.id) }
            guard let job, !job.phase.isEnded, with(job.id, { _ in }) == nil else { continue }
            takeUp(job, restarted: false)
        }
    }
}

extension BackupJob {
    /// It was never more than begun. Later attempts of a backup begin, too, and are gone on with.
    var isFirstBegin: Bool { phase == .beginning && attempt == 1 }
}

extension ClusterState {
    /// - Throws: `.notFound` when the job has ended, or the table of a restore is gone.
    func requireRunning(_ job: BackupJob) throws(MasterError) {
        guard let known = backupJob(job.id), !known.phase.isEnded else {
            throw MasterError(.notFound, "\(job.kind) \(job.id) is not there any more", nextStep: "begin it again")
        }
        guard job.kind == .backup || table(job.tableID)?.state == .restoring else {
            throw MasterError(.notFound, "the table is not there any more", nextStep: "restore again")
        }
    }
}
