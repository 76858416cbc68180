import TabletModel
import Testing

@testable import BackupRestore
@testable import ClusterMetadata

/// How jobs are journaled: a large one in pieces, and nothing rests on some of them.
@Suite struct JobPiecesTests {
    private static func job(units: Int, files: Int = 0) -> BackupJob {
        var job = BackupJob(
            id: 9, kind: .backup, phase: .snapshotting, label: "monday", resource: "s3", prefix: "backups",
            database: "db", table: "t", tableID: 3, version: 4, createdAt: UnixTime(seconds: 1))
        job.units = (0..<units).map { place in
            var unit = BackupJob.Unit(
                tabletID: TabletID(Int64(100 + place)), backendID: 10, folder: "backups/content/monday/__\(place)")
            unit.files = (0..<files).map { "020000000000\($0)_0.dat.0123456789abcdef0123456789abcdef" }
            return unit
        }
        return job
    }

    private static func begin(_ job: BackupJob, unitsPerPiece: Int) -> [JournalEntry] {
        let pieces = JobPieces(job, unitsPerPiece: unitsPerPiece)
        return [pieces.first] + pieces.others
    }

    @Test(arguments: [1, 2, 3, 6, 7]) func inPiecesItIsWhatItIsInOne(unitsPerPiece: Int) {
        let job = Self.job(units: 6)
        let entries = Self.begin(job, unitsPerPiece: unitsPerPiece)
        #expect(entries.count == (unitsPerPiece >= 6 ? 1 : 2 + 6 / unitsPerPiece))
        var state = ClusterState()
        for (count, entry) in entries.enumerated() {
            state.apply(entry)
            state.apply(entry)
            #expect(state.backupJob(9)?.phase == (count == entries.count - 1 ? .snapshotting : .beginning))
        }
        #expect(state.backupJob(9) == job)
    }

    /// Until the job itself is written it is what it was, with some units that are further.
    @Test(arguments: [1, 4, 6]) func whatChangesIsWrittenBeforeTheJobIs(unitsPerPiece: Int) {
        let job = Self.job(units: 6)
        var state = ClusterState()
        for entry in Self.begin(job, unitsPerPiece: unitsPerPiece) { state.apply(entry) }
        var next = job
        next.phase = .uploading
        next.units[4].snapshotPath = "/be/d1/snapshot/x"
        next.message = "why"
        let changes = Array(JobPieces(next, unitsPerPiece: unitsPerPiece).changes(since: job))
        // Nothing is written of units that are what they were.
        #expect(changes.count == (unitsPerPiece == 6 ? 1 : 2))
        for entry in changes.dropLast() {
            state.apply(entry)
            #expect(state.backupJob(9)?.phase == .snapshotting)
        }
        state.apply(changes[changes.count - 1])
        #expect(state.backupJob(9) == next)
    }

    /// A job that is begun anew has none of its units of before.
    @Test(arguments: 0...4) func anotherAttemptMayBreakOffAnywhere(written: Int) {
        var old = Self.job(units: 6)
        for place in old.units.indices { old.units[place].snapshotPath = "/old" }
        var new = Self.job(units: 6)
        new.attempt = 2
        var state = ClusterState()
        state.apply(.upsertBackupJob(old))
        let entries = Self.begin(new, unitsPerPiece: 2)
        for entry in entries[...written] { state.apply(entry) }
        #expect(state.backupJob(9)?.units.count == min(written, 3) * 2)
        #expect(state.backupJob(9)?.units.allSatisfy { $0.snapshotPath == nil } == true)
        #expect(state.backupJob(9)?.phase == (written == 4 ? .snapshotting : .beginning))
    }

    @Test(arguments: 0...5) func itMayBeForgottenBetweenAnyTwoRecords(place: Int) {
        let entries = Self.begin(Self.job(units: 6), unitsPerPiece: 2)
        var state = ClusterState()
        for entry in entries[..<place] { state.apply(entry) }
        state.apply(.removeBackupJobs([9]))
        for entry in entries[max(place, 1)...] { state.apply(entry) }
        #expect(state.backupJob(9) == nil)
    }

    @Test func unitsWithoutAPlaceArePassedOver() {
        let job = Self.job(units: 2)
        var state = ClusterState()
        state.apply(.upsertBackupJob(job))
        for first in [-1, 3, .max, .min] {
            state.apply(.setBackupUnits(BackupUnits(jobID: 9, first: first, units: job.units)))
        }
        #expect(state.backupJob(9) == job)
        state.apply(.setBackupUnits(BackupUnits(jobID: 9, first: 1, units: job.units)))
        #expect(state.backupJob(9)?.units == [job.units[0], job.units[0], job.units[1]])
    }

    @Test func noRecordGrowsWithTheTableOrItsFiles() throws {
        func largest(_ units: Int, files: Int) throws -> Int {
            let job = Self.job(units: units, files: files)
            let pieces = JobPieces(job, unitsPerPiece: 100)
            let entries = [pieces.first] + pieces.others + pieces.changes(since: nil)
            return try entries.map { try EncodedEntry($0).record(logID: 1).count }.max() ?? 0
        }
        let one = try largest(100, files: 0)
        #expect(one < 100 * 80)
        for units in [101, 5000] { #expect(try largest(units, files: 0) <= one * 11 / 10) }
        for files in [100, 400] { #expect(try largest(1000, files: files) <= JobPieces.bytesPerPiece + 1000) }
    }
}
