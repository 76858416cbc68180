internal import AccessControl

extension StatementTable {
    static let tableShowRows: [StatementRow] = [
        StatementRow(
            "SHOW TABLES", .tables, .databases(.read), leads: "SHOW TABLES", "SHOW FULL TABLES",
            syntax: "SHOW [FULL] TABLES [FROM database] [LIKE 'pattern']", summary: "Lists the tables of a database.",
            example: "SHOW FULL TABLES FROM sales LIKE 'o%'",
            parse: { p throws(SQLSyntaxError) in
                let isFull = p.text.isWord(p.ahead(-2), "FULL")
                let database = try p.fromDatabase()
                return .showTables(database: database, isFull: isFull, try p.filter("TABLE_NAME", "NAME"))
            }),
        StatementRow(
            "SHOW TABLE STATUS", .tables, .databases(.read), leads: "SHOW TABLE STATUS",
            syntax: "SHOW TABLE STATUS [FROM database] [LIKE 'pattern']",
            summary: "Lists the tables of a database with their rows and sizes.",
            example: "SHOW TABLE STATUS FROM sales LIKE 'o%'",
            parse: { p throws(SQLSyntaxError) in
                let database = try p.fromDatabase()
                return .showTableStatus(database: database, try p.filter("NAME"))
            }),
        StatementRow(
            "SHOW CREATE TABLE", .tables, .databases(.read), leads: "SHOW CREATE TABLE",
            syntax: "SHOW CREATE TABLE [database.]name", summary: "Shows the statement that makes such a table.",
            example: "SHOW CREATE TABLE sales.orders",
            parse: { p throws(SQLSyntaxError) in .showCreateTable(try p.tableName()) }),
        StatementRow(
            "DESCRIBE", .tables, .databases(.read), leads: "DESC", "DESCRIBE", "EXPLAIN",
            syntax: "{DESC | DESCRIBE} [database.]name", summary: "Shows a table's columns.",
            example: "DESC sales.orders",
            parse: { p throws(SQLSyntaxError) in
                if p.isAt("SELECT") || p.isAt("VERBOSE") { throw p.notSupported("there are no plans here to explain") }
                let table = try p.tableName()
                _ = p.take("ALL")
                return .describe(table)
            }),
        StatementRow(
            "SHOW COLUMNS", .tables, .databases(.read), leads: "SHOW COLUMNS", "SHOW FIELDS", "SHOW FULL COLUMNS",
            "SHOW FULL FIELDS",
            syntax: "SHOW [FULL] COLUMNS FROM [database.]name [FROM database] [LIKE 'pattern']",
            summary: "Shows a table's columns.", example: "SHOW FULL COLUMNS FROM sales.orders LIKE 'p%'",
            parse: { p throws(SQLSyntaxError) in
                let isFull = p.text.isWord(p.ahead(-2), "FULL")
                let table = try p.tableAfterFrom()
                return .showColumns(table, isFull: isFull, try p.filter("FIELD"))
            }),
        StatementRow(
            "SHOW INDEX", .tables, .databases(.read), leads: "SHOW INDEX", "SHOW INDEXES", "SHOW KEYS",
            syntax: "SHOW {INDEX | KEYS} FROM [database.]name [FROM database]",
            summary: "Lists a table's indexes, of which there are none: clients ask.",
            example: "SHOW INDEX FROM sales.orders",
            parse: { p throws(SQLSyntaxError) in .showIndex(try p.tableAfterFrom()) }),
        StatementRow(
            "SHOW PARTITIONS", .tables, .databases(.read), leads: "SHOW PARTITIONS",
            syntax: "SHOW PARTITIONS FROM [database.]name", summary: "Shows a table's only partition.",
            example: "SHOW PARTITIONS FROM sales.orders",
            parse: { p throws(SQLSyntaxError) in .showPartitions(try p.tableAfterFrom()) }),
        StatementRow(
            "SHOW TABLETS", .tables, .databases(.read), leads: "SHOW TABLETS",
            syntax: "SHOW TABLETS FROM [database.]name [LIMIT n]",
            summary: "Lists the replicas of a table's tablets.", example: "SHOW TABLETS FROM sales.orders LIMIT 10",
            parse: { p throws(SQLSyntaxError) in
                let table = try p.tableAfterFrom()
                if p.isAt("WHERE") || p.isAt("ORDER") || p.isAt("PARTITION") || p.isAt("PARTITIONS") {
                    throw p.notSupported("tablets are listed in their order: LIMIT is all that can be asked")
                }
                return .showTablets(table, try p.limit())
            }),
        StatementRow(
            "SHOW TABLET", .tables, .cluster(.read), leads: "SHOW TABLET",
            syntax: "SHOW TABLET id",
            summary: "Tells which table a tablet belongs to, and where its replicas are listed.",
            example: "SHOW TABLET 10086",
            parse: { p throws(SQLSyntaxError) in .showTablet(try p.count("a tablet's id")) }),
        StatementRow(
            "SHOW DATA", .tables, .databases(.read), leads: "SHOW DATA",
            syntax: "SHOW DATA [FROM [database.]name]",
            summary: "Shows sizes, replicas and rows: of the tables of the current database, or of one table.",
            example: "SHOW DATA FROM sales.orders",
            parse: { p throws(SQLSyntaxError) in .showData(p.take("FROM") ? try p.tableName() : nil) }),
        StatementRow(
            "SHOW ALTER TABLE COLUMN", .tables, .databases(.read), leads: "SHOW ALTER TABLE",
            syntax: "SHOW ALTER TABLE COLUMN [FROM database] [LIMIT n]",
            summary: "Lists changes of columns that run or ended not long ago.",
            example: "SHOW ALTER TABLE COLUMN FROM sales LIMIT 5",
            parse: { p throws(SQLSyntaxError) in
                if p.isAt("ROLLUP") { throw p.notSupported("there are no rollups: SHOW ALTER TABLE COLUMN") }
                try p.expect("COLUMN")
                let database = try p.fromDatabase()
                return .showAlterTable(database: database, try p.limit())
            }),
    ]
}

extension SQLParser {
    /// `FROM table [FROM database]`.
    mutating func tableAfterFrom() throws(SQLSyntaxError) -> SQLTableName {
        guard take("FROM") || take("IN") else { throw unexpected() }
        var table = try tableName()
        if let database = try fromDatabase() { table.database = database }
        return table
    }
}
