/// `TCloneReq`: bring this replica up to a version with the rowsets of other replicas, or make it whole from them.
public struct CloneRequest: Hashable, Sendable {
    public var tabletID: TabletID
    public var schemaHash: SchemaHash
    /// Replicas to copy from, best first. One that is gone or lacks something is no failure while another has it.
    public var sources: [BackendAddress]
    public var medium: StorageMedium?
    /// The replica must hold every version up to here afterwards; nil: whatever the source has.
    public var committedVersion: Version?
    public var taskVersion: Int32?
    public var sourcePathHash: Int64?
    /// The data dir to put a new replica in; nil or 0 leaves the choice to the backend.
    public var destinationPathHash: Int64?
    public var timeoutSeconds: Int64
    /// The replica that this backend is to hold. 0 matches any; another than the local one is refused.
    public var replicaID: ReplicaID
    public var partitionID: PartitionID?
    public var tableID: TableID?

    public init(
        tabletID: TabletID, schemaHash: SchemaHash, sources: [BackendAddress], medium: StorageMedium? = nil,
        committedVersion: Version? = nil, taskVersion: Int32? = nil, sourcePathHash: Int64? = nil,
        destinationPathHash: Int64? = nil, timeoutSeconds: Int64 = 7200, replicaID: ReplicaID = 0,
        partitionID: PartitionID? = nil, tableID: TableID? = nil
    ) {
        self.tabletID = tabletID
        self.schemaHash = schemaHash
        self.sources = sources
        self.medium = medium
        self.committedVersion = committedVersion
        self.taskVersion = taskVersion
        self.sourcePathHash = sourcePathHash
        self.destinationPathHash = destinationPathHash
        self.timeoutSeconds = timeoutSeconds
        self.replicaID = replicaID
        self.partitionID = partitionID
        self.tableID = tableID
    }
}

/// `TCompactionReq`.
public struct CompactionRequest: Hashable, Sendable {
    /// The wire says "base" for base compaction and anything else for cumulative.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case base, cumulative
    }

    public var tabletID: TabletID
    public var schemaHash: SchemaHash?
    public var kind: Kind

    public init(tabletID: TabletID, schemaHash: SchemaHash? = nil, kind: Kind) {
        self.tabletID = tabletID
        self.schemaHash = schemaHash
        self.kind = kind
    }
}

/// `TCheckConsistencyReq`: the checksum of the rows that are visible at a version.
public struct CheckConsistencyRequest: Hashable, Sendable {
    public var tabletID: TabletID
    public var schemaHash: SchemaHash
    public var version: Version

    public init(tabletID: TabletID, schemaHash: SchemaHash, version: Version) {
        self.tabletID = tabletID
        self.schemaHash = schemaHash
        self.version = version
    }
}

/// `TSnapshotRequest`: keep a tablet's rowsets as they are, under a path to download from.
public struct SnapshotRequest: Hashable, Sendable {
    public var tabletID: TabletID
    public var schemaHash: SchemaHash
    /// Up to this version; nil: all there is.
    public var version: Version?
    /// The snapshot goes by itself after so long; nil: `snapshot_expire_time_sec`.
    public var timeoutSeconds: Int64?
    /// Only the rowsets that hold these; nil: all. When one of them is absent the snapshot is a full one.
    public var missingVersions: [Version]?
    public var listFiles: Bool
    public var allowIncrementalClone: Bool
    /// Echoed in the answer. Doris: 3 alpha, 4 beta rowsets.
    public var preferredSnapshotVersion: Int32
    public var isCopyTabletTask: Bool

    public init(
        tabletID: TabletID, schemaHash: SchemaHash, version: Version? = nil, timeoutSeconds: Int64? = nil,
        missingVersions: [Version]? = nil, listFiles: Bool = false, allowIncrementalClone: Bool = false,
        preferredSnapshotVersion: Int32 = 4, isCopyTabletTask: Bool = false
    ) {
        self.tabletID = tabletID
        self.schemaHash = schemaHash
        self.version = version
        self.timeoutSeconds = timeoutSeconds
        self.missingVersions = missingVersions
        self.listFiles = listFiles
        self.allowIncrementalClone = allowIncrementalClone
        self.preferredSnapshotVersion = preferredSnapshotVersion
        self.isCopyTabletTask = isCopyTabletTask
    }
}
