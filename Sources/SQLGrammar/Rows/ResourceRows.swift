internal import AccessControl

extension StatementTable {
    static let resourceRows: [StatementRow] = [
        StatementRow(
            "CREATE RESOURCE", .storage, .cluster(.admin), leads: "CREATE RESOURCE", "CREATE EXTERNAL RESOURCE",
            syntax: """
                CREATE RESOURCE [IF NOT EXISTS] "name" PROPERTIES ("type" = "s3", "s3.endpoint" = "…", "s3.region" = "…",
                    "s3.bucket" = "…", "s3.root.path" = "…", "s3.access_key" = "…", "s3.secret_key" = "…" [, …])
                """,
            summary:
                "Names a bucket. Living backends try it first. Doris' older property names (AWS_ENDPOINT, AWS_REGION, "
                + "AWS_BUCKET, AWS_ROOT_PATH, AWS_ACCESS_KEY, AWS_SECRET_KEY, AWS_MAX_CONNECTIONS, …) mean the same.",
            example:
                "CREATE RESOURCE \"cold\" PROPERTIES (\"type\" = \"s3\", \"s3.endpoint\" = \"http://s3:9000\", "
                + "\"s3.region\" = \"local\", \"s3.bucket\" = \"tablets\", \"s3.root.path\" = \"prod\", "
                + "\"s3.access_key\" = \"…\", \"s3.secret_key\" = \"…\")",
            parse: { p throws(SQLSyntaxError) in
                let ifNotExists = try p.ifNotExists()
                let name = try p.nameOrText("the name of a resource")
                return .createResource(name, ifNotExists: ifNotExists, try p.requiredProperties())
            }),
        StatementRow(
            "ALTER RESOURCE", .storage, .cluster(.admin), leads: "ALTER RESOURCE",
            syntax: "ALTER RESOURCE \"name\" PROPERTIES (\"s3.access_key\" = \"…\", \"s3.secret_key\" = \"…\" [, …])",
            summary:
                "Changes keys, endpoint or limits of a bucket, never the bucket or the path in it. Backends try it first.",
            example: "ALTER RESOURCE \"cold\" PROPERTIES (\"s3.max_connections\" = \"100\")",
            parse: { p throws(SQLSyntaxError) in
                let name = try p.nameOrText("the name of a resource")
                return .alterResource(name, try p.requiredProperties())
            }),
        StatementRow(
            "DROP RESOURCE", .storage, .cluster(.admin), leads: "DROP RESOURCE",
            syntax: "DROP RESOURCE [IF EXISTS] \"name\" [FORCE]",
            summary:
                "Forgets a bucket that nothing needs any more. With FORCE objects stay there that backends still want to delete.",
            example: "DROP RESOURCE \"cold\"",
            parse: { p throws(SQLSyntaxError) in
                let ifExists = try p.ifExists()
                let name = try p.nameOrText("the name of a resource")
                return .dropResource(name, ifExists: ifExists, isForced: p.take("FORCE"))
            }),
        StatementRow(
            "SHOW RESOURCES", .storage, .cluster(.read), leads: "SHOW RESOURCES", "SHOW RESOURCE",
            syntax: "SHOW RESOURCES [LIKE 'pattern' | WHERE NAME = 'name']",
            summary: "Lists buckets with their properties, a row for each; secrets are ******.",
            example: "SHOW RESOURCES WHERE NAME = 'cold'",
            parse: { p throws(SQLSyntaxError) in .showResources(try p.filter("NAME")) }),
    ]
}
