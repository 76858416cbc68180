/// Where a rowset's segments are.
public enum RowsetLocation: Hashable, Sendable {
    /// In the tablet's folder of its data dir.
    case local
    /// In this storage resource (Doris' `resource_id`), at `data/{tablet_id}/{rowset_id}_{n}.dat`: its id in digits, or
    /// its place where the master gave it none. Rowsets of older builds name a policy; who opens one knows what it meant.
    case remote(resource: String)
}

/// One immutable rowset: what the meta store and the remote meta say of it.
public struct RowsetMeta: Hashable, Sendable {
    public var id: RowsetID
    public var tabletID: TabletID
    public var schemaHash: SchemaHash
    public var partitionID: PartitionID
    /// Whose rows they are; 0 for a first rowset and for merged ones.
    public var transactionID: TransactionID
    /// Of a merged rowset: whose rows its newest versions are, in version order up to `versions.end`; 0 where that is not
    /// known. At most `rememberedTransactions`; nothing is remembered of older versions, nor by older builds.
    public var mergedTransactions: [TransactionID] = []
    public var versions: VersionRange
    public var rowCount: Int64
    /// Sum of the segments' sizes in bytes.
    public var sizeBytes: Int64
    public var segments: [SegmentMeta]
    public var createdAt: UnixTime
    /// Wall-clock times of the oldest and the newest row write; cooldown goes by the newest.
    public var oldestWrite: UnixTime
    public var newestWrite: UnixTime
    public var location: RowsetLocation
    /// Of a delete: which rows of lower versions it takes away. Such a rowset has one version and no rows.
    public var deletePredicate: DeletePredicate?
    /// Of a rowset from version 0 that deletes were merged into: how many of its rows they took. With them it has as many as
    /// were ever written to its versions, which is the same on every replica.
    public var droppedRows: Int64 = 0
    /// The newest delete that was merged into it; `.none` when none was.
    public var lastDelete = Version.none

    public init(
        id: RowsetID, tabletID: TabletID, schemaHash: SchemaHash, partitionID: PartitionID,
        transactionID: TransactionID = 0, versions: VersionRange, rowCount: Int64 = 0, sizeBytes: Int64 = 0,
        segments: [SegmentMeta] = [], createdAt: UnixTime, oldestWrite: UnixTime, newestWrite: UnixTime,
        location: RowsetLocation = .local
    ) {
        self.id = id
        self.tabletID = tabletID
        self.schemaHash = schemaHash
        self.partitionID = partitionID
        self.transactionID = transactionID
        self.versions = versions
        self.rowCount = rowCount
        self.sizeBytes = sizeBytes
        self.segments = segments
        self.createdAt = createdAt
        self.oldestWrite = oldestWrite
        self.newestWrite = newestWrite
        self.location = location
    }

    public var isRemote: Bool { location != .local }

    /// Rows that were written to its versions, those that a merged delete took included.
    public var writtenRows: Int64 { rowCount + droppedRows }

    /// It says something: rows, or which rows are gone.
    public var hasContent: Bool { rowCount > 0 || deletePredicate != nil || lastDelete != .none }

    /// Merged rowsets of a million tablets are in memory: enough for what is published about now.
    public static let rememberedTransactions = 32

    /// The transaction that this version's rows came with; nil when that is not known (any longer).
    public func transaction(of version: Version) -> TransactionID? {
        let found: TransactionID
        if versions.start == versions.end {
            found = version == versions.end ? transactionID : 0
        } else {
            let place = Int64(mergedTransactions.count) - 1 - (versions.end.rawValue - version.rawValue)
            guard version <= versions.end, place >= 0 else { return nil }
            found = mergedTransactions[Int(place)]
        }
        return found > 0 ? found : nil
    }

    /// What a rowset merged of these, which follow each other, remembers.
    public static func mergedTransactions(of inputs: [RowsetMeta]) -> [TransactionID] {
        var newestFirst: [TransactionID] = []
        for input in inputs.reversed() {
            var version = input.versions.end
            while newestFirst.count < rememberedTransactions, version >= input.versions.start {
                newestFirst.append(input.transaction(of: version) ?? 0)
                version = version.previous
            }
        }
        while newestFirst.last == 0 { newestFirst.removeLast() }
        return newestFirst.reversed()
    }
}

/// One segment file or object of a rowset, enough to verify a copy of it without reading it whole.
public struct SegmentMeta: Hashable, Sendable {
    public var sizeBytes: Int64
    public var rowCount: Int64
    /// CRC32C of the whole file.
    public var crc32c: UInt32

    public init(sizeBytes: Int64, rowCount: Int64, crc32c: UInt32) {
        self.sizeBytes = sizeBytes
        self.rowCount = rowCount
        self.crc32c = crc32c
    }
}
