internal import AccessControl

extension StatementTable {
    static let clusterShowRows: [StatementRow] = [
        StatementRow(
            "SHOW BACKENDS", .cluster, .cluster(.read), leads: "SHOW BACKENDS",
            syntax: "SHOW BACKENDS", summary: "Lists the backends.", example: "SHOW BACKENDS",
            parse: { _ in .showBackends }),
        StatementRow(
            "SHOW FRONTENDS", .cluster, .cluster(.read), leads: "SHOW FRONTENDS",
            syntax: "SHOW FRONTENDS", summary: "Lists the frontends.", example: "SHOW FRONTENDS",
            parse: { p throws(SQLSyntaxError) in
                if p.isAt("DISKS") { throw p.notSupported("a frontend's disks are in /api/status and its metrics") }
                return .showFrontends
            }),
        StatementRow(
            "SHOW CLUSTERS", .cluster, .cluster(.read), leads: "SHOW CLUSTERS",
            syntax: "SHOW CLUSTERS", summary: "Lists clusters, their shards, and the backends in them.",
            example: "SHOW CLUSTERS",
            parse: { _ in .showClusters }),
        StatementRow(
            "SHOW PROC", .cluster, .cluster(.read), leads: "SHOW PROC",
            syntax: "SHOW PROC 'path'",
            summary:
                "Shows a node of the tree of what the FE knows: '/' lists its folders, such as /backends, /frontends, /dbs (down "
                + "to /dbs/…/replicas), /cluster_balance, /cluster_health/tablet_health, /statistic and /jobs.",
            example: "SHOW PROC '/backends'",
            parse: { p throws(SQLSyntaxError) in .showProc(try p.text("a path such as '/backends'")) }),
    ]
}
