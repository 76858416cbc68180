internal import AccessControl

extension StatementTable {
    static let policyRows: [StatementRow] = [
        StatementRow(
            "CREATE STORAGE POLICY", .storage, .cluster(.admin), leads: "CREATE STORAGE POLICY",
            syntax: """
                CREATE STORAGE POLICY [IF NOT EXISTS] name
                PROPERTIES ("storage_resource" = "…", {"cooldown_ttl" = "1d" | "cooldown_datetime" = "2024-06-08 00:00:00"})
                """,
            summary:
                "Says when rows move to a bucket. A ttl is in seconds, or in minutes, hours, days or weeks with m, h, d or w "
                + "behind it; a date is in UTC.",
            example:
                "CREATE STORAGE POLICY cool_after_a_day PROPERTIES (\"storage_resource\" = \"cold\", \"cooldown_ttl\" = \"1d\")",
            parse: { p throws(SQLSyntaxError) in
                let ifNotExists = try p.ifNotExists()
                let name = try p.nameOrText("the name of a policy")
                return .createStoragePolicy(name, ifNotExists: ifNotExists, try p.requiredProperties())
            }),
        StatementRow(
            "ALTER STORAGE POLICY", .storage, .cluster(.admin), leads: "ALTER STORAGE POLICY",
            syntax: "ALTER STORAGE POLICY name PROPERTIES ({\"cooldown_ttl\" = \"…\" | \"cooldown_datetime\" = \"…\"})",
            summary: "Changes when rows move; where they move to stays as it is.",
            example: "ALTER STORAGE POLICY cool_after_a_day PROPERTIES (\"cooldown_ttl\" = \"172800\")",
            parse: { p throws(SQLSyntaxError) in
                let name = try p.nameOrText("the name of a policy")
                return .alterStoragePolicy(name, try p.requiredProperties())
            }),
        StatementRow(
            "DROP STORAGE POLICY", .storage, .cluster(.admin), leads: "DROP STORAGE POLICY",
            syntax: "DROP STORAGE POLICY [IF EXISTS] name", summary: "Drops a policy that no table uses.",
            example: "DROP STORAGE POLICY IF EXISTS cool_after_a_day",
            parse: { p throws(SQLSyntaxError) in
                let ifExists = try p.ifExists()
                return .dropStoragePolicy(try p.nameOrText("the name of a policy"), ifExists: ifExists)
            }),
        StatementRow(
            "SHOW STORAGE POLICY", .storage, .cluster(.read), leads: "SHOW STORAGE POLICY", "SHOW STORAGE POLICIES",
            syntax: "SHOW STORAGE POLICY", summary: "Lists the policies.", example: "SHOW STORAGE POLICY",
            parse: { _ in .showStoragePolicies }),
        StatementRow(
            "SHOW STORAGE POLICY USING", .storage, .cluster(.read), leads: "SHOW STORAGE POLICY USING",
            syntax: "SHOW STORAGE POLICY USING [FOR name]",
            summary: "Lists the tables that use policies, or one policy.",
            example: "SHOW STORAGE POLICY USING FOR cool_after_a_day",
            parse: { p throws(SQLSyntaxError) in
                .showStoragePolicyUse(p.take("FOR") ? try p.nameOrText("the name of a policy") : nil)
            }),
        StatementRow(
            "SHOW COOLDOWN", .storage, .cluster(.read), leads: "SHOW COOLDOWN",
            syntax: "SHOW COOLDOWN", summary: "Shows of each table with a policy how far its rows are in the bucket.",
            example: "SHOW COOLDOWN",
            parse: { _ in .showCooldown }),
    ]
}
