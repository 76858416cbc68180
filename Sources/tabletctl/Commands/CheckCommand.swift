import ArgumentParser
import HTTPAPI
import TabletModel

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare the rows of a tablet's replicas at the visible version.",
        discussion: """
            Every live replica reads and sums its rows, local and cold alike; how they are cut into rowsets does not matter.
            Ends in 0 when all are equal, in 6 when some differ, and in 1 when some could not be compared.

            EXAMPLES
              tabletctl check 10012
              tabletctl check --table flights --timeout 600
            """)
    @Argument(help: "Ids of tablets.")
    var tablets: [Int64] = []
    @Option(help: "All tablets of this table.")
    var table: TableArgument?
    @Option(help: "Seconds to wait at most.")
    var timeout: Double = 3600
    @OptionGroup var global: GlobalOptions

    /// Each check reads whole tablets: so many at once.
    private static let atOnce = 4

    func run() throws {
        guard tablets.isEmpty != (table == nil) else { throw CLIError.usage("name tablets, or give --table") }
        let client = try global.client()
        var ids = tablets
        if let table {
            ids = try decode([TabletView].self, try client.get(table.path + "/tablets")).map(\.id.rawValue)
        }
        let checks = try compare(ids, client)
        if global.json {
            try encodeJSON(checks).withUnsafeBytes { Terminal.output($0) }
        } else {
            Terminal.output(renderChecks(checks))
        }
        let differing = checks.filter { $0.state == .inconsistent }
        guard differing.isEmpty else {
            throw CLIError.unwell(
                "replicas differ: tablet \(differing.map(\.tabletID.description).joined(separator: ", ")); compare them "
                    + "with `tabletctl tablet ID` before anything is dropped")
        }
        if let failed = checks.first(where: { $0.state != .consistent }) {
            throw CLIError.failed("tablet \(failed.tabletID) could not be compared: \(failed.message)")
        }
    }

    /// In the order of the ids.
    private func compare(_ ids: [Int64], _ client: APIClient) throws -> [ConsistencyCheckView] {
        var bar = ProgressBar("check", json: global.json)
        defer { bar.finish() }
        let deadline = monotonicSeconds() + timeout
        var waiting = ids[...]
        var running: [Int64] = []
        var ended: [Int64: ConsistencyCheckView] = [:]
        while ended.count < ids.count {
            while running.count < Self.atOnce, let next = waiting.popFirst() {
                _ = try client.post("/api/tablets/\(next)/check")
                running.append(next)
            }
            for id in running {
                let check = try decode(ConsistencyCheckView.self, try client.get("/api/tablets/\(id)/check"))
                if check.state != .running { ended[id] = check }
            }
            running.removeAll { ended[$0] != nil }
            bar.update(done: Int64(ended.count), total: Int64(ids.count), note: "\(ended.count)/\(ids.count) tablets")
            guard !running.isEmpty else { continue }
            guard monotonicSeconds() < deadline else {
                throw CLIError.timedOut(
                    "tablet \(running[0]) is still being compared after \(formatSeconds(timeout)); the check goes on, and "
                        + "the same command shows its end")
            }
            pause(milliseconds: 100)
        }
        return ids.compactMap { ended[$0] }
    }
}

func renderChecks(_ checks: [ConsistencyCheckView]) -> String {
    var table = TextTable([">tablet", ">version", "state", "replicas", "took", "message"])
    for check in checks {
        let took = check.endedMs > 0 ? formatSeconds(Double(check.endedMs - check.startedMs) / 1000) : "-"
        table.add([
            "\(check.tabletID)", "\(check.version)", check.state.rawValue, checksums(check), took, check.message,
        ])
    }
    return table.render(empty: "no tablets")
}

/// Equal ones are counted; when they differ, each checksum with the backends that have it.
private func checksums(_ check: ConsistencyCheckView) -> String {
    var backends: [(words: String, ids: [String])] = []
    for replica in check.replicas {
        let words =
            replica.checksum.map { String(UInt64(bitPattern: $0), radix: 16) }
            ?? (replica.error.isEmpty ? "no answer" : replica.error)
        if let index = backends.firstIndex(where: { $0.words == words }) {
            backends[index].ids.append("\(replica.backendID)")
        } else {
            backends.append((words, ["\(replica.backendID)"]))
        }
    }
    if check.state == .consistent, backends.count == 1 { return "\(check.replicas.count) equal, \(backends[0].words)" }
    return backends.map { "\($0.words) on \($0.ids.joined(separator: ","))" }.joined(separator: "; ")
}
