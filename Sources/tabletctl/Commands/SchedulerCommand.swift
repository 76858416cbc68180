import ArgumentParser
import HTTPAPI
import TabletModel

struct Scheduler: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What the FE repairs and moves: waiting, at work, done.",
        discussion: """
            How far clones have come is asked of the backends that they write to; with --json only the FE's view is printed.
            --watch shows it anew each second until Ctrl-C.

            EXAMPLES
              tabletctl scheduler
              tabletctl scheduler --watch
              tabletctl scheduler --history 100
            """)
    @Flag(help: "Show it anew each second.")
    var watch = false
    @Option(help: "Ended repairs to show at most.")
    var history: Int = 10
    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard history >= 0 else { throw CLIError.usage("--history must be 0 or more") }
        let interrupt = watch ? Interrupt() : nil
        let client = try global.client()
        var isFirst = true
        repeat {
            let bytes = try client.get("/api/scheduler")
            if watch, !global.json { Terminal.beginRound(first: isFirst) }
            try global.show(bytes, as: SchedulerView.self) { view in
                let clones = try CloneWatch(client).progress(of: view.running, nowMs: nowMilliseconds())
                return renderScheduler(view, clones, history: history, nowMs: nowMilliseconds())
            }
            isFirst = false
        } while interrupt.map { !$0.pause(milliseconds: 1000) } ?? false
    }
}

/// - Parameter clones: how far the running ones have come, as far as it is known.
func renderScheduler(
    _ view: SchedulerView, _ clones: [TabletID: String] = [:], history: Int, nowMs: Int64
) -> String {
    let checked = view.lastCheckMs > 0 ? formatSeconds(Double(nowMs - view.lastCheckMs) / 1000) + " ago" : "never"
    var text =
        "\(view.unhealthyTablets) tablets need something; \(view.running.count) at work, \(view.pending.count) waiting; "
        + "last looked \(checked)\n"
    if !view.running.isEmpty {
        let running = view.running.map { task in
            var task = task
            if let progress = clones[task.tabletID] { task.message = progress }
            return task
        }
        text += "\nAT WORK\n" + renderTasks(running, nowMs: nowMs)
    }
    if !view.pending.isEmpty { text += "\nWAITING, most urgent first\n" + renderTasks(view.pending, nowMs: nowMs) }
    let busy = view.slots.filter { $0.used > 0 }
    if !busy.isEmpty {
        var slots = TextTable([">backend", ">disk", ">clones", ">at most"])
        for slot in busy {
            slots.add(["\(slot.backendID)", "\(slot.pathHash)", "\(slot.used)", "\(slot.total)"])
        }
        text += "\nDISKS WITH CLONES, \(view.slots.count - busy.count) others are idle\n" + slots.render(empty: "")
    }
    if history > 0, !view.history.isEmpty {
        text += "\nENDED, newest first\n" + renderTasks(Array(view.history.prefix(history)), nowMs: nowMs)
    }
    return text
}

func renderTasks(_ tasks: [RepairTaskView], nowMs: Int64) -> String {
    var table = TextTable([
        ">tablet", "table", "status", "priority", "state", "from", "to", ">tries", ">copied", "age", "message",
    ])
    for task in tasks {
        table.add([
            "\(task.tabletID)", task.table.description, task.status, task.priority, task.state,
            task.sourceBackendIDs.isEmpty ? "-" : task.sourceBackendIDs.map(\.description).joined(separator: ","),
            task.destinationBackendID.map(\.description) ?? "-", "\(task.attempts)", formatBytes(task.copiedBytes),
            age(of: task, nowMs: nowMs), task.message,
        ])
    }
    return table.render(empty: "none")
}

/// Of one that ended: how long it took and when; else since when it waits or works.
private func age(of task: RepairTaskView, nowMs: Int64) -> String {
    func seconds(_ from: Int64, _ to: Int64) -> String { formatSeconds(Double(to - from) / 1000) }
    if task.endedMs > 0 {
        return "\(seconds(task.createdMs, task.endedMs)), \(seconds(task.endedMs, nowMs)) ago"
    }
    return seconds(task.startedMs > 0 ? task.startedMs : task.createdMs, nowMs)
}
