public import TabletModel

/// A change of a table's columns, from its begin until its end: new tablets beside the table's own (`MaterializedIndex.State`
/// `shadow`), which get the rows in the new columns and then take their place.
public struct TableAlter: Hashable, Sendable {
    public enum State: UInt8, Hashable, Sendable, CaseIterable, CustomStringConvertible {
        /// The new tablets are being journaled, a piece at a time; no backend has heard of them. A begin that breaks off is
        /// taken back, and nobody remembers it.
        case beginning = 3
        /// The new tablets are being created; nothing is written to them.
        case pending = 0
        /// Loads that begin now write to both; those that began before are waited for.
        case waiting = 1
        /// Backends fill the new tablets with the rows up to the alter versions.
        case running = 2

        public var description: String {
            switch self {
            case .beginning: "BEGINNING"
            case .pending: "PENDING"
            case .waiting: "WAITING_TXN"
            case .running: "RUNNING"
            }
        }
    }

    public let id: Int64
    public var state: State
    /// What the table has once it is over.
    public var columns: [TableColumn]
    public var nextColumnID: Int32
    public var distributionColumn: Int32
    /// For people.
    public var description: String
    public var startedAt: UnixTime
    /// Set from `waiting` on: transactions from this id on write to the new tablets too.
    public var watermark: TransactionID
    /// Set from `running` on: up to there rows come from the base.
    public var alterVersions: [PartitionID: Version]

    public init(
        id: Int64, state: State = .pending, columns: [TableColumn], nextColumnID: Int32, distributionColumn: Int32,
        description: String, startedAt: UnixTime, watermark: TransactionID = 0,
        alterVersions: [PartitionID: Version] = [:]
    ) {
        self.id = id
        self.state = state
        self.columns = columns
        self.nextColumnID = nextColumnID
        self.distributionColumn = distributionColumn
        self.description = description
        self.startedAt = startedAt
        self.watermark = watermark
        self.alterVersions = alterVersions
    }
}

/// One that ended, for people.
public struct EndedAlter: Hashable, Sendable {
    public var id: Int64
    public var tableID: TableID
    /// As they were called then.
    public var database: String
    public var table: String
    public var description: String
    public var isFinished: Bool
    /// Why it was cancelled.
    public var reason: String
    public var startedAt: UnixTime
    public var endedAt: UnixTime

    public init(
        id: Int64, tableID: TableID, database: String, table: String, description: String, isFinished: Bool,
        reason: String = "", startedAt: UnixTime, endedAt: UnixTime
    ) {
        self.id = id
        self.tableID = tableID
        self.database = database
        self.table = table
        self.description = description
        self.isFinished = isFinished
        self.reason = reason
        self.startedAt = startedAt
        self.endedAt = endedAt
    }

    /// More are forgotten, oldest first.
    public static let rememberedLimit = 100
}

/// The tablets of one partition that an alter fills.
public struct ShadowIndex: Hashable, Sendable {
    public var partitionID: PartitionID
    public var index: MaterializedIndex

    public init(partitionID: PartitionID, index: MaterializedIndex) {
        self.partitionID = partitionID
        self.index = index
    }
}

extension Table {
    /// Tablets that rows are read from, ascending: not those that an alter fills.
    public var readableTabletIDs: [TabletID] { partitions.flatMap(\.readableTabletIDs).sorted() }

    /// An alter fills the tablets of this index.
    public func isShadow(_ index: IndexID) -> Bool {
        alter != nil && partitions.contains { $0.index(index)?.state == .shadow }
    }

    /// Tablets that a load writes: the base's in bucket order, then those that an alter fills, if the load began late enough,
    /// in the same order.
    public func tablets(ofLoad transaction: TransactionID) -> (all: [TabletID], buckets: Int) {
        guard let partition = partitions.first, let base = partition.baseIndex else { return ([], 0) }
        guard let alter, alter.watermark > 0, transaction >= alter.watermark, let shadow = partition.shadowIndex else {
            return (base.tabletIDs, base.tabletIDs.count)
        }
        return (base.tabletIDs + shadow.tabletIDs, base.tabletIDs.count)
    }
}

extension Partition {
    /// In index order, then bucket order.
    public var readableTabletIDs: [TabletID] { indexes.filter { $0.state == .normal }.flatMap(\.tabletIDs) }
    public var shadowIndex: MaterializedIndex? { indexes.first { $0.state == .shadow } }
}
