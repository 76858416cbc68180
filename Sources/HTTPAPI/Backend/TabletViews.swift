/// One tablet as `/api/tablets` lists it.
public struct BackendTabletView: Codable, Sendable {
    public var tabletID: Int64
    public var schemaHash: Int32
    public var replicaID: Int64
    public var partitionID: Int64
    public var maxVersion: Int64
    public var isComplete: Bool
    public var rowsets: Int
    public var localBytes: Int64
    public var remoteBytes: Int64
    public var storagePolicy: String
    public var cooldownReplicaID: Int64
    public var cooldownTerm: Int64
    public var cooldownMetaID: String?

    public init(
        tabletID: Int64, schemaHash: Int32, replicaID: Int64, partitionID: Int64, maxVersion: Int64, isComplete: Bool,
        rowsets: Int, localBytes: Int64, remoteBytes: Int64, storagePolicy: String, cooldownReplicaID: Int64,
        cooldownTerm: Int64, cooldownMetaID: String? = nil
    ) {
        self.tabletID = tabletID
        self.schemaHash = schemaHash
        self.replicaID = replicaID
        self.partitionID = partitionID
        self.maxVersion = maxVersion
        self.isComplete = isComplete
        self.rowsets = rowsets
        self.localBytes = localBytes
        self.remoteBytes = remoteBytes
        self.storagePolicy = storagePolicy
        self.cooldownReplicaID = cooldownReplicaID
        self.cooldownTerm = cooldownTerm
        self.cooldownMetaID = cooldownMetaID
    }
}

/// One tablet with its rowsets.
public struct BackendTabletDetailView: Codable, Sendable {
    public var tablet: BackendTabletView
    /// nil when it waits for nothing: it is cold, or does not cool.
    public var cooldownWait: CooldownWaitView?
    public var rowsets: [RowsetView]

    public struct RowsetView: Codable, Sendable {
        public var id: String
        public var startVersion: Int64
        public var endVersion: Int64
        public var rows: Int64
        public var bytes: Int64
        public var segments: Int
        /// "local", or the storage policy whose resource holds it.
        public var location: String
        public var newestWriteMs: Int64

        public init(
            id: String, startVersion: Int64, endVersion: Int64, rows: Int64, bytes: Int64, segments: Int,
            location: String, newestWriteMs: Int64
        ) {
            self.id = id
            self.startVersion = startVersion
            self.endVersion = endVersion
            self.rows = rows
            self.bytes = bytes
            self.segments = segments
            self.location = location
            self.newestWriteMs = newestWriteMs
        }
    }

    public init(
        tablet: BackendTabletView, cooldownWait: CooldownWaitView?, rowsets: [RowsetView]
    ) {
        self.tablet = tablet
        self.cooldownWait = cooldownWait
        self.rowsets = rowsets
    }
}
