internal import AccessControl

extension StatementTable {
    static let adminRows: [StatementRow] = [
        StatementRow(
            "ADMIN SHOW REPLICA STATUS", .administration, .databases(.admin), leads: "ADMIN SHOW REPLICA STATUS",
            "SHOW REPLICA STATUS",
            syntax: """
                ADMIN SHOW REPLICA STATUS FROM [database.]table
                [WHERE STATUS {= | !=} 'OK | DEAD | VERSION_ERROR | SCHEMA_ERROR | MISSING | BAD']
                """,
            summary: "Lists a table's replicas and what is wrong with each.",
            example: "ADMIN SHOW REPLICA STATUS FROM sales.orders WHERE STATUS != 'OK'",
            parse: { p throws(SQLSyntaxError) in
                let table = try p.tableAfterFrom()
                return .showReplicaStatus(table, try p.replicaFilter())
            }),
        StatementRow(
            "ADMIN SHOW REPLICA DISTRIBUTION", .administration, .databases(.admin),
            leads: "ADMIN SHOW REPLICA DISTRIBUTION", "SHOW REPLICA DISTRIBUTION",
            syntax: "ADMIN SHOW REPLICA DISTRIBUTION FROM [database.]table",
            summary: "Shows how a table's replicas and bytes spread over the backends.",
            example: "ADMIN SHOW REPLICA DISTRIBUTION FROM sales.orders",
            parse: { p throws(SQLSyntaxError) in .showReplicaDistribution(try p.tableAfterFrom()) }),
        StatementRow(
            "ADMIN REPAIR TABLE", .administration, .databases(.admin), leads: "ADMIN REPAIR TABLE", "REPAIR TABLE",
            syntax: "ADMIN REPAIR TABLE [database.]table",
            summary: "Looks at a table's tablets now, and repairs those in need before others.",
            example: "ADMIN REPAIR TABLE sales.orders",
            parse: { p throws(SQLSyntaxError) in .repairTable(try p.repairedTable()) }),
        StatementRow(
            "ADMIN CANCEL REPAIR TABLE", .administration, .databases(.admin), leads: "ADMIN CANCEL REPAIR TABLE",
            "CANCEL REPAIR TABLE",
            syntax: "ADMIN CANCEL REPAIR TABLE [database.]table",
            summary: "Takes the preference of ADMIN REPAIR TABLE back; what needs repair is still repaired.",
            example: "ADMIN CANCEL REPAIR TABLE sales.orders",
            parse: { p throws(SQLSyntaxError) in .cancelRepairTable(try p.repairedTable()) }),
        StatementRow(
            "ADMIN CHECK TABLET", .administration, .cluster(.admin), leads: "ADMIN CHECK TABLET", "ADMIN CHECK TABLETS",
            "CHECK TABLET", "CHECK TABLETS",
            syntax: "ADMIN CHECK TABLET (id, …) PROPERTIES (\"type\" = \"consistency\")",
            summary: "Compares the rows of tablets' replicas by their checksums, in the background.",
            example: "ADMIN CHECK TABLET (10000, 10001) PROPERTIES (\"type\" = \"consistency\")",
            parse: { p throws(SQLSyntaxError) in
                let ids = try p.parenthesized { p throws(SQLSyntaxError) in try p.count("a tablet's id") }
                return .checkTablets(ids, try p.properties())
            }),
        StatementRow(
            "ADMIN SET REPLICA STATUS", .administration, .cluster(.admin), leads: "ADMIN SET REPLICA STATUS",
            "SET REPLICA STATUS",
            syntax: """
                ADMIN SET REPLICA STATUS
                PROPERTIES ("tablet_id" = "…", "backend_id" = "…", "status" = "{bad | ok}")
                """,
            summary:
                "Calls a replica bad, so that it is replaced as soon as another one has all rows, or takes that back.",
            example:
                "ADMIN SET REPLICA STATUS PROPERTIES (\"tablet_id\" = \"10003\", \"backend_id\" = \"10001\", "
                + "\"status\" = \"bad\")",
            parse: { p throws(SQLSyntaxError) in .setReplicaStatus(try p.requiredProperties()) }),
        StatementRow(
            "ADMIN CLEAN TRASH", .administration, .cluster(.admin), leads: "ADMIN CLEAN TRASH", "CLEAN TRASH",
            syntax: "ADMIN CLEAN TRASH [ON (\"host:heartbeat_port\", …)]",
            summary: "Has backends remove the files of dropped tablets now.",
            example: "ADMIN CLEAN TRASH ON (\"10.0.0.1:9050\")",
            parse: { p throws(SQLSyntaxError) in
                guard p.take("ON") else { return .cleanTrash([]) }
                return .cleanTrash(try p.parenthesized { p throws(SQLSyntaxError) in try p.address() })
            }),
    ]

    static let adminConfigRows: [StatementRow] = [
        StatementRow(
            "ADMIN SHOW FRONTEND CONFIG", .administration, .cluster(.admin), leads: "ADMIN SHOW FRONTEND CONFIG",
            "SHOW FRONTEND CONFIG",
            syntax: "ADMIN SHOW FRONTEND CONFIG [LIKE 'pattern']",
            summary: "Lists the configuration of the FE one is connected to; secrets are ******.",
            example: "ADMIN SHOW FRONTEND CONFIG LIKE '%heartbeat%'",
            parse: { p throws(SQLSyntaxError) in .showFrontendConfig(try p.filter("KEY")) }),
        StatementRow(
            "ADMIN SET FRONTEND CONFIG", .administration, .cluster(.admin), leads: "ADMIN SET FRONTEND CONFIG",
            "SET FRONTEND CONFIG",
            syntax: "ADMIN SET FRONTEND CONFIG (\"key\" = \"value\") [PERSIST]",
            summary:
                "Changes a key of the FE one is connected to that may change while it runs; with PERSIST it stays so after a "
                + "restart.",
            example: "ADMIN SET FRONTEND CONFIG (\"disable_balance\" = \"true\") PERSIST",
            parse: { p throws(SQLSyntaxError) in
                let properties = try p.propertyList()
                if p.isAt("ALL") { throw p.notSupported("the FE that is asked is the one that changes") }
                return .setFrontendConfig(properties, isPersisted: p.take("PERSIST"))
            }),
    ]
}

extension SQLParser {
    fileprivate mutating func repairedTable() throws(SQLSyntaxError) -> SQLTableName {
        let table = try tableName()
        if isAt("PARTITION") || isAt("PARTITIONS") {
            throw notSupported("a table has one partition: leave PARTITION out")
        }
        return table
    }

    fileprivate mutating func replicaFilter() throws(SQLSyntaxError) -> ReplicaFilter? {
        guard take("WHERE") else { return nil }
        try expect("STATUS")
        let isNegated = take(mark: "!=") || take(mark: "<>")
        if !isNegated { try expect(mark: "=") }
        let known: Set<String> = ["OK", "DEAD", "VERSION_ERROR", "SCHEMA_ERROR", "MISSING", "BAD"]
        let start = place
        let status = try text().uppercased()
        guard known.contains(status) else {
            throw error("a status is one of \(known.sorted().joined(separator: ", "))", at: start)
        }
        return ReplicaFilter(status: status, isNegated: isNegated)
    }
}
