extension StatementTable {
    static let serverShowRows: [StatementRow] = [
        StatementRow(
            "SHOW STATUS", .connection, .anyone, leads: "SHOW STATUS", "SHOW SESSION STATUS", "SHOW GLOBAL STATUS",
            syntax: "SHOW [GLOBAL | SESSION] STATUS [LIKE 'pattern']",
            summary: "Shows what MySQL's clients read of a server's status.", example: "SHOW STATUS LIKE 'Ssl_%'",
            parse: { p throws(SQLSyntaxError) in .showStatus(try p.filter("VARIABLE_NAME")) }),
        StatementRow(
            "SHOW WARNINGS", .connection, .anyone, leads: "SHOW WARNINGS", "SHOW ERRORS",
            syntax: "SHOW {WARNINGS | ERRORS} [LIMIT n]",
            summary: "Shows the error of the statement before, if it had one.",
            example: "SHOW WARNINGS",
            parse: { p throws(SQLSyntaxError) in
                _ = try p.limit()
                return .showWarnings
            }),
        StatementRow(
            "SHOW COUNT(*) WARNINGS", .connection, .anyone, leads: "SHOW COUNT",
            syntax: "SHOW COUNT(*) {WARNINGS | ERRORS}", summary: "Counts what SHOW WARNINGS shows.",
            example: "SHOW COUNT(*) WARNINGS",
            parse: { p throws(SQLSyntaxError) in
                try p.expect(mark: "(")
                try p.expect(mark: "*")
                try p.expect(mark: ")")
                guard p.take("WARNINGS") || p.take("ERRORS") else { throw p.unexpected() }
                return .showCountOfWarnings
            }),
        StatementRow(
            "SHOW ENGINES", .connection, .anyone, leads: "SHOW ENGINES", "SHOW STORAGE ENGINES",
            syntax: "SHOW ENGINES", summary: "Lists the engine.", example: "SHOW ENGINES",
            parse: { _ in .showEngines }),
        StatementRow(
            "SHOW COLLATION", .connection, .anyone, leads: "SHOW COLLATION",
            syntax: "SHOW COLLATION [LIKE 'pattern']", summary: "Lists collations that clients may name.",
            example: "SHOW COLLATION LIKE 'utf8mb4%'",
            parse: { p throws(SQLSyntaxError) in .showCollation(try p.filter("COLLATION", "CHARSET")) }),
        StatementRow(
            "SHOW CHARACTER SET", .connection, .anyone, leads: "SHOW CHARACTER SET", "SHOW CHARSET",
            syntax: "SHOW CHARACTER SET [LIKE 'pattern']", summary: "Lists character sets that clients may name.",
            example: "SHOW CHARACTER SET",
            parse: { p throws(SQLSyntaxError) in .showCharacterSet(try p.filter("CHARSET")) }),
    ]
}
