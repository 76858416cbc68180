internal import HashTreeCollections
public import TabletModel

/// A backup of a table to a bucket, or a restore from one, as the journal has it: written when a phase begins and when it
/// ends. What happens within a phase is memory only, and done again after a restart.
public struct BackupJob: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case backup = 0
        case restore = 1
    }

    public enum Phase: UInt8, Hashable, Sendable, CaseIterable {
        /// Its units, and the tablets of a restore, are being journaled, a piece at a time; no backend has heard of it. A begin
        /// that breaks off is taken back.
        case beginning = 6
        /// Of a restore: replicas of the new table are made.
        case creating = 0
        /// Of both: snapshots are made.
        case snapshotting = 1
        case uploading = 2
        /// The meta file is written.
        case saving = 3
        case downloading = 4
        case moving = 5
        case finished = 10
        case failed = 11
        case cancelled = 12

        public var isEnded: Bool { rawValue >= Phase.finished.rawValue }
    }

    /// A tablet of a backup with the replica that is copied, or a replica of a restore.
    public struct Unit: Hashable, Sendable {
        public var tabletID: TabletID
        public var backendID: BackendID
        /// Root of its snapshot; nil: none was made yet.
        public var snapshotPath: String?
        /// Key in the bucket.
        public var folder: String
        /// Names in the folder, once it was uploaded.
        public var files: [String] = []
        /// Of a restore: this replica will not be; others of its tablet are.
        public var isGivenUp = false

        public init(tabletID: TabletID, backendID: BackendID, folder: String) {
            self.tabletID = tabletID
            self.backendID = backendID
            self.folder = folder
        }
    }

    public let id: Int64
    public var kind: Kind
    public var phase: Phase
    public var label: String
    /// Name of the storage resource whose bucket and keys are used.
    public var resource: String
    /// Below the resource's root path.
    public var prefix: String
    /// The table that is backed up, or the name that the restored one gets.
    public var database: String
    public var table: String
    public var tableID: TableID
    /// A table of that name goes when the restored one is whole.
    public var replaces = false
    /// Snapshots are made anew with each: another version, other folders.
    public var attempt: Int32 = 1
    /// What readers see of the table, in the backup.
    public var version: Version
    public var createdAt: UnixTime
    public var endedAt: UnixTime?
    /// Why it failed, or what it had to do without.
    public var message = ""
    public var sizeBytes: Int64 = 0
    /// In bucket order. Empty once it has ended.
    public var units: [Unit] = []

    public init(
        id: Int64, kind: Kind, phase: Phase, label: String, resource: String, prefix: String, database: String,
        table: String, tableID: TableID, version: Version, createdAt: UnixTime
    ) {
        self.id = id
        self.kind = kind
        self.phase = phase
        self.label = label
        self.resource = resource
        self.prefix = prefix
        self.database = database
        self.table = table
        self.tableID = tableID
        self.version = version
        self.createdAt = createdAt
    }
}

/// Some of a job's units as they are now: a large job is journaled a piece at a time.
public struct BackupUnits: Hashable, Sendable {
    public var jobID: Int64
    /// Place of the first among the job's; at most behind the last that is there.
    public var first: Int
    public var units: [BackupJob.Unit]

    public init(jobID: Int64, first: Int, units: [BackupJob.Unit]) {
        self.jobID = jobID
        self.first = first
        self.units = units
    }
}

extension ClusterState {
    /// By id. Running ones, and the newest that ended.
    public var backupJobs: [BackupJob] { backupJobsByID.values.sorted { $0.id < $1.id } }
    public func backupJob(_ id: Int64) -> BackupJob? { backupJobsByID[id] }

    mutating func applyToBackupJobs(_ entry: JournalEntry) {
        switch entry {
        case .upsertBackupJob(let job): backupJobsByID[job.id] = job
        case .updateBackupJob(var job):
            guard let known = backupJobsByID[job.id] else { break }
            job.units = known.units
            backupJobsByID[job.id] = job
        case .setBackupUnits(let set):
            guard let known = backupJobsByID[set.jobID]?.units.count, (0...known).contains(set.first) else { break }
            let replaced = set.first..<min(set.first + set.units.count, known)
            backupJobsByID[set.jobID]?.units.replaceSubrange(replaced, with: set.units)
        case .removeBackupJobs(let ids): for id in ids { backupJobsByID[id] = nil }
        default: break
        }
    }

    mutating func finishRestore(of id: TableID, as name: String) {
        // Of a restored table, or of one that takes the place of another.
        guard let table = tablesByID[id], table.state == .restoring || table.state == .normal else { return }
        let old = TableKey(database: table.databaseID, name: table.name)
        if tableIDsByName[old] == id { tableIDsByName[old] = nil }
        tablesByID[id]?.name = name
        tablesByID[id]?.state = .normal
        tableIDsByName[TableKey(database: table.databaseID, name: name)] = id
    }
}
