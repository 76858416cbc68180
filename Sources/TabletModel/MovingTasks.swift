/// `TStorageMediumMigrateReq`: move a tablet to another data dir of its backend.
public struct MigrateRequest: Hashable, Sendable {
    public var tabletID: TabletID
    public var schemaHash: SchemaHash
    /// Any good dir of this medium, when no dir is named.
    public var medium: StorageMedium
    /// Root path of the dir.
    public var dataDir: String?

    public init(tabletID: TabletID, schemaHash: SchemaHash, medium: StorageMedium = .hdd, dataDir: String? = nil) {
        self.tabletID = tabletID
        self.schemaHash = schemaHash
        self.medium = medium
        self.dataDir = dataDir
    }
}

/// `TStorageBackendType`: what kind of place a backup is in.
public struct StorageBackendType: OpenEnum {
    public let rawValue: Int32
    @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let broker = StorageBackendType(rawValue: 0)
    public static let s3 = StorageBackendType(rawValue: 1)
    public static let hdfs = StorageBackendType(rawValue: 2)
    public static let local = StorageBackendType(rawValue: 3)
    public static let names: [Int32: String] = [0: "BROKER", 1: "S3", 2: "HDFS", 3: "LOCAL", 4: "OFS"]
}

/// Where a backup is, and what opens it (`broker_prop`, `storage_backend`, `location`). The properties' secrets never show.
public struct BackupPlace: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    public var type: StorageBackendType
    public var properties: [String: String]
    public var broker: NetworkAddress
    public var location: String?

    public init(
        type: StorageBackendType, properties: [String: String] = [:],
        broker: NetworkAddress = NetworkAddress(host: "", port: 0), location: String? = nil
    ) {
        self.type = type
        self.properties = properties
        self.broker = broker
        self.location = location
    }

    public var description: String { "\(type) \(location ?? "") (properties \(properties.keys.sorted()))" }
    public var debugDescription: String { description }
}

/// `TUploadReq`: copy snapshot folders to a backup's place.
public struct UploadRequest: Hashable, Sendable {
    public var jobID: Int64
    /// Local snapshot folder to remote folder.
    public var folders: [String: String]
    public var place: BackupPlace

    public init(jobID: Int64, folders: [String: String], place: BackupPlace) {
        self.jobID = jobID
        self.folders = folders
        self.place = place
    }
}

/// `TDownloadReq`: copy a backup's folders, or another backend's snapshots, into local snapshot folders.
public struct DownloadRequest: Hashable, Sendable {
    public var jobID: Int64
    /// Remote folder to local snapshot folder.
    public var folders: [String: String]
    public var place: BackupPlace
    /// Set by newer FEs for a restore from backends instead of a place.
    public var remoteSnapshots: [RemoteSnapshot]?

    /// `TRemoteTabletSnapshot`. The token never shows.
    public struct RemoteSnapshot: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
        public var localTabletID: TabletID
        public var localPath: String
        public var remoteTabletID: TabletID
        /// Host and HTTP port of the other backend.
        public var remoteAddress: NetworkAddress
        public var remotePath: String
        public var token: String

        public init(
            localTabletID: TabletID, localPath: String, remoteTabletID: TabletID, remoteAddress: NetworkAddress,
            remotePath: String, token: String
        ) {
            self.localTabletID = localTabletID
            self.localPath = localPath
            self.remoteTabletID = remoteTabletID
            self.remoteAddress = remoteAddress
            self.remotePath = remotePath
            self.token = token
        }

        public var description: String { "tablet \(remoteTabletID) at \(remoteAddress) \(remotePath)" }
        public var debugDescription: String { description }
    }

    public init(
        jobID: Int64, folders: [String: String], place: BackupPlace, remoteSnapshots: [RemoteSnapshot]? = nil
    ) {
        self.jobID = jobID
        self.folders = folders
        self.place = place
        self.remoteSnapshots = remoteSnapshots
    }
}

/// `TMoveDirReq`: what a download left in a snapshot folder becomes the tablet's rows.
public struct MoveRequest: Hashable, Sendable {
    public var tabletID: TabletID
    public var schemaHash: SchemaHash
    /// The local snapshot folder.
    public var source: String
    public var jobID: Int64
    /// True: the tablet's rows are replaced.
    public var overwrite: Bool

    public init(tabletID: TabletID, schemaHash: SchemaHash, source: String, jobID: Int64, overwrite: Bool) {
        self.tabletID = tabletID
        self.schemaHash = schemaHash
        self.source = source
        self.jobID = jobID
        self.overwrite = overwrite
    }
}

/// `TSnapshotLoaderReportRequest`: how far an upload or download is. The FE's answer ends one that is not wanted any more.
public struct LoaderProgress: Hashable, Sendable {
    public var jobID: Int64
    public var taskID: Int64
    public var type: TaskType
    public var finished: Int32?
    public var total: Int32?

    public init(jobID: Int64, taskID: Int64, type: TaskType, finished: Int32? = nil, total: Int32? = nil) {
        self.jobID = jobID
        self.taskID = taskID
        self.type = type
        self.finished = finished
        self.total = total
    }
}
