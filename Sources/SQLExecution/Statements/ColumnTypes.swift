internal import MasterServices
internal import SQLGrammar
internal import SQLSessions
internal import TabletModel

/// Types of columns, as statements write them and as they are kept: the kind of value by which a column is compared.
enum ColumnTypes {
    private static let others: [String: String] = [
        "INTEGER": "INT", "BOOL": "BOOLEAN", "TEXT": "STRING", "DECIMAL": "DECIMALV2", "DECIMALV3": "DECIMALV2",
        "NUMERIC": "DECIMALV2", "DATEV2": "DATE", "DATETIMEV2": "DATETIME", "TIMESTAMP": "DATETIME", "REAL": "DOUBLE",
    ]

    /// The name that the master takes.
    static func kept(_ type: SQLType) throws(SQLError) -> String {
        let name = others[type.name] ?? type.name
        guard let known = PrimitiveType(name: name), TableRequestCheck.columnTypes.contains(known) else {
            throw .notSupported(
                "there are no columns of type \(type); there are "
                    + TableRequestCheck.columnTypes.map { shown("\($0)") }.joined(separator: ", "))
        }
        return name
    }

    /// As a statement writes a kept type.
    static func shown(_ kept: String) -> String {
        switch kept {
        case "DECIMALV2": "DECIMAL(27, 9)"
        case "VARCHAR": "VARCHAR(65533)"
        case "CHAR": "CHAR(255)"
        default: kept
        }
    }

    static func kind(_ kept: String) -> SQLColumn.Kind {
        switch kept {
        case "TINYINT", "SMALLINT", "INT", "BIGINT", "LARGEINT", "BOOLEAN": .integer
        case "FLOAT", "DOUBLE": .double
        case "DECIMALV2": .decimal
        case "DATE": .date
        case "DATETIME": .dateTime
        default: .text
        }
    }
}
