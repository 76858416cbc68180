internal import HTTPAPI
internal import SQLGrammar
internal import SQLSessions

/// Tables and columns, as MySQL's clients read them.
enum CatalogTables {
    static func tables(_ tables: [TableView], of database: String, isFull: Bool) -> ResultTable {
        guard isFull else { return ResultTable(["Tables_in_\(database)"], tables.map { [$0.name.table] }) }
        return ResultTable(
            ["Tables_in_\(database)", "Table_type", "Storage_format"],
            tables.map { [$0.name.table, "BASE TABLE", "V2"] })
    }

    static func status(_ tables: [TableView]) -> ResultTable {
        ResultTable(
            [
                "Name", "Engine", "Version", "Row_format", "Rows", "Avg_row_length", "Data_length", "Max_data_length",
                "Index_length", "Data_free", "Auto_increment", "Create_time", "Update_time", "Check_time", "Collation",
                "Checksum", "Create_options", "Comment",
            ],
            tables.map { table in
                let bytes = table.localBytes.addingReportingOverflow(table.remoteBytes).partialValue
                return [
                    table.name.table, "Doris", nil, nil, "\(table.rowCount)",
                    "\(table.rowCount > 0 ? bytes / table.rowCount : 0)", "\(bytes)", nil, nil, nil, nil, nil, nil, nil,
                    "utf-8", nil, nil, "",
                ]
            })
    }

    static func columns(_ table: TableView, isFull: Bool, _ filter: SQLFilter?) -> ResultTable {
        let names = table.columns.isEmpty ? ["row"] : table.columns
        let rows: [[String?]] = names.enumerated().compactMap { place, name in
            guard filter?.holds(for: name) ?? true else { return nil }
            let type = ColumnTypes.shown(table.columnTypes?[place] ?? "VARCHAR")
            let (null, key) = (DorisTexts.yes(place != 0), DorisTexts.bool(place == 0))
            return isFull
                ? [name, type, "", null, key, nil, "", "", ""] : [name, type, null, key, nil, place == 0 ? "" : "NONE"]
        }
        return ResultTable(
            isFull
                ? ["Field", "Type", "Collation", "Null", "Key", "Default", "Extra", "Privileges", "Comment"]
                : ["Field", "Type", "Null", "Key", "Default", "Extra"], rows)
    }

    static let noIndexes = ResultTable([
        "Table", "Non_unique", "Key_name", "Seq_in_index", "Column_name", "Collation", "Cardinality", "Sub_part",
        "Packed", "Null", "Index_type", "Comment", "Properties",
    ])
}

/// SHOW CREATE TABLE.
enum CreateTableText {
    static func text(_ table: TableView) -> String {
        let names = table.columns.isEmpty ? ["row"] : table.columns
        let columns = names.enumerated().map { place, name in
            "  \(name.quotedAsSQLName) \(ColumnTypes.shown(table.columnTypes?[place] ?? "VARCHAR"))"
                + (place == 0 ? " NOT NULL" : " NULL")
        }
        var properties = [("replication_num", "\(table.replicationNum)"), ("delimiter", table.delimiter)]
        if table.hasHeader { properties.append(("has_header", "true")) }
        if let cluster = table.cluster { properties.append(("cluster", cluster)) }
        if let policy = table.storagePolicy { properties.append(("storage_policy", policy)) }
        let distribution = names[min(max(Int(table.distributionColumn), 0), names.count - 1)]
        return """
            CREATE TABLE \(table.name.table.quotedAsSQLName) (
            \(columns.joined(separator: ",\n"))
            ) ENGINE=OLAP
            DUPLICATE KEY(\(names[0].quotedAsSQLName))
            DISTRIBUTED BY HASH(\(distribution.quotedAsSQLName)) BUCKETS \(table.buckets)
            PROPERTIES (
            \(properties.map { "\($0.quotedAsSQLText("\"")) = \($1.quotedAsSQLText("\""))" }.joined(separator: ",\n"))
            );
            """
    }
}
