import ArgumentParser
import HTTPAPI

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "The cluster at a glance.",
        discussion: "EXAMPLE\n  tabletctl status --json | jq .aliveBackends")
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.show(try global.client().get("/api/status"), as: MasterStatusView.self) { status in
            var table = TextTable(["", ""])
            table.add([
                "cluster",
                "\(status.clusterID)  (\(status.role), \(status.isReady ? "ready" : "not ready"), epoch \(status.epoch))",
            ])
            table.add(["version", status.version])
            table.add(["backends", "\(status.aliveBackends) of \(status.backends) alive"])
            table.add(["tables", "\(status.tables) in \(status.databases) databases"])
            table.add([
                "replicas",
                "\(status.healthyReplicas) of \(status.replicas) healthy, \(status.coldReplicas) cold, \(status.tablets) tablets",
            ])
            table.add([
                "work",
                "\(status.runningLoads) loads, \(status.runningCooldownJobs) cooldown jobs, \(status.queuedTasks) tasks, \(status.queuedReports) reports waiting",
            ])
            table.add(["journal", "log id \(status.lastLogID), image \(status.imageLogID)"])
            if status.heldTables > 0 {
                table.add([
                    "held", "\(status.heldTables) tables: metadata older than the backends; see tabletctl meta status",
                ])
            }
            let text = table.render(empty: "").split(separator: "\n").joined(separator: "\n") + "\n"
            return text + (status.metadataTrouble.map { describe($0) } ?? "")
        }
    }
}

/// What a person must know first of all while changes are refused.
private func describe(_ trouble: MetadataTroubleView) -> String {
    var text =
        "METADATA CAN'T BE WRITTEN since \(formatAge(trouble.sinceMs)) (\(trouble.attempts) tries): changes are refused\n"
        + "  reason: \(trouble.reason)\n"
    if !trouble.lastAttempt.isEmpty { text += "  last try: \(trouble.lastAttempt)\n" }
    if trouble.hasUnknownChange {
        text += "  one change may have been made or not: that is found out before any other is made\n"
    }
    return text + "  next step: \(trouble.nextStep)\n"
}

struct Jobs: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Work that goes on in the FE, newest first.")
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.show(try global.client().get("/api/jobs"), as: [JobView].self) { jobs in
            var table = TextTable([">id", "kind", "subject", "state", ">done", "age", "message"])
            for job in jobs {
                table.add([
                    "\(job.id)", job.kind, job.subject, job.state.rawValue, "\(job.done)/\(job.total)",
                    formatAge(job.createdMs), job.message,
                ])
            }
            return table.render(empty: "no jobs")
        }
    }
}

struct Checkpoint: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the FE's metadata image now.",
        discussion: """
            The FE does so by itself (by time, entries and bytes of its journal); before an upgrade or a backup of its metadata
            you may want it at once. On return the image is on the disk, and was read back. `meta checkpoint` is the same.

            EXAMPLES
              tabletctl checkpoint
              tabletctl meta checkpoint --json
            """)
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.show(try global.client().post("/api/checkpoint"), as: CheckpointView.self) { view in
            "image.\(view.logID) written, \(formatBytes(view.imageBytes)) in \(view.durationMs) ms\n"
        }
    }
}
