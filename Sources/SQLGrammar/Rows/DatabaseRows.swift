internal import AccessControl

extension StatementTable {
    static let databaseRows: [StatementRow] = [
        StatementRow(
            "CREATE DATABASE", .tables, .cluster(.admin), leads: "CREATE DATABASE", "CREATE SCHEMA",
            syntax: "CREATE DATABASE [IF NOT EXISTS] name", summary: "Makes an empty database.",
            example: "CREATE DATABASE IF NOT EXISTS sales",
            parse: { p throws(SQLSyntaxError) in
                let ifNotExists = try p.ifNotExists()
                let name = try p.name("the name of a database")
                // Doris takes properties of a database, of which there are none here.
                guard try p.properties().isEmpty else { throw p.notSupported("a database has no properties here") }
                return .createDatabase(name, ifNotExists: ifNotExists)
            }),
        StatementRow(
            "DROP DATABASE", .tables, .cluster(.admin), leads: "DROP DATABASE", "DROP SCHEMA",
            syntax: "DROP DATABASE [IF EXISTS] name [FORCE]",
            summary:
                "Drops a database. Without FORCE it must be empty; with it its tables go, too, and nothing brings them back.",
            example: "DROP DATABASE IF EXISTS sales FORCE",
            parse: { p throws(SQLSyntaxError) in
                let ifExists = try p.ifExists()
                let name = try p.name("the name of a database")
                return .dropDatabase(name, ifExists: ifExists, isForced: p.take("FORCE"))
            }),
        StatementRow(
            "SHOW DATABASES", .tables, .anyone, leads: "SHOW DATABASES", "SHOW SCHEMAS",
            syntax: "SHOW DATABASES [LIKE 'pattern']", summary: "Lists the databases of which one may see something.",
            example: "SHOW DATABASES LIKE 's%'",
            parse: { p throws(SQLSyntaxError) in .showDatabases(try p.filter("DATABASE", "SCHEMA_NAME")) }),
        StatementRow(
            "SHOW CREATE DATABASE", .tables, .databases(.read), leads: "SHOW CREATE DATABASE", "SHOW CREATE SCHEMA",
            syntax: "SHOW CREATE DATABASE name", summary: "Shows the statement that makes such a database.",
            example: "SHOW CREATE DATABASE sales",
            parse: { p throws(SQLSyntaxError) in .showCreateDatabase(try p.name("the name of a database")) }),
        StatementRow(
            "USE", .tables, .databases(.read), leads: "USE",
            syntax: "USE name", summary: "Makes a database the one that names of tables without one belong to.",
            example: "USE sales",
            parse: { p throws(SQLSyntaxError) in .use(try p.name("the name of a database")) }),
    ]
}
