/// `TTabletInfo`: one replica as its BE sees it. Flat, so that a million of them are one array.
public struct TabletReportRow: Hashable, Sendable {
    public var tabletID: TabletID
    public var schemaHash: SchemaHash
    /// See `contract/behaviour.md` §5 and design "Decisions" for which version this is.
    public var version: Version
    public var rowCount: Int64 = 0
    /// Bytes on local disk.
    public var dataSizeBytes: Int64 = 0
    public var medium: StorageMedium = .hdd
    public var versionCount: Int64 = 0
    /// Of these, the ones up to what the FE said is visible; 0: it has not said.
    public var visibleVersionCount: Int64 = 0
    public var pathHash: Int64 = 0
    /// True: a version at or below the newest is missing, and has been for longer than the grace period.
    public var versionMiss: Bool = false
    /// False: the replica is bad. The wire leaves the field out when it is true, as a C++ BE does.
    public var isUsed: Bool = true
    public var partitionID: PartitionID = 0
    public var isInMemory: Bool = false
    public var replicaID: ReplicaID = 0
    public var remoteDataSizeBytes: Int64 = 0
    /// Sent only when the tablet has a storage policy.
    public var cooldownReplicaID: ReplicaID?
    /// The tablet has a storage policy.
    public var isCooldown: Bool = false
    public var cooldownTerm: Int64 = -1
    public var cooldownMetaID: UniqueID?
    /// The tablet's state is RUNNING; not on the wire.
    public var isRunning = true
    /// Pending for longer than `pending_data_expire_time_sec`; nil when there is none (the usual case).
    public var transactionIDs: [TransactionID]?

    @inlinable public init(tabletID: TabletID, schemaHash: SchemaHash, version: Version) {
        self.tabletID = tabletID
        self.schemaHash = schemaHash
        self.version = version
    }
}

/// A snapshot of all tablets of a BE, in tablet-id order, read without copying it whole.
public protocol TabletReportSource: Sendable {
    var count: Int { get }
    /// Hands out every row once, in chunks whose buffers are valid during the call only.
    func forEachChunk(_ body: (UnsafeBufferPointer<TabletReportRow>) throws -> Void) rethrows
}

/// Rows that are an array already.
public struct ArrayReportSource: TabletReportSource {
    public let rows: [TabletReportRow]
    public init(_ rows: [TabletReportRow]) { self.rows = rows }
    public var count: Int { rows.count }
    public func forEachChunk(_ body: (UnsafeBufferPointer<TabletReportRow>) throws -> Void) rethrows {
        try rows.withUnsafeBufferPointer(body)
    }
}

/// `TDisk`: one data dir.
public struct DiskReport: Hashable, Sendable {
    public var rootPath: String
    public var totalBytes: Int64
    /// Bytes of tablet data on it.
    public var dataUsedBytes: Int64
    public var availableBytes: Int64
    public var remoteUsedBytes: Int64
    public var trashUsedBytes: Int64
    public var pathHash: Int64
    public var medium: StorageMedium
    /// False: the dir failed its check and its tablets are not served.
    public var isUsed: Bool
    /// As far as the backend tells; agrees with `isUsed`.
    public var condition: DiskCondition

    /// - Parameter condition: nil for a backend that tells only whether the dir is used.
    public init(
        rootPath: String, totalBytes: Int64, dataUsedBytes: Int64, availableBytes: Int64, remoteUsedBytes: Int64 = 0,
        trashUsedBytes: Int64 = 0, pathHash: Int64, medium: StorageMedium, isUsed: Bool,
        condition: DiskCondition? = nil
    ) {
        self.rootPath = rootPath
        self.totalBytes = totalBytes
        self.dataUsedBytes = dataUsedBytes
        self.availableBytes = availableBytes
        self.remoteUsedBytes = remoteUsedBytes
        self.trashUsedBytes = trashUsedBytes
        self.pathHash = pathHash
        self.medium = medium
        self.isUsed = isUsed
        self.condition = condition ?? DiskCondition(isUsed ? .good : .failed)
    }

    /// New rows and replicas may go there.
    public var takesData: Bool { isUsed && condition.state == .good }
}

/// `TTabletStat`.
public struct TabletStat: Hashable, Sendable {
    public var tabletID: TabletID
    public var dataSizeBytes: Int64
    public var rowCount: Int64
    public var versionCount: Int64
    public var remoteDataSizeBytes: Int64

    public init(
        tabletID: TabletID, dataSizeBytes: Int64, rowCount: Int64, versionCount: Int64, remoteDataSizeBytes: Int64
    ) {
        self.tabletID = tabletID
        self.dataSizeBytes = dataSizeBytes
        self.rowCount = rowCount
        self.versionCount = versionCount
        self.remoteDataSizeBytes = remoteDataSizeBytes
    }
}

/// `TFinishTaskRequest`: how a task ended. Members that the task type does not use stay unset.
public struct FinishTaskRequest: Hashable, Sendable {
    public var backend: BackendAddress
    public var type: TaskType
    public var signature: Int64
    public var status: RPCStatus
    public var reportVersion: Int64?
    public var tablets: [TabletReportRow]?
    public var tabletChecksum: Int64?
    public var requestVersion: Version?
    public var snapshotPath: String?
    public var errorTabletIDs: [TabletID]?
    /// Of PUBLISH_VERSION: the tablets that have the version now.
    public var succeededTablets: [TabletID: Version]?
    public var snapshotFiles: [String]?
    /// Of UPLOAD: the remote names of each tablet's files.
    public var tabletFiles: [TabletID: [String]]?
    /// Of DOWNLOAD.
    public var downloadedTabletIDs: [TabletID]?
    public var copySizeBytes: Int64?
    public var copyTimeMs: Int64?
    /// In whose words its tablets go out; not on the wire.
    public var dialect = WireDialect.tabletd

    public init(backend: BackendAddress, type: TaskType, signature: Int64, status: RPCStatus) {
        self.backend = backend
        self.type = type
        self.signature = signature
        self.status = status
    }
}

/// A BE's report as it leaves the BE (`TReportRequest`); each carries one of its kinds.
public struct OutgoingReport: Sendable {
    public var backend: BackendAddress
    public var reportVersion: Int64?
    public var body: Body
    /// Goes with the tablets.
    public var unreadable: [UnreadableReplica] = []
    /// Goes out with disks.
    public var storage: StorageUse?
    /// Ids of the index policies that are kept; goes out with disks. nil: nothing is said of them.
    public var indexPolicies: [Int64]?
    /// Goes out with disks: policies and resources that the FE pushed.
    public var rules: KnownRules?
    public var load: BackendLoad?
    /// Which members of rows and disks go out; not on the wire.
    public var dialect = WireDialect.tabletd

    public enum Body: Sendable {
        /// What is queued or running, by type; types with nothing may be present with an empty set.
        case tasks([TaskType: Set<Int64>])
        case disks([DiskReport])
        case tablets(any TabletReportSource, maxCompactionScore: Int64)
    }

    /// When the process that made it started: tells it from a report of the process before.
    public var processStart: UnixTime?

    public init(backend: BackendAddress, reportVersion: Int64? = nil, body: Body, storage: StorageUse? = nil) {
        self.backend = backend
        self.reportVersion = reportVersion
        self.body = body
        self.storage = storage
    }
}

/// A report as it reaches the FE. One message may carry several kinds. Tablets stay encoded until the diff reads them.
public struct IncomingReport: Sendable {
    public var backend: BackendAddress
    public var reportVersion: Int64?
    public var tasks: [TaskType: Set<Int64>]?
    public var disks: [DiskReport]?
    public var tablets: EncodedTablets?
    /// A large report's tablets, instead: they went to the handler while they arrived.
    public var arrived: (any ArrivingTablets)?
    public var forceRecovery: Bool
    public var maxCompactionScore: Int64?
    /// Of a report of tablets.
    public var unreadable: [UnreadableReplica] = []
    public var storage: StorageUse?
    /// nil when the report does not say: a newer BE's task reports don't, and no report of an older one.
    public var rules: KnownRules?
    /// It carries what this side has no use for (`index_policy`): it is no empty report.
    public var hasIndexPolicies = false
    /// nil from backends that don't say.
    public var processStart: UnixTime?

    public init(
        backend: BackendAddress, reportVersion: Int64? = nil, tasks: [TaskType: Set<Int64>]? = nil,
        disks: [DiskReport]? = nil, tablets: EncodedTablets? = nil, forceRecovery: Bool = false,
        maxCompactionScore: Int64? = nil, storage: StorageUse? = nil
    ) {
        self.backend = backend
        self.reportVersion = reportVersion
        self.tasks = tasks
        self.disks = disks
        self.tablets = tablets
        self.forceRecovery = forceRecovery
        self.maxCompactionScore = maxCompactionScore
        self.storage = storage
    }
}

/// The value of `TReportRequest.tablets` (a map) or `.tablet_list`, still in TBinaryProtocol: `count` entries in
/// `bytes[range]`. The compact form in which a report waits for its diff; `ReportCodec` reads the rows.
public struct EncodedTablets: Sendable {
    public enum Shape: Sendable { case map, list }
    public let bytes: [UInt8]
    public let range: Range<Int>
    public let count: Int
    public let shape: Shape

    public init(bytes: [UInt8], range: Range<Int>, count: Int, shape: Shape) {
        self.bytes = bytes
        self.range = range
        self.count = count
        self.shape = shape
    }
}

/// Whole entries of a report's tablets that came together, checked, in TBinaryProtocol; `ReportCodec` reads the rows. Valid as
/// long as its bytes are: during a call.
public struct TabletPiece {
    public let bytes: UnsafeRawBufferPointer
    /// Entries.
    public let count: Int
    public let shape: EncodedTablets.Shape

    public init(bytes: UnsafeRawBufferPointer, count: Int, shape: EncodedTablets.Shape) {
        self.bytes = bytes
        self.count = count
        self.shape = shape
    }
}

/// Takes the tablets of one report while they arrive. They count once the whole report is there, and handed to the handler
/// with this in it; let go before, this leaves nothing behind. One thread at a time.
public protocol ArrivingTablets: AnyObject, Sendable {
    /// - Throws: why the report can't be read on.
    func take(_ piece: TabletPiece) throws
}
