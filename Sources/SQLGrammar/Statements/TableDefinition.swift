/// What CREATE TABLE says.
public struct TableDefinition: Hashable, Sendable {
    public var name: SQLTableName
    public var ifNotExists: Bool
    public var columns: [ColumnDefinition]
    /// Of DUPLICATE KEY; empty when it was left out.
    public var keyColumns: [String]
    /// Of DISTRIBUTED BY HASH; nil when it was left out.
    public var distributionColumn: String?
    /// nil: BUCKETS was left out, or is AUTO.
    public var buckets: Int64?
    public var properties: [SQLProperty]
}

public struct ColumnDefinition: Hashable, Sendable {
    public var name: String
    public var type: SQLType
    public var isNullable: Bool
    /// What stands behind DEFAULT.
    public var defaultValue: SQLValue?
    public var comment: String?
}

/// A type as it is written: `DECIMAL(9, 2)`.
public struct SQLType: Hashable, Sendable, CustomStringConvertible {
    /// In capitals.
    public var name: String
    public var arguments: [Int64]

    public init(name: String, arguments: [Int64] = []) {
        self.name = name
        self.arguments = arguments
    }

    public var description: String {
        arguments.isEmpty ? name : "\(name)(\(arguments.map(String.init).joined(separator: ", ")))"
    }
}

/// What ALTER TABLE does.
public enum TableChange: Hashable, Sendable {
    /// Where a column comes.
    public enum Place: Hashable, Sendable {
        case atEnd, first
        case after(String)
    }

    case set([SQLProperty])
    case addColumn(ColumnDefinition, Place)
    case dropColumn(String)
    case modifyColumn(ColumnDefinition, Place)
    case renameColumn(String, to: String)
    case orderColumns([String])
}
