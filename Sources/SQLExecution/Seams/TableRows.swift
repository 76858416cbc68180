public import HTTPAPI
public import SQLSessions
public import TabletModel

/// Reads the rows of tables from backends.
public protocol TableRows: Sendable {
    /// Rows come as they are read; a tablet whose backend fails before its first row is read from the next one.
    func open(_ read: TableRead) throws -> any SQLRows
    /// How many rows hold.
    func count(_ read: TableRead) throws -> Int64
}

/// What of a table is read.
public struct TableRead: Sendable {
    public var plan: ReadPlan
    /// As the backends know the columns: names, types, delimiter.
    public var schema: TabletSchema
    /// Places of the fields that are wanted, in their order.
    public var columns: [Int]
    /// All of them hold for a row, which was checked against the schema.
    public var conditions: [DeleteCondition]
    /// nil: all rows.
    public var limit: Int64?
    public var offset: Int64
    /// Throws once nobody wants the rows any more: asked between pieces.
    public var checkWanted: @Sendable () throws -> Void
}
