import ArgumentParser
import HTTPAPI
import TabletModel

struct Replicas: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The replicas that are not healthy, why, since when, and what is done about them.",
        discussion: """
            What each lacks is asked from its backend; "?" where that does not answer. With --json only the FE's view is
            printed. Ends in 0 when all are healthy and in 6 when some are not, so that a script can ask.

            EXAMPLES
              tabletctl replicas --unhealthy
              tabletctl replicas --unhealthy --table flights
              until tabletctl replicas --unhealthy > /dev/null; do sleep 5; done
            """)
    @Flag(help: "Those that are not healthy (`tabletctl table` lists all of a table).")
    var unhealthy = false
    @Option(help: "Only those of this table.")
    var table: TableArgument?
    @Option(help: "Show so many at most.")
    var limit: Int = 1000
    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard unhealthy else {
            throw CLIError.usage("give --unhealthy; `tabletctl table TABLE` lists all replicas of a table")
        }
        guard limit > 0 else { throw CLIError.usage("--limit must be 1 or more") }
        let client = try global.client()
        let bytes = try client.get(unhealthyPath(of: table?.name, limit: limit))
        let found = try decode([UnhealthyReplicaView].self, bytes)
        if global.json {
            bytes.withUnsafeBytes { Terminal.output($0) }
        } else {
            Terminal.output(renderUnhealthy(found, client.askMissing(in: found), nowMs: nowMilliseconds()))
        }
        guard found.isEmpty else {
            throw CLIError.unwell(
                (found.count >= limit
                    ? "\(limit) replicas or more are"
                    : found.count == 1 ? "1 replica is" : "\(found.count) replicas are")
                    + " not healthy; `tabletctl scheduler` shows what is being done")
        }
    }
}

func unhealthyPath(of table: TableName?, limit: Int) -> String {
    "/api/replicas?unhealthy=true&limit=\(limit)" + (table.map { "&table=\(pathSegment($0.description))" } ?? "")
}

/// - Parameter missing: what replicas lack, where it is known.
func renderUnhealthy(
    _ replicas: [UnhealthyReplicaView], _ missing: [ReplicaID: VersionSet], nowMs: Int64
) -> String {
    var table = TextTable([
        ">tablet", "table", ">bucket", ">replica", ">backend", ">version", "missing", "state", "for", "repair",
        "reason", "note",
    ])
    for found in replicas {
        table.add([
            "\(found.tabletID)", found.table.description, "\(found.bucket)", "\(found.replica.id)",
            "\(found.replica.backendID)", "\(found.replica.version)/\(found.visibleVersion)",
            missing[found.replica.id].map { $0.isEmpty ? "-" : $0.brief() } ?? "?", health(of: found.replica),
            unhealthyFor(found.replica, nowMs: nowMs), found.repair.isEmpty ? "-" : found.repair,
            found.replica.reason, found.note,
        ])
    }
    return table.render(empty: "every replica is healthy")
}
