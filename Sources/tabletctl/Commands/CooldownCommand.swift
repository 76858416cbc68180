import ArgumentParser
import HTTPAPI

struct Cooldown: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "How far tables with a storage policy have cooled.",
        discussion: """
            One replica of each tablet uploads, the others follow. --wait returns when every replica of the table is cold.

            EXAMPLES
              tabletctl cooldown
              tabletctl cooldown --wait flights --timeout 600
            """)
    @Option(help: "Wait until every replica of this table is cold.")
    var wait: TableArgument?
    @Option(help: "Seconds to wait at most.")
    var timeout: Double = 3600
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let client = try global.client()
        if let wait { try waitUntilCold(client, wait) }
        try global.show(try client.get("/api/cooldown"), as: CooldownStatusView.self) { status in
            var tables = TextTable([
                "table", "policy", ">tablets", ">with conf", ">uploaded", ">aligned", "cold replicas", ">local",
                ">remote",
            ])
            for table in status.tables {
                tables.add([
                    table.table.description, table.storagePolicy, "\(table.tablets)", "\(table.tabletsWithConf)",
                    "\(table.uploadedTablets)", "\(table.alignedTablets)", "\(table.coldReplicas)/\(table.replicas)",
                    formatBytes(table.localBytes), formatBytes(table.remoteBytes),
                ])
            }
            var jobs = TextTable([">job", "state", ">confs", ">acknowledged", ">failures", "age", "message"])
            for job in status.jobs {
                jobs.add([
                    "\(job.id)", job.state, "\(job.confCount)", "\(job.acknowledged)", "\(job.failures)",
                    formatAge(job.createdMs), job.message,
                ])
            }
            var failures = TextTable([">tablet", ">backend", ">failing for", ">last", "error"])
            for failure in status.failures {
                failures.add([
                    "\(failure.tabletID)", "\(failure.backendID)", formatAge(failure.sinceMs),
                    formatAge(failure.lastAtMs), failure.message,
                ])
            }
            return tables.render(empty: "no table has a storage policy; `tabletctl attach-policy` gives one")
                + (status.jobs.isEmpty ? "" : "\n" + jobs.render(empty: ""))
                + (failures.isEmpty ? "" : "\n" + failures.render(empty: ""))
        }
    }

    private func waitUntilCold(_ client: APIClient, _ table: TableArgument) throws {
        var bar = ProgressBar("cool \(table.name)", json: global.json)
        defer { bar.finish() }
        let deadline = monotonicSeconds() + timeout
        while true {
            let status = try decode(CooldownStatusView.self, try client.get("/api/cooldown"))
            guard let found = status.tables.first(where: { $0.table == table.name }) else {
                throw CLIError.notFound(
                    "table \(table.name) has no storage policy; `tabletctl attach-policy` gives one")
            }
            bar.update(
                done: found.coldReplicas, total: found.replicas,
                note: "\(found.coldReplicas)/\(found.replicas) replicas cold, \(formatBytes(found.remoteBytes)) remote")
            if found.replicas > 0, found.coldReplicas == found.replicas { return }
            guard monotonicSeconds() < deadline else {
                throw CLIError.timedOut(
                    "\(found.coldReplicas) of \(found.replicas) replicas of \(table.name) are cold after "
                        + "\(formatSeconds(timeout)); `tabletctl table \(table.name)` tells what each waits for")
            }
            pause(milliseconds: 200)
        }
    }
}
