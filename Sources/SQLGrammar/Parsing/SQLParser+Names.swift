extension SQLParser {
    /// Words that mean something behind a name, so that they are names only between backticks.
    private static let reserved: Set<String> = [
        "AND", "BETWEEN", "BY", "CREATE", "DELETE", "DROP", "FROM", "GROUP", "HAVING", "IN", "INNER", "INTO", "IS",
        "JOIN",
        "LEFT", "LIKE", "LIMIT", "NOT", "NULL", "ON", "OR", "ORDER", "OUTER", "RIGHT", "SELECT", "SET", "TABLE", "TO",
        "UNION", "USING", "VALUES", "WHERE", "WITH",
    ]

    static var reservedWords: [String] { reserved.sorted() }

    /// Whether a name stands at the token that is `offset` ahead.
    func isName(_ offset: Int = 0) -> Bool {
        let token = ahead(offset)
        switch token.kind {
        case .name: return true
        case .word: return token.range.count > 8 || !Self.reserved.contains(text.string(token).uppercased())
        default: return false
        }
    }

    /// A plain or quoted name.
    mutating func name(_ what: String = "a name") throws(SQLSyntaxError) -> String {
        guard isName() else {
            expecting(what)
            if token.kind == .word, Self.reserved.contains(text.string(token).uppercased()) {
                throw error("\(what) is expected; this word is one only between backticks")
            }
            throw unexpected()
        }
        let name = try checked(
            token.kind == .name
                ? SQLQuoting.content(text.bytes[token.range], hasEscapes: false) : text.string(token), what)
        advance()
        return name
    }

    /// A name that may stand between quotes, as Doris takes names of resources and users.
    mutating func nameOrText(_ what: String = "a name") throws(SQLSyntaxError) -> String {
        guard token.kind == .text else { return try name(what) }
        let name = try checked(SQLQuoting.content(text.bytes[token.range], hasEscapes: true), what)
        advance()
        return name
    }

    private func checked(_ name: String, _ what: String) throws(SQLSyntaxError) -> String {
        if name.isEmpty { throw error("\(what) is empty") }
        if name.utf8.count > SQLLimits.nameBytes { throw error("\(what) has more than \(SQLLimits.nameBytes) bytes") }
        if name.utf8.contains(where: { $0 < 32 || $0 == 127 }) { throw error("\(what) has a control character") }
        return name
    }

    /// `table` or `database.table`.
    mutating func tableName() throws(SQLSyntaxError) -> SQLTableName {
        let first = try name("the name of a table")
        guard take(mark: ".") else { return SQLTableName(database: nil, table: first) }
        return SQLTableName(database: first, table: try name("the name of a table"))
    }

    /// `FROM database` or `IN database`, if it stands here.
    mutating func fromDatabase() throws(SQLSyntaxError) -> String? {
        take("FROM") || take("IN") ? try name("the name of a database") : nil
    }

    mutating func ifExists() throws(SQLSyntaxError) -> Bool {
        guard take("IF") else { return false }
        try expect("EXISTS")
        return true
    }

    mutating func ifNotExists() throws(SQLSyntaxError) -> Bool {
        guard take("IF") else { return false }
        try expect("NOT", "EXISTS")
        return true
    }

    /// `name`, `'name'` or `'name'@'host'`.
    mutating func user() throws(SQLSyntaxError) -> SQLUser {
        let name = try nameOrText("the name of a user")
        guard take(mark: "@") else { return SQLUser(name: name, host: nil) }
        if take(mark: "%") { return SQLUser(name: name, host: "%") }
        return SQLUser(name: name, host: try nameOrText("a host"))
    }
}
