public import TabletModel

/// A name space of tables.
public struct Database: Hashable, Sendable {
    public let id: DatabaseID
    public var name: String

    public init(id: DatabaseID, name: String) {
        self.id = id
        self.name = name
    }
}

/// A table of delimited rows: how a row is read and where it goes, and its partitions.
public struct Table: Hashable, Sendable {
    public let id: TableID
    public let databaseID: DatabaseID
    public var name: String
    public var state: State
    /// The byte between two fields.
    public var delimiter: UInt8
    public var hasHeader: Bool
    /// Empty: rows have fields without names.
    public var columns: [TableColumn]
    /// The unique id that the next new column gets.
    public var nextColumnID: Int32
    /// Zero-based; the hash of this field chooses the bucket.
    public var distributionColumn: Int32
    public var bucketCount: Int32
    public var replicationCount: Int32
    /// nil: its tablets do not cool.
    public var storagePolicy: String?
    /// Ids of the resources that its policies ever pointed to: its rowsets may name them. Ascending.
    public var storageResources: [Int64] = []
    /// Its replicas are on members of this cluster, on different shards of it; nil: anywhere.
    public var cluster: String?
    public var medium: StorageMedium?
    public var createdAt: UnixTime
    public var partitions: [Partition]
    /// nil: none runs.
    public internal(set) var alter: TableAlter?

    public enum State: UInt8, Hashable, Sendable, CaseIterable {
        /// Journaled, but not every replica exists yet: dropped again when that fails.
        case creating = 0
        case normal = 1
        /// A restore fills it; it has no name that anybody can give, until it is whole.
        case restoring = 30
    }

    public init(
        id: TableID, databaseID: DatabaseID, name: String, state: State = .creating, delimiter: UInt8, hasHeader: Bool,
        columns: [TableColumn], distributionColumn: Int32, bucketCount: Int32, replicationCount: Int32,
        storagePolicy: String? = nil, medium: StorageMedium? = nil, createdAt: UnixTime, partitions: [Partition]
    ) {
        self.id = id
        self.databaseID = databaseID
        self.name = name
        self.state = state
        self.delimiter = delimiter
        self.hasHeader = hasHeader
        self.columns = columns
        nextColumnID = (columns.map(\.uniqueID).max() ?? -1) + 1
        self.distributionColumn = distributionColumn
        self.bucketCount = bucketCount
        self.replicationCount = replicationCount
        self.storagePolicy = storagePolicy
        self.medium = medium
        self.createdAt = createdAt
        self.partitions = partitions
    }

    public var columnNames: [String] { columns.map(\.name) }

    mutating func addResource(_ id: Int64?) {
        if let id, !storageResources.contains(id) { storageResources = (storageResources + [id]).sorted() }
    }

    public func partition(_ id: PartitionID) -> Partition? { partitions.first { $0.id == id } }
    /// Every tablet of every partition and index, those that an alter fills too, ascending.
    public var tabletIDs: [TabletID] { partitions.flatMap { $0.indexes.flatMap(\.tabletIDs) }.sorted() }
}

/// A part of a table with its own versions. A table made here has one, named as the table.
public struct Partition: Hashable, Sendable {
    public let id: PartitionID
    public var name: String
    /// Readers see everything up to here.
    public var visibleVersion: Version
    /// The next load to commit gets this one.
    public var nextVersion: Version
    /// The base index first.
    public var indexes: [MaterializedIndex]

    public init(
        id: PartitionID, name: String, visibleVersion: Version = .initial, nextVersion: Version? = nil,
        indexes: [MaterializedIndex]
    ) {
        self.id = id
        self.name = name
        self.visibleVersion = visibleVersion
        self.nextVersion = nextVersion ?? visibleVersion.next
        self.indexes = indexes
    }

    public var baseIndex: MaterializedIndex? { indexes.first }
    public func index(_ id: IndexID) -> MaterializedIndex? { indexes.first { $0.id == id } }
}

/// The tablets that hold one form of a partition's rows.
public struct MaterializedIndex: Hashable, Sendable {
    public let id: IndexID
    public var schemaHash: SchemaHash
    /// In bucket order.
    public var tabletIDs: [TabletID]
    public var state: State

    public enum State: UInt8, Hashable, Sendable, CaseIterable {
        case normal = 0
        /// An alter fills it: nobody reads it, nothing of it is repaired, merged into counts or cooled.
        case shadow = 1
    }

    public init(id: IndexID, schemaHash: SchemaHash, tabletIDs: [TabletID], state: State = .normal) {
        self.id = id
        self.schemaHash = schemaHash
        self.tabletIDs = tabletIDs
        self.state = state
    }

    /// nil: the tablet is not one of these. Ids were given out in bucket order, so it is found by halving; a list made
    /// otherwise is searched through.
    public func bucket(of id: TabletID) -> Int? {
        let place = tabletIDs.lowerBound(of: id)
        return place < tabletIDs.count && tabletIDs[place] == id ? place : tabletIDs.firstIndex(of: id)
    }
}

/// A tablet of a new table with the replicas it begins with.
public struct TabletPlacement: Hashable, Sendable {
    public var tabletID: TabletID
    public var replicas: [Placed]

    public struct Placed: Hashable, Sendable {
        public var replicaID: ReplicaID
        public var backendID: BackendID
        public init(replicaID: ReplicaID, backendID: BackendID) {
            self.replicaID = replicaID
            self.backendID = backendID
        }
    }

    public init(tabletID: TabletID, replicas: [Placed]) {
        self.tabletID = tabletID
        self.replicas = replicas
    }
}

/// Further tablets of one index of a table that is being made, or of an alter that begins, in bucket order and with ascending
/// ids.
public struct AddedTablets: Hashable, Sendable {
    public var tableID: TableID
    public var partitionID: PartitionID
    public var indexID: IndexID
    public var placements: [TabletPlacement]

    public init(tableID: TableID, partitionID: PartitionID, indexID: IndexID, placements: [TabletPlacement]) {
        self.tableID = tableID
        self.partitionID = partitionID
        self.indexID = indexID
        self.placements = placements
    }
}
