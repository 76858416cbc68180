extension StatementTable {
    static let sessionRows: [StatementRow] = [
        StatementRow(
            "SELECT", .connection, .anyone, leads: "SELECT",
            syntax: "SELECT {value | @@variable | @variable | function(…)} [[AS] name] [, …] [LIMIT n]",
            summary:
                "Shows values without a table, as clients ask at connect: DATABASE(), USER(), CURRENT_USER(), VERSION(), "
                + "CONNECTION_ID(), NOW(), CONCAT(…) and variables.",
            example: "SELECT @@version_comment, DATABASE(), CONNECTION_ID() LIMIT 1",
            parse: { p throws(SQLSyntaxError) in try p.values() }),
        StatementRow(
            "BEGIN", .connection, .anyone, leads: "BEGIN", "START TRANSACTION",
            syntax: "{BEGIN | START TRANSACTION}", summary: "Changes nothing: every statement stands alone.",
            example: "BEGIN",
            parse: { p throws(SQLSyntaxError) in
                while !p.isAtEnd, !p.isAt(mark: ";") {
                    guard
                        p.take("WORK") || p.take("WITH", "CONSISTENT", "SNAPSHOT") || p.take("READ", "ONLY")
                            || p.take("READ", "WRITE") || p.take(mark: ",")
                    else { throw p.unexpected() }
                }
                return .transaction(.begin)
            }),
        StatementRow(
            "COMMIT", .connection, .anyone, leads: "COMMIT",
            syntax: "COMMIT", summary: "Changes nothing: what was answered is durable.", example: "COMMIT",
            parse: { p throws(SQLSyntaxError) in
                _ = p.take("WORK")
                return .transaction(.commit)
            }),
        StatementRow(
            "ROLLBACK", .connection, .anyone, leads: "ROLLBACK",
            syntax: "ROLLBACK", summary: "Changes nothing: every statement stands alone.", example: "ROLLBACK",
            parse: { p throws(SQLSyntaxError) in
                _ = p.take("WORK")
                return .transaction(.rollback)
            }),
        StatementRow(
            "SHOW PROCESSLIST", .connection, .anyone, leads: "SHOW PROCESSLIST", "SHOW FULL PROCESSLIST",
            syntax: "SHOW [FULL] PROCESSLIST",
            summary: "Lists connections to this FE and what they do: one's own, or all with ADMIN on all databases.",
            example: "SHOW FULL PROCESSLIST",
            parse: { p throws(SQLSyntaxError) in .showProcessList(isFull: p.text.isWord(p.ahead(-2), "FULL")) }),
        StatementRow(
            "KILL", .connection, .anyone, leads: "KILL",
            syntax: "KILL [CONNECTION | QUERY] id",
            summary: "Ends a connection, or what it does: one's own, or any with ADMIN on all databases.",
            example: "KILL QUERY 12",
            parse: { p throws(SQLSyntaxError) in
                let isQuery = p.take("QUERY")
                if !isQuery { _ = p.take("CONNECTION") }
                return .kill(try p.count("a connection's id"), isQuery: isQuery)
            }),
        StatementRow(
            "HELP", .connection, .anyone, leads: "HELP",
            syntax: "HELP ['topic']", summary: "Shows the statements there are, or how one is written.",
            example: "HELP 'CREATE TABLE'",
            parse: { p throws(SQLSyntaxError) in
                if p.token.kind == .text { return .help(try p.text()) }
                var words: [String] = []
                while !p.isAtEnd, !p.isAt(mark: ";") {
                    words.append(p.text.string(p.token))
                    p.advance()
                }
                return .help(words.joined(separator: " "))
            }),
    ]
}
