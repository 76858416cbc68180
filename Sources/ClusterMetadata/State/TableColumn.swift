public import TabletModel

/// One field of a table's rows.
public struct TableColumn: Hashable, Sendable {
    public var name: String
    /// By it conditions compare; the field itself is text.
    public var type: PrimitiveType
    public var isNullable: Bool
    /// What rows from before the column have in it; nil: an empty field.
    public var defaultValue: String?
    /// Stays when the column is renamed or moved, and is never given twice within a table.
    public var uniqueID: Int32

    public init(
        name: String, type: PrimitiveType = .varchar, isNullable: Bool = true, defaultValue: String? = nil,
        uniqueID: Int32
    ) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
        self.defaultValue = defaultValue
        self.uniqueID = uniqueID
    }

    /// Columns of text, numbered from 0: the first is the key.
    public static func text(_ names: [String]) -> [TableColumn] {
        names.enumerated().map { TableColumn(name: $1, isNullable: $0 != 0, uniqueID: Int32($0)) }
    }
}
