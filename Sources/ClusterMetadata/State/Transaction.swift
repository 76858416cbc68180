public import TabletModel

/// One load, or one delete by condition, as the journal knows it. Each change of state is one entry with the whole record.
public struct Transaction: Hashable, Sendable {
    public let id: TransactionID
    public let databaseID: DatabaseID
    public let tableID: TableID
    /// Unique among the database's transactions that are not aborted.
    public let label: String
    public var state: State
    /// Set from `committed` on: which version each partition gets.
    public var partitions: [PublishVersionRequest.PartitionVersion]
    /// `committed`: replicas that did not take the rows. `visible`: those that did not publish them. Sorted.
    public var failedReplicas: [ReplicaKey]
    /// What `failedReplicas` becomes with the next change of state, as far as it is journaled; nil: nothing is.
    public internal(set) var stagedFailures: [ReplicaKey]?
    public var timeoutMs: Int64
    public var preparedAt: UnixTime
    public var committedAt: UnixTime?
    /// When it became visible or was aborted.
    public var finishedAt: UnixTime?
    /// Why it was aborted; empty otherwise.
    public var reason: String
    public var rowCount: Int64
    public var sizeBytes: Int64
    /// Of a delete: its condition as people read it, perhaps cut. Empty: a load. The backends hold the condition itself.
    public var deleteCondition: String

    /// `TransactionStatus` of Doris.
    public enum State: UInt8, Hashable, Sendable, CaseIterable, CustomStringConvertible {
        case prepared = 1
        /// A quorum of every tablet holds the rows: from here on it will become visible.
        case committed = 2
        case visible = 3
        case aborted = 4

        public var isFinal: Bool { self == .visible || self == .aborted }
        public var description: String {
            switch self {
            case .prepared: "PREPARE"
            case .committed: "COMMITTED"
            case .visible: "VISIBLE"
            case .aborted: "ABORTED"
            }
        }
    }

    public init(
        id: TransactionID, databaseID: DatabaseID, tableID: TableID, label: String, state: State = .prepared,
        partitions: [PublishVersionRequest.PartitionVersion] = [], failedReplicas: [ReplicaKey] = [],
        timeoutMs: Int64, preparedAt: UnixTime, committedAt: UnixTime? = nil, finishedAt: UnixTime? = nil,
        reason: String = "", rowCount: Int64 = 0, sizeBytes: Int64 = 0, deleteCondition: String = ""
    ) {
        self.id = id
        self.databaseID = databaseID
        self.tableID = tableID
        self.label = label
        self.state = state
        self.partitions = partitions
        self.failedReplicas = failedReplicas
        self.timeoutMs = timeoutMs
        self.preparedAt = preparedAt
        self.committedAt = committedAt
        self.finishedAt = finishedAt
        self.reason = reason
        self.rowCount = rowCount
        self.sizeBytes = sizeBytes
        self.deleteCondition = deleteCondition
    }
}

/// Some of the replicas that a transaction's next state is without: a backend that is away fails one of each tablet of its table,
/// more than a record holds.
public struct FailedReplicas: Hashable, Sendable {
    public var transactionID: TransactionID
    /// Place of the first among all of them; those that stand there and behind are replaced.
    public var first: Int
    /// Sorted.
    public var keys: [ReplicaKey]

    public init(transactionID: TransactionID, first: Int, keys: [ReplicaKey]) {
        self.transactionID = transactionID
        self.first = first
        self.keys = keys
    }
}
