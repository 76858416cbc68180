import ArgumentParser
import HTTPAPI
import TabletModel

struct Databases: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The databases.")
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.show(try global.client().get("/api/databases"), as: [DatabaseView].self) { databases in
            var table = TextTable([">id", "name", ">tables"])
            for database in databases { table.add(["\(database.id)", database.name, "\(database.tableCount)"]) }
            return table.render(empty: "no databases; `tabletctl create-table` makes 'default'")
        }
    }
}

struct CreateDatabase: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Create a database.")
    @Argument var name: String
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.show(
            try global.client().post("/api/databases", CreateDatabaseRequest(name: name)), as: DatabaseView.self
        ) {
            "database \($0.name) created, id \($0.id)\n"
        }
    }
}

struct DropDatabase: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Drop a database; --force drops its tables too.")
    @Argument var name: String
    @Flag(help: "Drop the tables in it as well.")
    var force = false
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let path = "/api/databases/\(pathSegment(name))" + (force ? "?force=true" : "")
        try global.finish(try global.client().delete(path), "database \(name) dropped")
    }
}

struct Tables: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The tables, their size and health.")
    @Option(help: "Only those of this database.")
    var database: String?
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let path = "/api/tables" + (database.map { "?database=\(pathSegment($0))" } ?? "")
        try global.show(try global.client().get(path), as: [TableView].self) { tables in
            var table = TextTable([
                "table", "state", ">buckets", ">replicas", ">version", ">rows", ">local", ">remote", "healthy", "cold",
                "policy",
            ])
            for view in tables {
                table.add([
                    view.name.description, view.state, "\(view.buckets)", "\(view.replicationNum)",
                    "\(view.visibleVersion)", "\(view.rowCount)", formatBytes(view.localBytes),
                    formatBytes(view.remoteBytes), "\(view.healthyReplicaCount)/\(view.replicaCount)",
                    "\(view.coldReplicaCount)/\(view.replicaCount)", view.storagePolicy ?? "-",
                ])
            }
            return table.render(empty: "no tables")
        }
    }
}

struct DropTable: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Drop a table with its data, local and remote.",
        discussion: "There is no way back, so --yes must be given.")
    @Argument var table: TableArgument
    @Flag(help: "Really drop it.")
    var yes = false
    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard yes else { throw CLIError.usage("this removes \(table.name) and all its rows; repeat with --yes") }
        try global.finish(try global.client().delete(table.path), "table \(table.name) dropped")
    }
}

struct TableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table", abstract: "One table: its shape and its tablets.")
    @Argument var table: TableArgument
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let client = try global.client()
        if global.json {
            try client.get(table.path).withUnsafeBytes { Terminal.output($0) }
            return
        }
        let view = try decode(TableView.self, try client.get(table.path))
        let tablets = try decode([TabletView].self, try client.get(table.path + "/tablets"))
        Terminal.output(
            """
            table \(view.name)  id \(view.id)  \(view.state)  version \(view.visibleVersion)
            columns \(view.columns.joined(separator: ", "))
            distributed by \(view.columns.isEmpty ? "field \(view.distributionColumn)" : view.columns[Int(view.distributionColumn)]), \
            \(view.buckets) buckets, \(view.replicationNum) replicas, delimiter '\(view.delimiter)', policy \(view.storagePolicy ?? "-")


            """)
        var table = TextTable([
            ">tablet", ">bucket", ">replica", ">backend", ">version", ">rows", ">local", ">remote", "state", "for",
            "note",
        ])
        for tablet in tablets {
            for replica in tablet.replicas { table.add(replicaRow(tablet, replica)) }
        }
        Terminal.output(table.render(empty: "no tablets"))
    }

    private func replicaRow(_ tablet: TabletView, _ replica: ReplicaView) -> [String] {
        let state = replica.isHealthy && replica.isCold ? "cold" : health(of: replica)
        let note = (replica.isCooldownReplica ? ["uploader"] : []) + (replica.reason.isEmpty ? [] : [replica.reason])
        return [
            "\(tablet.id)", "\(tablet.bucket)", "\(replica.id)", "\(replica.backendID)", "\(replica.version)",
            "\(replica.rowCount)", formatBytes(replica.localBytes), formatBytes(replica.remoteBytes), state,
            unhealthyFor(replica, nowMs: nowMilliseconds()), note.joined(separator: ", "),
        ]
    }
}

struct Tablets: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The tablets of a table, a line each.")
    @Argument var table: TableArgument
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.show(try global.client().get(table.path + "/tablets"), as: [TabletView].self) { tablets in
            var table = TextTable([">tablet", ">bucket", ">version", "healthy", "cold", ">uploader", ">term"])
            for tablet in tablets {
                let count = tablet.replicas.count
                table.add([
                    "\(tablet.id)", "\(tablet.bucket)", "\(tablet.visibleVersion)",
                    "\(tablet.replicas.filter(\.isHealthy).count)/\(count)",
                    "\(tablet.replicas.filter(\.isCold).count)/\(count)", "\(tablet.cooldownReplicaID)",
                    "\(tablet.cooldownTerm)",
                ])
            }
            return table.render(empty: "no tablets")
        }
    }
}
