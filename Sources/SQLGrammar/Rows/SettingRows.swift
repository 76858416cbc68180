extension StatementTable {
    static let settingRows: [StatementRow] = [
        StatementRow(
            "SET NAMES", .connection, .anyone, leads: "SET NAMES", "SET CHARACTER SET", "SET CHARSET",
            syntax: "SET NAMES {charset | DEFAULT} [COLLATE collation]",
            summary: "Takes utf8, utf8mb3 and utf8mb4 (and others, whose bytes are UTF-8 all the same).",
            example: "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci",
            parse: { p throws(SQLSyntaxError) in
                if p.take("DEFAULT") { return .setNames(nil) }
                let charset = try p.nameOrText("a character set")
                if p.take("COLLATE") { _ = try p.nameOrText("a collation") }
                return .setNames(charset)
            }),
        StatementRow(
            "SET", .connection, .anyone, leads: "SET",
            syntax: "SET [SESSION] variable = value [, …]",
            summary: "Sets variables of the connection, as clients do: SHOW VARIABLES lists those that there are.",
            example: "SET SESSION autocommit = 1, sql_mode = 'STRICT_TRANS_TABLES', @label = 'a'",
            parse: { p throws(SQLSyntaxError) in
                for scope in ["SESSION", "LOCAL", "GLOBAL"] as [StaticString]
                where p.isAt(scope) && p.text.isWord(p.ahead(1), "TRANSACTION") {
                    p.advance()
                }
                if p.take("TRANSACTION") { return try p.transactionCharacteristics() }
                return .set(try p.list { p throws(SQLSyntaxError) in try p.assignment() })
            }),
        StatementRow(
            "SHOW VARIABLES", .connection, .anyone, leads: "SHOW VARIABLES", "SHOW SESSION VARIABLES",
            "SHOW GLOBAL VARIABLES",
            syntax: "SHOW [GLOBAL | SESSION] VARIABLES [LIKE 'pattern' | WHERE Variable_name = 'name']",
            summary: "Lists variables.", example: "SHOW VARIABLES LIKE 'character_set_%'",
            parse: { p throws(SQLSyntaxError) in
                let isGlobal = p.text.isWord(p.ahead(-2), "GLOBAL")
                return .showVariables(isGlobal: isGlobal, try p.filter("VARIABLE_NAME"))
            }),
    ]
}

extension SQLParser {
    fileprivate mutating func assignment() throws(SQLSyntaxError) -> SQLAssignment {
        let scope: SQLScope
        let variable: String
        if let known = try self.variable() {
            guard case .variable(let itsScope, let itsName) = known else { throw unexpected() }
            (scope, variable) = (itsScope, itsName)
        } else {
            if take("GLOBAL") || take("PERSIST") {
                scope = .global
            } else {
                scope = .session
                _ = take("SESSION") || take("LOCAL")
            }
            variable = try name("a variable").lowercased()
        }
        guard take(mark: "=") || take(mark: ":=") else { throw unexpected() }
        // ON, OFF, DEFAULT, utf8mb4: words are values here. ON is a reserved word elsewhere.
        if isAt("ON") {
            advance()
            return SQLAssignment(scope: scope, name: variable, value: .word("ON"))
        }
        let isCall = text.isMark(ahead(1), "(")
        if token.kind == .word, !isCall, isName(), !isAt("TRUE"), !isAt("FALSE") {
            return SQLAssignment(scope: scope, name: variable, value: .word(try name()))
        }
        return SQLAssignment(scope: scope, name: variable, value: try expression(0))
    }

    /// `ISOLATION LEVEL …`, `READ ONLY`: they change nothing.
    fileprivate mutating func transactionCharacteristics() throws(SQLSyntaxError) -> SQLStatement {
        repeat {
            if take("ISOLATION", "LEVEL") {
                guard
                    take("READ", "UNCOMMITTED") || take("READ", "COMMITTED") || take("REPEATABLE", "READ")
                        || take("SERIALIZABLE")
                else { throw unexpected() }
            } else if !take("READ", "ONLY"), !take("READ", "WRITE") {
                throw unexpected()
            }
        } while take(mark: ",")
        return .setTransaction
    }
}
