internal import AccessControl

extension StatementTable {
    static let grantRows: [StatementRow] = [
        StatementRow(
            "GRANT", .users, .cluster(.admin), leads: "GRANT",
            syntax: "GRANT {ADMIN | LOAD | READ} ON {*.* | database.*} TO name",
            summary:
                "Gives a right: READ rows, LOAD and delete them, too, or ADMIN everything. Doris' ADMIN_PRIV, LOAD_PRIV and "
                + "SELECT_PRIV mean the same.",
            example: "GRANT LOAD ON sales.* TO jack",
            parse: { p throws(SQLSyntaxError) in .grant(try p.grant("TO")) }),
        StatementRow(
            "REVOKE", .users, .cluster(.admin), leads: "REVOKE",
            syntax: "REVOKE {ADMIN | LOAD | READ} ON {*.* | database.*} FROM name",
            summary: "Takes a right, and those that contain it: what is left is what the next lower one allows.",
            example: "REVOKE LOAD ON sales.* FROM jack",
            parse: { p throws(SQLSyntaxError) in .revoke(try p.grant("FROM")) }),
        StatementRow(
            "SHOW GRANTS", .users, .anyone, leads: "SHOW GRANTS", "SHOW ALL GRANTS",
            syntax: "SHOW [ALL] GRANTS [FOR name]",
            summary: "Shows one's own rights; with ADMIN on all databases those of another or of all.",
            example: "SHOW GRANTS FOR jack",
            parse: { p throws(SQLSyntaxError) in
                let isAll = p.text.isWord(p.ahead(-2), "ALL")
                if !isAll, p.take("FOR") {
                    if p.take("CURRENT_USER") {
                        if p.take(mark: "(") { try p.expect(mark: ")") }
                        return .showGrants(nil, isAll: false)
                    }
                    return .showGrants(try p.user(), isAll: false)
                }
                return .showGrants(nil, isAll: isAll)
            }),
    ]

    /// What GRANT calls a right: ours, and Doris'.
    static let rightWords: [(StaticString, Right)] = [
        ("ADMIN", .admin), ("LOAD", .load), ("READ", .read), ("ADMIN_PRIV", .admin), ("LOAD_PRIV", .load),
        ("SELECT_PRIV", .read), ("SELECT", .read), ("ALL", .admin),
    ]
}

extension SQLParser {
    fileprivate mutating func grant(_ direction: StaticString) throws(SQLSyntaxError) -> GrantRequest {
        let rights = try list { p throws(SQLSyntaxError) in try p.right() }
        try expect("ON")
        var database: String?
        if !take(mark: "*") { database = try name("a database, or *") }
        guard take(mark: ".") else {
            // `ON *` is `ON *.*`, as in MySQL without a current database.
            if database != nil { throw unexpected() }
            return try grant(rights, nil, direction)
        }
        guard take(mark: "*") else {
            throw notSupported("rights are given on databases: \(database ?? "*").*")
        }
        if isAt(mark: ".") {
            // Doris' catalog.database.table.
            advance()
            guard take(mark: "*") else { throw unexpected() }
        }
        return try grant(rights, database, direction)
    }

    private mutating func grant(
        _ rights: [Right], _ database: String?, _ direction: StaticString
    ) throws(SQLSyntaxError) -> GrantRequest {
        guard take(direction) else { throw unexpected() }
        if isAt("ROLE") { throw notSupported("there are no roles: name a user") }
        return GrantRequest(rights: rights, database: database, user: try user())
    }

    private mutating func right() throws(SQLSyntaxError) -> Right {
        for (word, right) in StatementTable.rightWords where take(word) {
            if right == .admin, isAt("PRIVILEGES") { advance() }
            return right
        }
        throw notSupported("a right is ADMIN, LOAD or READ")
    }
}
