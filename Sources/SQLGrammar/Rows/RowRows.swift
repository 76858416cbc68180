internal import AccessControl

extension StatementTable {
    static let rowRows: [StatementRow] = [
        StatementRow(
            "SELECT FROM", .rows, .databases(.read), leads: "SELECT … FROM",
            syntax: """
                SELECT {* | column [[AS] name], … | COUNT(*)} FROM [database.]name
                [WHERE column {= | != | < | <= | > | >=} value | column [NOT] IN (value, …) | column BETWEEN value AND value
                    | column IS [NOT] NULL [AND …]] [LIMIT n [OFFSET m]]
                """,
            summary:
                "Reads a table's rows, or counts them, in no order. This is all of query here: rows are neither joined, grouped "
                + "nor sorted.",
            example: "SELECT id, price AS p FROM sales.orders WHERE day >= '2024-01-01' AND price < 10 LIMIT 100",
            parse: { p throws(SQLSyntaxError) in try p.selection() }),
        StatementRow(
            "DELETE", .rows, .databases(.load), leads: "DELETE FROM",
            syntax: "DELETE FROM [database.]name WHERE column … value [AND …]",
            summary:
                "Deletes the rows for which all conditions hold (those of SELECT), and waits until no reader sees them any more.",
            example: "DELETE FROM sales.orders WHERE day < '2020-01-01' AND price IN (0, 1)",
            parse: { p throws(SQLSyntaxError) in
                let table = try p.tableName()
                if p.isAt("PARTITION") { throw p.notSupported("a table has one partition: leave PARTITION out") }
                if p.isAt("USING") { throw p.notSupported("rows are deleted by conditions of their own columns") }
                try p.expect("WHERE")
                return .delete(table, try p.conditions())
            }),
        StatementRow(
            "SHOW LOAD", .rows, .databases(.read), leads: "SHOW LOAD",
            syntax: "SHOW LOAD [FROM database] [WHERE LABEL = 'label'] [LIMIT n]",
            summary: "Lists loads and deletes that run or are still remembered, newest first.",
            example: "SHOW LOAD FROM sales WHERE LABEL = 'orders-2024' LIMIT 10",
            parse: { p throws(SQLSyntaxError) in
                let database = try p.fromDatabase()
                let filter = try p.filter("LABEL")
                if p.isAt("ORDER") { throw p.notSupported("the newest comes first") }
                return .showLoad(database: database, filter, try p.limit())
            }),
        StatementRow(
            "CANCEL LOAD", .rows, .databases(.load), leads: "CANCEL LOAD",
            syntax: "CANCEL LOAD [FROM database] WHERE LABEL = 'label'",
            summary: "Ends a load that is not committed; nothing of it is seen.",
            example: "CANCEL LOAD FROM sales WHERE LABEL = 'orders-2024'",
            parse: { p throws(SQLSyntaxError) in
                let database = try p.fromDatabase()
                guard let filter = try p.filter("LABEL") else { throw p.unexpected() }
                return .cancelLoad(database: database, filter)
            }),
    ]
}
