internal import ArgumentParser
internal import Foundation

/// One part of `tabletd-bench tasks`: a kind of agent task against what does the same without it.
struct TaskBench: Sendable {
    /// What `--only` calls it.
    var name: String
    var run: @Sendable (_ sizeMiB: Int, _ runs: Int, _ folder: String) throws -> [Figure]

    /// In the order in which they run. Each has a file of its own and a folder to itself.
    static let all: [TaskBench] = [
        TaskBench(name: "migrate") { try MigrateBench.run(sizeMiB: $0, runs: $1, folder: $2) }
    ]
}

struct TasksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasks",
        abstract: "Agent tasks that move or change rows, against what does the same without them.",
        discussion: """
            migrate: a tablet moved to another data dir, against `cp` and `sync -d` of the same files.

            EXAMPLES
              tabletd-bench tasks
              tabletd-bench tasks --only migrate --size-mib 1024 --runs 7 --json tasks.json
            """)
    @OptionGroup var options: BenchOptions
    @Option(help: "Size of the tablet.") var sizeMib = 512
    @Option(help: "Only this part; may be repeated.") var only: [String] = []
    @Option(
        help: ArgumentHelp(
            "Where to work: on the disk to measure, with room for three such tablets.", valueName: "folder"))
    var folder: String?

    func validate() throws {
        guard sizeMib >= 8 else { throw ValidationError("--size-mib must be at least 8") }
        for name in only where !TaskBench.all.contains(where: { $0.name == name }) {
            let known = TaskBench.all.map(\.name).joined(separator: ", ")
            throw ValidationError("--only \(name): there are \(known)")
        }
    }

    func run() throws {
        var figures: [Figure] = []
        for bench in TaskBench.all where only.isEmpty || only.contains(bench.name) {
            let parent = folder ?? FileManager.default.temporaryDirectory.path
            let work = parent + "/tabletd-bench-\(bench.name)-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
            defer {
                do {
                    try FileManager.default.removeItem(atPath: work)
                } catch {
                    FileHandle.standardError.write(Data("could not remove \(work): \(error)\n".utf8))
                }
            }
            figures += try bench.run(sizeMib, options.runs, work)
        }
        try BenchResult(bench: "tasks", figures: figures, runs: options.runs).deliver(json: options.json)
    }
}
