extension StatementTable {
    static let preparedRows: [StatementRow] = [
        StatementRow(
            "PREPARE", .connection, .anyone, leads: "PREPARE",
            syntax: "PREPARE name FROM {'statement' | @variable}",
            summary: "Keeps a statement, with ? where values come, for EXECUTE.",
            example: "PREPARE one FROM 'SELECT * FROM sales.orders WHERE id = ?'",
            parse: { p throws(SQLSyntaxError) in
                let name = try p.name()
                try p.expect("FROM")
                if case .variable(.user, let variable)? = try p.variable() {
                    return .prepare(name, .variable(variable))
                }
                return .prepare(name, .text(SQLSecret(try p.text("a statement between quotes"))))
            }),
        StatementRow(
            "EXECUTE", .connection, .anyone, leads: "EXECUTE",
            syntax: "EXECUTE name [USING @variable, …]", summary: "Runs a prepared statement.",
            example: "EXECUTE one USING @id",
            parse: { p throws(SQLSyntaxError) in
                let name = try p.name()
                guard p.take("USING") else { return .execute(name, using: []) }
                return .execute(
                    name,
                    using: try p.list { p throws(SQLSyntaxError) in
                        guard case .variable(.user, let variable)? = try p.variable() else { throw p.unexpected() }
                        return variable
                    })
            }),
        StatementRow(
            "DEALLOCATE PREPARE", .connection, .anyone, leads: "DEALLOCATE PREPARE", "DROP PREPARE",
            syntax: "{DEALLOCATE | DROP} PREPARE name", summary: "Forgets a prepared statement.",
            example: "DEALLOCATE PREPARE one",
            parse: { p throws(SQLSyntaxError) in .deallocate(try p.name()) }),
    ]
}
