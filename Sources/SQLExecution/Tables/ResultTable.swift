public import SQLSessions

/// An answer that is all there, for a SQL client or an HTTP route.
public struct ResultTable: Hashable, Sendable {
    public var columns: [SQLColumn]
    /// nil: null.
    public var rows: [[String?]]

    public init(_ columns: [SQLColumn], _ rows: [[String?]]) {
        self.columns = columns
        self.rows = rows
    }

    /// Columns of text.
    init(_ names: [String], _ rows: [[String?]] = []) { self.init(names.map { SQLColumn($0) }, rows) }

    public var reply: SQLReply { .rows(columns, SQLTableRows(rows)) }

    mutating func limit(_ count: Int64, offset: Int64 = 0) {
        rows = Array(rows.dropFirst(Int(clamping: offset)).prefix(Int(clamping: count)))
    }
}
