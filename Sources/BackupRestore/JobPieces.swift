internal import ClusterMetadata

/// A job as the journal gets it: with its units, or a large one without them and the units in records of their own, so that no
/// record grows with the table. It is `beginning` until all are there.
struct JobPieces {
    /// Names of many files add up.
    static let bytesPerPiece = 1 << 20

    private let job: BackupJob
    /// Places of the units of each record.
    private let places: [Range<Int>]

    /// - Parameter unitsPerPiece: at least 1.
    init(_ job: BackupJob, unitsPerPiece: Int) {
        self.job = job
        var places: [Range<Int>] = []
        var (start, bytes) = (0, 0)
        for place in job.units.indices {
            let more = job.units[place].journaledBytes
            if place > start, place - start == unitsPerPiece || bytes + more > Self.bytesPerPiece {
                places.append(start..<place)
                (start, bytes) = (place, 0)
            }
            bytes += more
        }
        if start < job.units.count { places.append(start..<job.units.count) }
        self.places = places
    }

    private var isWhole: Bool { places.count <= 1 }

    private var withoutUnits: BackupJob {
        var job = job
        job.units = []
        return job
    }

    /// A new job, or the begin of one that has too many units for a record.
    var first: JournalEntry {
        guard !isWhole else { return .upsertBackupJob(job) }
        var begun = withoutUnits
        begun.phase = .beginning
        return .upsertBackupJob(begun)
    }

    /// The units of a new job, and that they are all there. Each is made when it is asked for.
    var others: some Sequence<JournalEntry> {
        entries(isWhole ? [] : places, isWhole ? [] : [.updateBackupJob(withoutUnits)])
    }

    /// What leads from the job as it was to what it is now, the job itself last: until then nothing rests on the units.
    func changes(since known: BackupJob?) -> some Sequence<JournalEntry> {
        let changed = places.filter { places in
            guard let known, places.upperBound <= known.units.count else { return true }
            return known.units[places] != job.units[places]
        }
        return entries(isWhole ? [] : changed, [isWhole ? .upsertBackupJob(job) : .updateBackupJob(withoutUnits)])
    }

    private func entries(_ places: [Range<Int>], _ end: [JournalEntry]) -> some Sequence<JournalEntry> {
        (0..<places.count + end.count).lazy.map { piece -> JournalEntry in
            guard piece < places.count else { return end[piece - places.count] }
            let units = Array(job.units[places[piece]])
            return .setBackupUnits(BackupUnits(jobID: job.id, first: places[piece].lowerBound, units: units))
        }
    }
}

extension BackupJob.Unit {
    /// About what a record takes for it.
    fileprivate var journaledBytes: Int {
        32 + folder.utf8.count + (snapshotPath?.utf8.count ?? 0) + files.reduce(0) { $0 + $1.utf8.count + 3 }
    }
}
