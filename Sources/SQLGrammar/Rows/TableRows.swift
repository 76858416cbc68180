internal import AccessControl

extension StatementTable {
    static let tableRows: [StatementRow] = [
        StatementRow(
            "CREATE TABLE", .tables, .databases(.admin), leads: "CREATE TABLE",
            syntax: """
                CREATE TABLE [IF NOT EXISTS] [database.]name (
                    column type [NULL | NOT NULL] [DEFAULT value] [COMMENT 'text'] [, …]
                ) [ENGINE = OLAP] [DUPLICATE KEY (column, …)] [COMMENT 'text']
                DISTRIBUTED BY HASH (column) [BUCKETS n]
                [PROPERTIES ("replication_num" = "3", "storage_policy" = "…", "delimiter" = ",", "has_header" = "false")]
                """,
            summary:
                "Makes a table and waits until its replicas are there. Rows are lines of delimited fields and are kept as they "
                + "were loaded, duplicates too; the hash of one column chooses a row's bucket. A table has one partition, which "
                + "has its name. Types say how a column is compared; NOT NULL, DEFAULT, lengths and digits are read and not kept.",
            example:
                "CREATE TABLE sales.orders (id BIGINT NOT NULL, day DATE, price DECIMAL(9, 2) DEFAULT '0', note VARCHAR(200)) "
                + "DUPLICATE KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 16 PROPERTIES (\"replication_num\" = \"3\")",
            parse: { p throws(SQLSyntaxError) in .createTable(try p.tableDefinition()) }),
        StatementRow(
            "DROP TABLE", .tables, .databases(.admin), leads: "DROP TABLE",
            syntax: "DROP TABLE [IF EXISTS] [database.]name [FORCE]",
            summary: "Drops a table with its rows, on disks and in buckets. Nothing brings it back but a backup.",
            example: "DROP TABLE IF EXISTS sales.orders",
            parse: { p throws(SQLSyntaxError) in
                let ifExists = try p.ifExists()
                let table = try p.tableName()
                if p.isAt(mark: ",") { throw p.notSupported("one table at a time") }
                _ = p.take("FORCE")
                return .dropTable(table, ifExists: ifExists)
            }),
        StatementRow(
            "TRUNCATE TABLE", .tables, .databases(.admin), leads: "TRUNCATE", "TRUNCATE TABLE",
            syntax: "TRUNCATE TABLE [database.]name",
            summary: "Makes the table anew, without rows: columns, buckets, replicas and policy stay as they are.",
            example: "TRUNCATE TABLE sales.orders",
            parse: { p throws(SQLSyntaxError) in
                let table = try p.tableName()
                if p.isAt("PARTITION") || p.isAt("PARTITIONS") {
                    throw p.notSupported("a table has one partition: truncate the table")
                }
                _ = p.take("FORCE")
                return .truncateTable(table)
            }),
        StatementRow(
            "ALTER TABLE SET", .tables, .databases(.admin), leads: "ALTER TABLE * SET",
            syntax: "ALTER TABLE [database.]name SET (\"storage_policy\" = \"policy\")",
            summary: "Has the table's rows cool by a storage policy from now on; \"\" takes the policy off.",
            example: "ALTER TABLE sales.orders SET (\"storage_policy\" = \"cool_after_a_day\")",
            parse: { p throws(SQLSyntaxError) in .alterTable(p.leadNames[0], [.set(try p.propertyList())]) }),
        StatementRow(
            "ALTER TABLE ADD COLUMN", .tables, .databases(.admin), leads: "ALTER TABLE * ADD",
            syntax: "ALTER TABLE [database.]name ADD COLUMN column type [DEFAULT value] [FIRST | AFTER column]",
            summary:
                "Adds a column. The rows are copied in the background: SHOW ALTER TABLE COLUMN tells how far it is.",
            example: "ALTER TABLE sales.orders ADD COLUMN tax DOUBLE DEFAULT \"0\" AFTER price",
            parse: { p throws(SQLSyntaxError) in
                if p.isAt("ROLLUP") || p.isAt("PARTITION") || p.isAt("INDEX") || p.isAt("TEMPORARY") {
                    throw p.notSupported("only columns are added here")
                }
                _ = p.take("COLUMN")
                let column = try p.columnDefinition()
                return .alterTable(p.leadNames[0], [.addColumn(column, try p.columnPlace())])
            }),
        StatementRow(
            "ALTER TABLE DROP COLUMN", .tables, .databases(.admin), leads: "ALTER TABLE * DROP",
            syntax: "ALTER TABLE [database.]name DROP COLUMN column",
            summary:
                "Drops a column. The rows are copied in the background: SHOW ALTER TABLE COLUMN tells how far it is.",
            example: "ALTER TABLE sales.orders DROP COLUMN note",
            parse: { p throws(SQLSyntaxError) in
                if p.isAt("ROLLUP") || p.isAt("PARTITION") || p.isAt("INDEX") {
                    throw p.notSupported("only columns are dropped here")
                }
                _ = p.take("COLUMN")
                return .alterTable(p.leadNames[0], [.dropColumn(try p.name("a column"))])
            }),
        StatementRow(
            "ALTER TABLE MODIFY COLUMN", .tables, .databases(.admin), leads: "ALTER TABLE * MODIFY",
            syntax: "ALTER TABLE [database.]name MODIFY COLUMN column type [FIRST | AFTER column]",
            summary: "Moves a column to another place. Its type must be the one it has.",
            example: "ALTER TABLE sales.orders MODIFY COLUMN day DATE AFTER price",
            parse: { p throws(SQLSyntaxError) in
                try p.expect("COLUMN")
                let column = try p.columnDefinition()
                return .alterTable(p.leadNames[0], [.modifyColumn(column, try p.columnPlace())])
            }),
        StatementRow(
            "ALTER TABLE ORDER BY", .tables, .databases(.admin), leads: "ALTER TABLE * ORDER",
            syntax: "ALTER TABLE [database.]name ORDER BY (column, …)",
            summary: "Puts the columns, all of which are named, in another order.",
            example: "ALTER TABLE sales.orders ORDER BY (id, price, day, note)",
            parse: { p throws(SQLSyntaxError) in
                try p.expect("BY")
                let columns = try p.parenthesized { p throws(SQLSyntaxError) in try p.name("a column") }
                return .alterTable(p.leadNames[0], [.orderColumns(columns)])
            }),
        StatementRow(
            "ALTER TABLE RENAME COLUMN", .tables, .databases(.admin), leads: "ALTER TABLE * RENAME",
            syntax: "ALTER TABLE [database.]name RENAME COLUMN column new_name", summary: "Renames a column, at once.",
            example: "ALTER TABLE sales.orders RENAME COLUMN note remark",
            parse: { p throws(SQLSyntaxError) in
                guard p.take("COLUMN") else { throw p.notSupported("only columns are renamed here: RENAME COLUMN") }
                let column = try p.name("a column")
                _ = p.take("TO")
                return .alterTable(p.leadNames[0], [.renameColumn(column, to: try p.name("the column's new name"))])
            }),
        StatementRow(
            "CANCEL ALTER TABLE", .tables, .databases(.admin), leads: "CANCEL ALTER TABLE",
            syntax: "CANCEL ALTER TABLE COLUMN FROM [database.]name",
            summary: "Ends a change of columns that runs; the columns stay as they are.",
            example: "CANCEL ALTER TABLE COLUMN FROM sales.orders",
            parse: { p throws(SQLSyntaxError) in
                try p.expect("COLUMN", "FROM")
                return .cancelAlterTable(try p.tableName())
            }),
    ]
}
