public import TabletModel

/// A backup of a table to the bucket of a storage resource.
public struct BackupRequest: Hashable, Sendable, Codable {
    public var table: TableName
    public var resource: String
    /// Below the resource's root path; nil: `backups`.
    public var prefix: String?
    /// Names the backup within the bucket and prefix, once and for all.
    public var label: String

    public init(table: TableName, resource: String, prefix: String? = nil, label: String) {
        self.table = table
        self.resource = resource
        self.prefix = prefix
        self.label = label
    }
}

/// A restore of a table from a backup.
public struct RestoreRequest: Hashable, Sendable, Codable {
    public var label: String
    public var resource: String
    public var prefix: String?
    /// nil: the name that it had.
    public var table: TableName?
    /// nil: as many as it had.
    public var replicas: Int?
    /// A table of that name goes at the end, in the same change that makes the restored one visible.
    public var replaces: Bool?

    public init(
        label: String, resource: String, prefix: String? = nil, table: TableName? = nil, replicas: Int? = nil,
        replaces: Bool? = nil
    ) {
        self.label = label
        self.resource = resource
        self.prefix = prefix
        self.table = table
        self.replicas = replicas
        self.replaces = replaces
    }
}

/// A backup or restore that this FE runs, or ran not long ago.
public struct BackupJobView: Hashable, Sendable, Codable {
    public var id: Int64
    /// `backup` or `restore`.
    public var kind: String
    /// `creating`, `snapshotting`, `uploading`, `saving`, `downloading`, `moving`; `finished`, `failed`, `cancelled`.
    public var phase: String
    public var label: String
    public var table: TableName
    public var resource: String
    public var prefix: String
    public var version: Version
    /// Tablets (of a backup) or replicas (of a restore) that are through the phase, and all.
    public var done: Int64
    public var total: Int64
    /// Of the copies under way.
    public var filesDone: Int64
    public var filesTotal: Int64
    public var attempt: Int64
    public var sizeBytes: Int64
    public var createdMs: Int64
    /// 0: it runs.
    public var endedMs: Int64
    /// Why it failed, or the newest error of a task that is tried again.
    public var message: String

    public init(
        id: Int64, kind: String, phase: String, label: String, table: TableName, resource: String, prefix: String,
        version: Version, done: Int64, total: Int64, filesDone: Int64, filesTotal: Int64, attempt: Int64,
        sizeBytes: Int64, createdMs: Int64, endedMs: Int64, message: String
    ) {
        self.id = id
        self.kind = kind
        self.phase = phase
        self.label = label
        self.table = table
        self.resource = resource
        self.prefix = prefix
        self.version = version
        self.done = done
        self.total = total
        self.filesDone = filesDone
        self.filesTotal = filesTotal
        self.attempt = attempt
        self.sizeBytes = sizeBytes
        self.createdMs = createdMs
        self.endedMs = endedMs
        self.message = message
    }
}

/// A whole backup in a bucket, by its meta file.
public struct BackupView: Hashable, Sendable, Codable {
    public var label: String
    public var table: TableName
    public var clusterID: Int32
    public var version: Version
    public var buckets: Int64
    public var replicas: Int64
    public var columns: [String]
    public var files: Int64
    public var sizeBytes: Int64
    public var createdMs: Int64
    public var finishedMs: Int64
    /// The meta file can't be read: why. Everything but the label means nothing then.
    public var error: String

    public init(
        label: String, table: TableName, clusterID: Int32, version: Version, buckets: Int64, replicas: Int64,
        columns: [String], files: Int64, sizeBytes: Int64, createdMs: Int64, finishedMs: Int64, error: String
    ) {
        self.label = label
        self.table = table
        self.clusterID = clusterID
        self.version = version
        self.buckets = buckets
        self.replicas = replicas
        self.columns = columns
        self.files = files
        self.sizeBytes = sizeBytes
        self.createdMs = createdMs
        self.finishedMs = finishedMs
        self.error = error
    }
}

public struct BackupsView: Hashable, Sendable, Codable {
    /// Newest first.
    public var jobs: [BackupJobView]
    /// In the bucket that was asked for, by label; empty when none was.
    public var backups: [BackupView]
    /// There are more in the bucket than are listed.
    public var isCut: Bool

    public init(jobs: [BackupJobView], backups: [BackupView] = [], isCut: Bool = false) {
        self.jobs = jobs
        self.backups = backups
        self.isCut = isCut
    }
}
