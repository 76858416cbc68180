internal import AccessControl
internal import TabletModel

extension StatementTable {
    static let backendRows: [StatementRow] = [
        StatementRow(
            "ALTER SYSTEM ADD BACKEND", .cluster, .cluster(.admin), leads: "ALTER SYSTEM ADD BACKEND",
            syntax: "ALTER SYSTEM ADD BACKEND \"host:heartbeat_port\" [, …]", summary: "Adds backends.",
            example: "ALTER SYSTEM ADD BACKEND \"10.0.0.1:9050\", \"10.0.0.2:9050\"",
            parse: { p throws(SQLSyntaxError) in
                let addresses = try p.addresses()
                if p.isAt("PROPERTIES") { throw p.notSupported("backends have no tags here") }
                return .addBackends(addresses)
            }),
        StatementRow(
            "ALTER SYSTEM DROP BACKEND", .cluster, .cluster(.admin), leads: "ALTER SYSTEM DROP BACKEND",
            syntax: "ALTER SYSTEM DROP BACKEND \"host:heartbeat_port\" [, …]",
            summary: "Forgets backends that hold no replicas. DECOMMISSION empties one; DROPP does not ask.",
            example: "ALTER SYSTEM DROP BACKEND \"10.0.0.1:9050\"",
            parse: { p throws(SQLSyntaxError) in .dropBackends(try p.addresses(), isForced: false) }),
        StatementRow(
            "ALTER SYSTEM DROPP BACKEND", .cluster, .cluster(.admin), leads: "ALTER SYSTEM DROPP BACKEND",
            syntax: "ALTER SYSTEM DROPP BACKEND \"host:heartbeat_port\" [, …]",
            summary: "Forgets backends and every replica on them, whatever is lost by it.",
            example: "ALTER SYSTEM DROPP BACKEND \"10.0.0.1:9050\"",
            parse: { p throws(SQLSyntaxError) in .dropBackends(try p.addresses(), isForced: true) }),
        StatementRow(
            "ALTER SYSTEM DECOMMISSION BACKEND", .cluster, .cluster(.admin), leads: "ALTER SYSTEM DECOMMISSION BACKEND",
            syntax: "ALTER SYSTEM DECOMMISSION BACKEND \"host:heartbeat_port\" [, …]",
            summary: "Moves the replicas of backends to others and places none there any more.",
            example: "ALTER SYSTEM DECOMMISSION BACKEND \"10.0.0.1:9050\"",
            parse: { p throws(SQLSyntaxError) in .decommissionBackends(try p.addresses()) }),
        StatementRow(
            "CANCEL DECOMMISSION BACKEND", .cluster, .cluster(.admin), leads: "CANCEL DECOMMISSION BACKEND",
            "ALTER SYSTEM CANCEL DECOMMISSION BACKEND",
            syntax: "CANCEL DECOMMISSION BACKEND \"host:heartbeat_port\" [, …]",
            summary: "Takes a decommission back; what moved stays where it is.",
            example: "CANCEL DECOMMISSION BACKEND \"10.0.0.1:9050\"",
            parse: { p throws(SQLSyntaxError) in .cancelDecommission(try p.addresses()) }),
        frontend("ADD FOLLOWER", "Registers a frontend that is to join, and that may become master.") {
            .addFrontend($0, .follower)
        },
        frontend("ADD OBSERVER", "Registers a frontend that is to join, and that never becomes master.") {
            .addFrontend($0, .observer)
        },
        frontend("DROP FOLLOWER", "Takes a frontend out: neither the master nor the last follower.") {
            .dropFrontend($0, .follower)
        },
        frontend("DROP OBSERVER", "Takes a frontend out.") { .dropFrontend($0, .observer) },
        StatementRow(
            "ALTER CLUSTER ADD BACKENDS", .cluster, .cluster(.admin), leads: "ALTER CLUSTER * ADD BACKENDS",
            syntax: "ALTER CLUSTER name ADD BACKENDS 'host:heartbeat_port' [, …] TO SHARD n",
            summary:
                "Makes backends members of a shard of a cluster, which exist from their first member on. The replicas of a tablet "
                + "spread over shards.",
            example: "ALTER CLUSTER main ADD BACKENDS '10.0.0.1:9050', '10.0.0.2:9050' TO SHARD 1",
            parse: { p throws(SQLSyntaxError) in
                let cluster = try p.leadCluster()
                let addresses = try p.addresses()
                try p.expect("TO", "SHARD")
                return .addShardBackends(cluster: cluster, addresses, shard: try p.count("a shard's number"))
            }),
        StatementRow(
            "ALTER CLUSTER DROP BACKENDS", .cluster, .cluster(.admin), leads: "ALTER CLUSTER * DROP BACKENDS",
            syntax: "ALTER CLUSTER name DROP BACKENDS 'host:heartbeat_port' [, …]",
            summary: "Takes backends out of the cluster's shards; they stay backends.",
            example: "ALTER CLUSTER main DROP BACKENDS '10.0.0.2:9050'",
            parse: { p throws(SQLSyntaxError) in
                let cluster = try p.leadCluster()
                return .dropShardBackends(cluster: cluster, try p.addresses())
            }),
    ]

    private static func frontend(
        _ words: String, _ summary: String, _ statement: @escaping @Sendable (String) -> SQLStatement
    ) -> StatementRow {
        StatementRow(
            "ALTER SYSTEM \(words)", .cluster, .cluster(.admin), leads: "ALTER SYSTEM \(words)",
            syntax: "ALTER SYSTEM \(words) \"host:edit_log_port\"", summary: summary,
            example: "ALTER SYSTEM \(words) \"10.0.0.9:9010\"",
            parse: { p throws(SQLSyntaxError) in statement(try p.address()) })
    }
}

extension SQLParser {
    mutating func address() throws(SQLSyntaxError) -> String { try text("an address such as \"host:9050\"") }

    mutating func addresses() throws(SQLSyntaxError) -> [String] {
        try list { p throws(SQLSyntaxError) in try p.address() }
    }

    fileprivate func leadCluster() throws(SQLSyntaxError) -> String {
        guard leadNames[0].database == nil else { throw error("a cluster's name has no database before it") }
        return leadNames[0].table
    }
}
