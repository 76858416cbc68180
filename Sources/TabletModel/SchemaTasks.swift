/// `TCondition`: one comparison of a delete. Rows for which all conditions of the delete hold are gone for later readers.
public struct DeleteCondition: Hashable, Sendable {
    public var column: String
    /// As the wire has it: `=`, `!=`, `<`, `<=`, `>`, `>=`, `*=` (in), `!*=` (not in), `IS`, or the words `IN`, `NOT IN`.
    public var operation: String
    public var values: [String]
    public var columnUniqueID: Int32?

    public init(column: String, operation: String, values: [String], columnUniqueID: Int32? = nil) {
        self.column = column
        self.operation = operation
        self.values = values
        self.columnUniqueID = columnUniqueID
    }
}

/// `TAlterTabletType`: why rows are made anew.
public struct AlterKind: OpenEnum {
    public let rawValue: Int32
    @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let schemaChange = AlterKind(rawValue: 1)
    public static let rollup = AlterKind(rawValue: 2)
    public static let migration = AlterKind(rawValue: 3)
    public static let names: [Int32: String] = [1: "SCHEMA_CHANGE", 2: "ROLLUP", 3: "MIGRATION"]
}

/// `TAlterTabletReqV2`: fill the new tablet with the base tablet's rows, as of a version.
public struct AlterRequest: Hashable, Sendable {
    public var baseTabletID: TabletID
    public var newTabletID: TabletID
    public var baseSchemaHash: SchemaHash
    public var newSchemaHash: SchemaHash
    /// Rows up to this version come from the base; nil: all that it has.
    public var alterVersion: Version?
    /// Where columns of the new tablet come from when not from the base's column of the same name.
    public var sources: [ColumnSource]
    public var kind: AlterKind
    /// The base's columns as the FE has them; nil: as the base tablet has them.
    public var baseColumns: [TabletSchema.Column]?

    /// `TAlterMaterializedViewParam`.
    public struct ColumnSource: Hashable, Sendable {
        public var column: String
        public var originColumn: String?
        /// The column is computed: not something that this backend does.
        public var hasExpression: Bool

        public init(column: String, originColumn: String? = nil, hasExpression: Bool = false) {
            self.column = column
            self.originColumn = originColumn
            self.hasExpression = hasExpression
        }
    }

    public init(
        baseTabletID: TabletID, newTabletID: TabletID, baseSchemaHash: SchemaHash, newSchemaHash: SchemaHash,
        alterVersion: Version? = nil, sources: [ColumnSource] = [], kind: AlterKind = .schemaChange,
        baseColumns: [TabletSchema.Column]? = nil
    ) {
        self.baseTabletID = baseTabletID
        self.newTabletID = newTabletID
        self.baseSchemaHash = baseSchemaHash
        self.newSchemaHash = newSchemaHash
        self.alterVersion = alterVersion
        self.sources = sources
        self.kind = kind
        self.baseColumns = baseColumns
    }
}

/// `TClearAlterTaskRequest`: an alter of this tablet is over, or given up.
public struct ClearAlterRequest: Hashable, Sendable {
    public var tabletID: TabletID
    public var schemaHash: SchemaHash

    public init(tabletID: TabletID, schemaHash: SchemaHash) {
        self.tabletID = tabletID
        self.schemaHash = schemaHash
    }
}
