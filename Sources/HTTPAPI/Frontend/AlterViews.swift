/// One change of a table's columns.
public struct AlterTableRequest: Hashable, Sendable, Codable {
    public enum Action: String, Hashable, Sendable, Codable, CaseIterable {
        case addColumn, dropColumn, renameColumn
        /// All columns, in their new order.
        case orderColumns
    }

    public var action: Action
    /// The one to add, drop or rename.
    public var column: String?
    /// Of an added one, such as INT; nil: VARCHAR.
    public var type: String?
    /// What rows from before have in an added one; nil: an empty field.
    public var defaultValue: String?
    /// An added one comes right behind this one; nil: at the end, or first.
    public var after: String?
    public var isFirst: Bool?
    /// Of a renamed one.
    public var newName: String?
    public var order: [String]?

    public init(
        action: Action, column: String? = nil, type: String? = nil, defaultValue: String? = nil, after: String? = nil,
        isFirst: Bool? = nil, newName: String? = nil, order: [String]? = nil
    ) {
        self.action = action
        self.column = column
        self.type = type
        self.defaultValue = defaultValue
        self.after = after
        self.isFirst = isFirst
        self.newName = newName
        self.order = order
    }
}

/// A change of a table's columns that runs, or has ended.
public struct AlterView: Hashable, Sendable, Codable {
    public var id: Int64
    public var table: TableName
    /// Such as `add column delay:INT`.
    public var change: String
    /// `PENDING`, `WAITING_TXN`, `RUNNING`, `FINISHED` or `CANCELLED`.
    public var state: String
    /// Replicas of the new tablets that are made (`PENDING`) or filled.
    public var done: Int64
    public var total: Int64
    /// What it waits for, the last error, or why it was cancelled.
    public var message: String
    public var startedMs: Int64
    /// 0: it runs.
    public var endedMs: Int64

    public init(
        id: Int64, table: TableName, change: String, state: String, done: Int64, total: Int64, message: String,
        startedMs: Int64, endedMs: Int64
    ) {
        self.id = id
        self.table = table
        self.change = change
        self.state = state
        self.done = done
        self.total = total
        self.message = message
        self.startedMs = startedMs
        self.endedMs = endedMs
    }

    public var isRunning: Bool { endedMs == 0 }
}
