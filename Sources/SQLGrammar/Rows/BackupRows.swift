internal import AccessControl

extension StatementTable {
    static let backupRows: [StatementRow] = [
        StatementRow(
            "BACKUP SNAPSHOT", .storage, .databases(.admin), leads: "BACKUP SNAPSHOT",
            syntax: "BACKUP SNAPSHOT [database.]label TO resource ON (table) [PROPERTIES (\"prefix\" = \"backups\")]",
            summary:
                "Begins a backup of a table to the bucket of a storage resource, below a prefix: SHOW BACKUP tells how far it is.",
            example: "BACKUP SNAPSHOT sales.monday TO cold ON (orders)",
            parse: { p throws(SQLSyntaxError) in .backup(try p.snapshot("TO")) }),
        StatementRow(
            "RESTORE SNAPSHOT", .storage, .databases(.admin), leads: "RESTORE SNAPSHOT",
            syntax: """
                RESTORE SNAPSHOT [database.]label FROM resource ON (table [AS new_name])
                [PROPERTIES ("prefix" = "backups", "replication_num" = "3", "replace" = "false")]
                """,
            summary:
                "Begins a restore of a backup's table: SHOW RESTORE tells how far it is. The table is there, whole, at its end; "
                + "with \"replace\" it takes the place of the one of that name.",
            example: "RESTORE SNAPSHOT sales.monday FROM cold ON (orders AS orders_of_monday)",
            parse: { p throws(SQLSyntaxError) in .restore(try p.snapshot("FROM")) }),
        StatementRow(
            "SHOW BACKUP", .storage, .databases(.read), leads: "SHOW BACKUP",
            syntax: "SHOW BACKUP [FROM database] [WHERE SnapshotName = 'label' | LIKE 'pattern']",
            summary: "Lists backups that run or ended not long ago.", example: "SHOW BACKUP FROM sales",
            parse: { p throws(SQLSyntaxError) in
                let database = try p.fromDatabase()
                return .showBackup(database: database, try p.filter("SNAPSHOTNAME", "LABEL"))
            }),
        StatementRow(
            "SHOW RESTORE", .storage, .databases(.read), leads: "SHOW RESTORE",
            syntax: "SHOW RESTORE [FROM database] [WHERE Label = 'label' | LIKE 'pattern']",
            summary: "Lists restores that run or ended not long ago.", example: "SHOW RESTORE FROM sales",
            parse: { p throws(SQLSyntaxError) in
                let database = try p.fromDatabase()
                return .showRestore(database: database, try p.filter("LABEL", "SNAPSHOTNAME"))
            }),
        StatementRow(
            "CANCEL BACKUP", .storage, .databases(.admin), leads: "CANCEL BACKUP",
            syntax: "CANCEL BACKUP [FROM database]", summary: "Ends the backups of a database that run.",
            example: "CANCEL BACKUP FROM sales",
            parse: { p throws(SQLSyntaxError) in .cancelBackup(database: try p.fromDatabase()) }),
        StatementRow(
            "CANCEL RESTORE", .storage, .databases(.admin), leads: "CANCEL RESTORE",
            syntax: "CANCEL RESTORE [FROM database]",
            summary: "Ends the restores into a database that run; nothing of them is left.",
            example: "CANCEL RESTORE FROM sales",
            parse: { p throws(SQLSyntaxError) in .cancelRestore(database: try p.fromDatabase()) }),
    ]
}

extension SQLParser {
    /// `[database.]label TO resource ON (…) [PROPERTIES (…)]`.
    fileprivate mutating func snapshot(_ direction: StaticString) throws(SQLSyntaxError) -> SnapshotRequest {
        let name = try tableName()
        guard take(direction) else { throw unexpected() }
        let repository = try nameOrText("the name of a storage resource")
        guard take("ON") else {
            throw isAt("EXCLUDE") ? notSupported("tables are named one by one: ON (table)") : unexpected()
        }
        let isRestore = "\(direction)" == "FROM"
        let tables = try parenthesized { p throws(SQLSyntaxError) in
            let table = try p.name("the name of a table")
            if p.isAt("PARTITION") { throw p.notSupported("a table has one partition: leave PARTITION out") }
            return SnapshotTable(
                table: table, newName: isRestore && p.take("AS") ? try p.name("the table's new name") : nil)
        }
        return SnapshotRequest(
            snapshot: SnapshotName(database: name.database, label: name.table), repository: repository, tables: tables,
            properties: try properties())
    }
}
