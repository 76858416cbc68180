internal import Checksums
public import ClusterMetadata
public import HTTPAPI
public import TabletModel

/// Checks what a person typed before anything is made of it.
public enum TableRequestCheck {
    public static func check(_ request: CreateTableRequest, _ configuration: MasterConfiguration) throws(MasterError) {
        try name(request.name.table, of: "table")
        try range(request.buckets, 1...configuration.bucketLimit, "buckets")
        try range(request.replicas, 1...configuration.replicaLimit, "replicas")
        _ = try delimiter(request.delimiter)
        let columns = max(request.columns.count, 1)
        guard request.distributionColumn >= 0, request.columns.isEmpty || request.distributionColumn < columns else {
            throw invalid(
                "distribution column \(request.distributionColumn) is not one of the \(columns) columns",
                "give a zero-based place below \(columns)")
        }
        _ = try TableRequestCheck.columns(request)
        guard Set(request.columns).count == request.columns.count else {
            throw invalid("two columns have the same name", "give each column a name of its own")
        }
    }

    public static func name(_ name: String, of kind: String) throws(MasterError) {
        let isWord = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isWord, (1...64).contains(name.utf8.count) else {
            throw invalid(
                "\"\(name)\" can't be the name of a \(kind)", "use 1 to 64 letters, digits, dashes and underscores")
        }
    }

    public static func label(_ label: String) throws(MasterError) {
        let isPrintable = label.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "/") }
        guard isPrintable, (1...128).contains(label.utf8.count) else {
            throw invalid(
                "\"\(label)\" can't be a load's label", "use 1 to 128 printable ASCII bytes without / and space")
        }
    }

    /// One byte; `\t` may be written out.
    public static func delimiter(_ text: String) throws(MasterError) -> UInt8 {
        if text == "\\t" { return UInt8(ascii: "\t") }
        guard let byte = text.utf8.first, text.utf8.count == 1, byte != UInt8(ascii: "\n"), byte < 128 else {
            throw invalid("a delimiter is one byte of ASCII that is not a newline", "give one such as , or | or \\t")
        }
        return byte
    }

    private static func range(_ value: Int, _ allowed: ClosedRange<Int>, _ what: String) throws(MasterError) {
        guard allowed.contains(value) else {
            throw invalid("\(value) \(what) are not possible", "give \(allowed.lowerBound) to \(allowed.upperBound)")
        }
    }

    private static func invalid(_ message: String, _ nextStep: String) -> MasterError {
        MasterError(.invalidArgument, message, nextStep: nextStep)
    }

    /// As a backend gets it: the first column is the key. A Doris BE wants a column also of rows without names.
    public static func schema(of table: Table, hash: SchemaHash) -> TabletSchema {
        TabletSchema(
            schemaHash: hash, columns: columns(of: table), delimiter: table.columns.isEmpty ? nil : table.delimiter)
    }

    /// Of the tablets that the table's alter fills. - Precondition: one runs.
    public static func schema(_ alter: TableAlter, of table: Table, hash: SchemaHash) -> TabletSchema {
        TabletSchema(schemaHash: hash, columns: columns(alter.columns), delimiter: table.delimiter)
    }

    public static func columns(of table: Table) -> [TabletSchema.Column] {
        columns(table.columns.isEmpty ? TableColumn.text(["row"]) : table.columns)
    }

    private static func columns(_ columns: [TableColumn]) -> [TabletSchema.Column] {
        columns.enumerated().map { place, column in
            TabletSchema.Column(
                name: column.name, type: column.type, isKey: place == 0, isNullable: column.isNullable,
                defaultValue: column.defaultValue, uniqueID: column.uniqueID)
        }
    }

    /// The columns of a new table. A name may bring its type: `delay:INT`.
    public static func columns(_ request: CreateTableRequest) throws(MasterError) -> [TableColumn] {
        var columns = TableColumn.text(request.columns)
        guard let types = request.columnTypes else { return columns }
        guard types.count == columns.count else {
            throw invalid("\(columns.count) columns have \(types.count) types", "give each column its type, or none")
        }
        for (place, name) in types.enumerated() { columns[place].type = try columnType(name) }
        return columns
    }

    /// Types that a field of text can be compared by.
    public static let columnTypes: [PrimitiveType] = [
        .boolean, .tinyInt, .smallInt, .int, .bigInt, .largeInt, .float, .double, .decimalV2, .date, .dateTime, .char,
        .varchar, .string,
    ]

    public static func columnType(_ name: String) throws(MasterError) -> PrimitiveType {
        guard let type = PrimitiveType(name: name), columnTypes.contains(type) else {
            throw invalid(
                "\"\(name)\" is no type of a column",
                "use one of \(columnTypes.map(\.description).joined(separator: ", "))")
        }
        return type
    }

    /// Positive, and the same for the same names and types.
    public static func schemaHash(_ columns: [TableColumn]) -> SchemaHash {
        let texts = columns.map { $0.type == .varchar ? $0.name : "\($0.name)\u{1}\($0.type)" }
        let hash = crc32(Array(texts.joined(separator: "\u{0}").utf8))
        return SchemaHash(Int32(hash & 0x3fff_ffff) | 1)
    }
}
