internal import AccessControl

extension StatementTable {
    static let userRows: [StatementRow] = [
        StatementRow(
            "CREATE USER", .users, .cluster(.admin), leads: "CREATE USER",
            syntax: "CREATE USER [IF NOT EXISTS] name [IDENTIFIED BY 'password']",
            summary:
                "Makes a user, who may log in and nothing else. Without a password only from the FE's own machine.",
            example: "CREATE USER jack IDENTIFIED BY 'a password'",
            parse: { p throws(SQLSyntaxError) in
                let ifNotExists = try p.ifNotExists()
                let user = try p.user()
                return .createUser(user, p.isAt("IDENTIFIED") ? try p.identifiedBy() : nil, ifNotExists: ifNotExists)
            }),
        StatementRow(
            "ALTER USER", .users, .anyone, leads: "ALTER USER",
            syntax: "ALTER USER name IDENTIFIED BY 'password'",
            summary: "Gives a user another password. Of others ADMIN on all databases is needed.",
            example: "ALTER USER jack IDENTIFIED BY 'another password'",
            parse: { p throws(SQLSyntaxError) in
                let user = try p.user()
                return .alterUser(user, try p.identifiedBy())
            }),
        StatementRow(
            "DROP USER", .users, .cluster(.admin), leads: "DROP USER",
            syntax: "DROP USER [IF EXISTS] name", summary: "Drops a user; its connections end.",
            example: "DROP USER IF EXISTS jack",
            parse: { p throws(SQLSyntaxError) in
                let ifExists = try p.ifExists()
                return .dropUser(try p.user(), ifExists: ifExists)
            }),
        StatementRow(
            "SET PASSWORD", .users, .anyone, leads: "SET PASSWORD",
            syntax: "SET PASSWORD [FOR name] = {PASSWORD('password') | 'password'}",
            summary: "Changes one's own password, or, with ADMIN on all databases, another's.",
            example: "SET PASSWORD FOR jack = PASSWORD('a new password')",
            parse: { p throws(SQLSyntaxError) in
                let user = p.take("FOR") ? try p.user() : nil
                try p.expect(mark: "=")
                return .setPassword(user, try p.password())
            }),
        StatementRow(
            "SHOW USERS", .users, .cluster(.admin), leads: "SHOW USERS",
            syntax: "SHOW USERS", summary: "Lists the users.", example: "SHOW USERS",
            parse: { _ in .showUsers }),
    ]
}

extension SQLParser {
    /// `IDENTIFIED BY 'password'`.
    fileprivate mutating func identifiedBy() throws(SQLSyntaxError) -> SQLSecret {
        try expect("IDENTIFIED")
        if isAt("WITH") {
            throw notSupported("a password is checked in any of the ways that clients know: IDENTIFIED BY '…'")
        }
        try expect("BY")
        if isAt("PASSWORD") { throw notSupported("a password is given as it is, not as a hash: IDENTIFIED BY '…'") }
        return try password()
    }

    /// `'password'` or `PASSWORD('password')`. What stands there is said of no error.
    fileprivate mutating func password() throws(SQLSyntaxError) -> SQLSecret {
        let isCall = take("PASSWORD")
        if isCall { try expect(mark: "(") }
        let password = SQLSecret(try text("a password between quotes"))
        if isCall { try expect(mark: ")") }
        return password
    }
}
