extension SQLParser {
    /// Behind CREATE TABLE.
    mutating func tableDefinition() throws(SQLSyntaxError) -> TableDefinition {
        let ifNotExists = try ifNotExists()
        var table = TableDefinition(
            name: try tableName(), ifNotExists: ifNotExists, columns: [], keyColumns: [], distributionColumn: nil,
            buckets: nil, properties: [])
        if isAt("LIKE") || isAt("AS") {
            throw notSupported("a table is made from its columns: CREATE TABLE name (column type, …) DISTRIBUTED BY …")
        }
        table.columns = try parenthesized { p throws(SQLSyntaxError) in
            if p.isAt("INDEX") && p.text.isWord(p.ahead(2), "USING") {
                throw p.notSupported("there are no indexes here")
            }
            return try p.columnDefinition()
        }
        while try option(of: &table) {}
        return table
    }

    /// One of what stands behind the columns, in any order, as long as there is one.
    private mutating func option(of table: inout TableDefinition) throws(SQLSyntaxError) -> Bool {
        let start = place
        if take("ENGINE") {
            _ = take(mark: "=")
            guard try name("an engine").uppercased() == "OLAP" else {
                throw notSupported("OLAP is the only engine", at: place - 1)
            }
        } else if isAt("UNIQUE") || isAt("AGGREGATE") || isAt("PRIMARY") {
            throw notSupported("rows are kept as they were loaded: DUPLICATE KEY is the only kind of key")
        } else if take("DUPLICATE") {
            guard table.keyColumns.isEmpty else { throw error("DUPLICATE KEY stands here twice", at: start) }
            try expect("KEY")
            table.keyColumns = try parenthesized { p throws(SQLSyntaxError) in try p.name("a column") }
        } else if take("COMMENT") {
            _ = take(mark: "=")
            _ = try text()
        } else if isAt("PARTITION") {
            throw notSupported("a table has one partition here")
        } else if isAt("ROLLUP") {
            throw notSupported("there are no rollups here")
        } else if take("DISTRIBUTED") {
            try distribution(of: &table, start)
        } else if isAt("PROPERTIES") {
            guard table.properties.isEmpty else { throw error("PROPERTIES stands here twice") }
            table.properties = try properties()
        } else {
            return false
        }
        return true
    }

    private mutating func distribution(of table: inout TableDefinition, _ start: Int) throws(SQLSyntaxError) {
        guard table.distributionColumn == nil else { throw error("DISTRIBUTED BY stands here twice", at: start) }
        try expect("BY")
        if isAt("RANDOM") {
            throw notSupported("rows are distributed by the hash of one column: DISTRIBUTED BY HASH (…)")
        }
        try expect("HASH")
        try expect(mark: "(")
        table.distributionColumn = try name("a column")
        if isAt(mark: ",") { throw notSupported("rows are distributed by the hash of one column") }
        try expect(mark: ")")
        guard take("BUCKETS") else { return }
        if !take("AUTO") { table.buckets = try count("a number of buckets") }
    }

    mutating func columnDefinition() throws(SQLSyntaxError) -> ColumnDefinition {
        var column = ColumnDefinition(
            name: try name("a column"), type: try type(), isNullable: true, defaultValue: nil, comment: nil)
        while true {
            if take("NOT") {
                try expect("NULL")
                column.isNullable = false
            } else if take("NULL") {
                column.isNullable = true
            } else if take("DEFAULT") {
                if isAt("CURRENT_TIMESTAMP") { throw notSupported("a default is a value: a text, a number or NULL") }
                column.defaultValue = try literal()
            } else if take("COMMENT") {
                column.comment = try text()
            } else if take("KEY") {
                // As Doris writes key columns of ALTER TABLE.
            } else if isAt("SUM") || isAt("MIN") || isAt("MAX") || isAt("REPLACE") || isAt("AUTO_INCREMENT") {
                throw notSupported("rows are kept as they were loaded: columns are neither aggregated nor counted up")
            } else {
                return column
            }
        }
    }

    private mutating func type() throws(SQLSyntaxError) -> SQLType {
        var type = SQLType(name: try name("a type").uppercased())
        if isAt(mark: "<") { throw notSupported("columns have plain types") }
        if isAt(mark: "(") {
            type.arguments = try parenthesized { p throws(SQLSyntaxError) in
                if p.take(mark: "*") { return Int64(65_533) }
                return try p.count("a length")
            }
        }
        if isAt("UNSIGNED") { throw notSupported("numbers have a sign") }
        return type
    }

    mutating func columnPlace() throws(SQLSyntaxError) -> TableChange.Place {
        if take("FIRST") { return .first }
        if take("AFTER") { return .after(try name("a column")) }
        return .atEnd
    }
}
