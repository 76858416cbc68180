internal import ArgumentParser
internal import Foundation

struct BackendSizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backend-size", abstract: "A backend of many tablets: how soon it is up, what each tablet takes.",
        discussion: """
            Starts real backend processes. With --data the data dirs stay in that folder, and are used again.

            EXAMPLE
              tabletd-bench backend-size --tablets 1000000 --rowsets 10 --runs 3 --json size.json
            """)
    @OptionGroup var options: BenchOptions
    @Option(help: "Tablets of the backend.") var tablets = 1_000_000
    @Option(help: "Rowsets of each tablet.") var rowsets = 10
    @Option(help: ArgumentHelp("The backend's program; else the one beside this.", valueName: "path")) var be: String?
    @Option(help: ArgumentHelp("Where the data dirs are made, and stay.", valueName: "folder")) var data: String?

    func validate() throws {
        guard tablets >= 1, rowsets >= 1 else { throw ValidationError("--tablets and --rowsets must be at least 1") }
    }

    func run() throws {
        let folder = data ?? FileManager.default.temporaryDirectory.path + "/tabletd-bench-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { if data == nil { try? FileManager.default.removeItem(atPath: folder) } }
        let bench = BackendSizeBench(
            program: be ?? MeasuredDaemon.besideThis("tabletd-be"), folder: folder, tablets: tablets,
            rowsets: rowsets)
        try BenchResult(bench: "backend-size", figures: try bench.figures(runs: options.runs), runs: options.runs)
            .deliver(json: options.json)
    }
}
