internal import ArgumentParser

struct ReportDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report-diff",
        abstract: "A tablet report of a backend on which nothing changed: decoded and compared by the frontend.",
        discussion: """
            One thread. `tablets_per_s` counts from the message's bytes to the finished comparison.

            EXAMPLE
              tabletd-bench report-diff --tablets 1000000 --json report-diff.json
            """)
    @OptionGroup var options: BenchOptions
    @Option(help: "Tablets of the backend.") var tablets = 1_000_000

    func validate() throws {
        guard tablets >= 1 else { throw ValidationError("--tablets must be at least 1") }
    }

    func run() throws {
        let plain = try runReportDiffBench(tablets: tablets, hasPolicy: false, runs: options.runs)
        let cooling = try runReportDiffBench(tablets: tablets, hasPolicy: true, runs: options.runs)
        try BenchResult(
            bench: "report-diff",
            figures: [
                Figure(key: "tablets_per_s", value: plain.tabletsPerSecond, goal: .atLeast(10_000_000)),
                // Buffers of the whole report are a few dozen; one in a hundred tablets would be far too many.
                Figure(key: "allocations_per_tablet", value: plain.allocationsPerTablet, goal: .atMost(0.01)),
                Figure(key: "decode_s", value: plain.decodeSeconds),
                Figure(key: "diff_s", value: plain.diffSeconds),
                Figure(
                    key: "tablets_per_s_with_policy", value: cooling.tabletsPerSecond, goal: .atLeast(10_000_000)),
                Figure(
                    key: "allocations_per_tablet_with_policy", value: cooling.allocationsPerTablet,
                    goal: .atMost(0.01)),
            ], runs: options.runs
        ).deliver(json: options.json)
    }
}
