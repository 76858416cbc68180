import ArgumentParser
import HTTPAPI
import TabletModel

struct Repair: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at tablets now and repair first those that need it.",
        discussion: """
            The FE repairs by itself; this puts these tablets at the head of its queue and does not wait for the next round.
            --wait returns when every replica of them is healthy and none is missing; surplus ones may still go.

            EXAMPLES
              tabletctl repair 10012 10013 --wait
              tabletctl repair --table flights --wait --timeout 600
            """)
    @Argument(help: "Ids of tablets.")
    var tablets: [Int64] = []
    @Option(help: "All tablets of this table.")
    var table: TableArgument?
    @Flag(help: "Wait until they are healthy.")
    var wait = false
    @Option(help: "Seconds to wait at most.")
    var timeout: Double = 3600
    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard tablets.isEmpty != (table == nil) else { throw CLIError.usage("name tablets, or give --table") }
        let client = try global.client()
        var queued: [RepairTaskView] = []
        if let table {
            queued = try decode([RepairTaskView].self, try client.post(table.path + "/repair"))
        } else {
            for tablet in tablets {
                queued += try decode([RepairTaskView].self, try client.post("/api/tablets/\(tablet)/repair"))
            }
        }
        if wait { try waitUntilHealthy(client) }
        if global.json {
            try encodeJSON(queued).withUnsafeBytes { Terminal.output($0) }
        } else if wait {
            Terminal.output("every replica of \(subject) is healthy\n")
        } else {
            Terminal.output(
                queued.isEmpty
                    ? "nothing to repair on \(subject)\n" : renderTasks(queued, nowMs: nowMilliseconds()))
        }
    }

    private var subject: String {
        table.map { "table \($0.name)" } ?? "tablet \(tablets.map(String.init).joined(separator: ", "))"
    }

    private func waitUntilHealthy(_ client: APIClient) throws {
        var bar = ProgressBar("repair", json: global.json)
        defer { bar.finish() }
        let deadline = monotonicSeconds() + timeout
        var most = 0
        while true {
            let sick = try decode(
                [UnhealthyReplicaView].self, try client.get(unhealthyPath(of: table?.name, limit: 100_000))
            )
            .filter { concerns($0.tabletID, $0.table) }
            let view = try decode(SchedulerView.self, try client.get("/api/scheduler"))
            let tasks = (view.running + view.pending).filter { concerns($0.tabletID, $0.table) && !$0.isSurplus }
            let left = Set(sick.map(\.tabletID) + tasks.map(\.tabletID)).count
            if left == 0 { return }
            most = max(most, left)
            bar.update(
                done: Int64(most - left), total: Int64(most), note: waitingNote(left, tasks))
            guard monotonicSeconds() < deadline else { throw tooLong(sick, tasks) }
            pause(milliseconds: 200)
        }
    }

    private func concerns(_ tablet: TabletID, _ name: TableName) -> Bool {
        table.map { $0.name == name } ?? tablets.contains(tablet.rawValue)
    }

    private func tooLong(_ sick: [UnhealthyReplicaView], _ tasks: [RepairTaskView]) -> CLIError {
        let reasons =
            sick.prefix(3).map { found in
                "tablet \(found.tabletID) on backend \(found.replica.backendID): \(found.replica.reason)"
                    + (found.note.isEmpty ? "" : " (\(found.note))")
            }
            + tasks.filter { !$0.message.isEmpty }.prefix(3).map { "tablet \($0.tabletID): \($0.message)" }
        return .timedOut(
            "\(subject) is not healthy after \(formatSeconds(timeout)): " + reasons.joined(separator: "; ")
                + "; `tabletctl scheduler` shows what is being done")
    }
}

/// What a bar says of repairs that are under way.
func waitingNote(_ left: Int, _ tasks: [RepairTaskView]) -> String {
    let running = tasks.filter { $0.state == "running" }
    let copied = clampedSum(running.map(\.copiedBytes))
    var note = "\(left) tablets left, \(running.count) at work"
    if copied > 0 { note += ", \(formatBytes(copied)) copied" }
    if running.isEmpty, let waits = tasks.first(where: { !$0.message.isEmpty }) { note += ": \(waits.message)" }
    return note
}

extension RepairTaskView {
    /// Nothing is wrong with the tablet: it has more replicas than it needs.
    var isSurplus: Bool { status == "REDUNDANT" || status == "FORCE_REDUNDANT" }
}
