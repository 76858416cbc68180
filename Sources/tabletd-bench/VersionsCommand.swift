internal import ArgumentParser

struct VersionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "versions", abstract: "What it costs to track the versions of a tablet of 10 to 2,000 rowsets.",
        discussion: """
            EXAMPLE
              tabletd-bench versions --runs 9 --json versions.json
            """)
    @OptionGroup var options: BenchOptions

    func run() throws {
        try BenchResult(bench: "versions", figures: runVersionsBench(runs: options.runs), runs: options.runs)
            .deliver(json: options.json)
    }
}
