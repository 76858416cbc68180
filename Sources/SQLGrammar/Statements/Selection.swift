public import TabletModel

/// SELECT from a table: all of query that there is.
public struct Selection: Hashable, Sendable {
    public enum Output: Hashable, Sendable {
        case all
        case column(String)
        case count
    }

    public var items: [SQLItem<Output>]
    public var table: SQLTableName
    /// All of them hold for a row.
    public var conditions: [DeleteCondition]
    public var limit: SQLLimit?
}
