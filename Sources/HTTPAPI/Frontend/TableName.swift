/// A table's name with its database.
public struct TableName: Hashable, Sendable, Codable, CustomStringConvertible {
    public var database: String
    public var table: String

    public init(database: String, table: String) {
        self.database = database
        self.table = table
    }

    /// `table` (in `defaultDatabase`) or `database.table`.
    public init?(text: some StringProtocol, defaultDatabase: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        switch parts.count {
        case 1 where !parts[0].isEmpty: self.init(database: defaultDatabase, table: String(parts[0]))
        case 2 where !parts[0].isEmpty && !parts[1].isEmpty:
            self.init(database: String(parts[0]), table: String(parts[1]))
        default: return nil
        }
    }

    public var description: String { "\(database).\(table)" }
}
