internal import ArgumentParser

@main
struct TabletdBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tabletd-bench",
        abstract: "Measures tabletd: heartbeats, agent tasks, tablet reports, clones, uploads to S3.",
        discussion: """
            Each bench prints its figures, medians over the runs, beside what they should reach. Build it with
            `-c release`, and leave the machine alone while it runs.

            EXAMPLES
              tabletd-bench heartbeat
              tabletd-bench report --tablets 1000000 --json report.json
              tabletd-bench upload --s3-endpoint http://127.0.0.1:9000 --s3-bucket bench

            `scripts/bench` runs them all, and rclone beside the uploads. docs/performance.md tells what each figure means.
            """,
        subcommands: [
            HeartbeatCommand.self, SubmitCommand.self, ReportCommand.self, ReportDiffCommand.self,
            VersionsCommand.self, CloneCommand.self, TasksCommand.self, UploadCommand.self, MetadataCommand.self,
            ReplicatedCommand.self, BackendSizeCommand.self, SQLCommand.self, SQLPortCommand.self,
            HeartbeatServerCommand.self,
            SQLPortServerCommand.self,
        ])
}

/// What every bench takes.
struct BenchOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Also write the figures to this file.", valueName: "file"))
    var json: String?

    @Option(help: "Runs whose median counts.")
    var runs = 5

    func validate() throws {
        guard runs >= 1 else { throw ValidationError("--runs must be at least 1") }
    }
}

struct HeartbeatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "heartbeat", abstract: "Heartbeats a second on one connection, and how long one takes.",
        discussion: """
            Starts a backend without tablets in a process of its own and sends it heartbeats over loopback, without and
            with 2,000 idle connections beside them.

            EXAMPLE
              tabletd-bench heartbeat --runs 7 --json heartbeat.json
            """)
    @OptionGroup var options: BenchOptions

    func run() throws {
        try BenchResult(
            bench: "heartbeat", figures: try HeartbeatBench.run(runs: options.runs), runs: options.runs
        ).deliver(json: options.json)
    }
}

struct SubmitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Agent tasks a second, from accepted to acknowledged.",
        discussion: """
            EXAMPLE
              tabletd-bench submit --tasks 1000000
            """)
    @OptionGroup var options: BenchOptions
    @Option(help: "Tasks of one run.") var tasks = 500_000

    func validate() throws {
        guard tasks >= 1 else { throw ValidationError("--tasks must be at least 1") }
    }

    func run() throws {
        let rate = try runSubmitBench(tasks: tasks, runs: options.runs)
        try BenchResult(bench: "submit", figures: [Figure(key: "tasks_per_s", value: rate)], runs: options.runs)
            .deliver(json: options.json)
    }
}

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "A tablet report: encoded by a backend, decoded and compared by the frontend.",
        discussion: """
            EXAMPLE
              tabletd-bench report --tablets 1000000 --json report.json
            """)
    @OptionGroup var options: BenchOptions
    @Option(help: "Tablets of the backend.") var tablets = 1_000_000

    func validate() throws {
        guard tablets >= 1 else { throw ValidationError("--tablets must be at least 1") }
    }

    func run() throws {
        let encoding = try runReportEncodeBench(tablets: tablets, runs: options.runs)
        let plain = try runReportDiffBench(tablets: tablets, hasPolicy: false, runs: options.runs)
        let cooling = try runReportDiffBench(tablets: tablets, hasPolicy: true, runs: options.runs)
        // The goals are for a million tablets; time and rate mean the same at other sizes only roughly.
        let scale = Double(tablets) / 1_000_000
        try BenchResult(
            bench: "report",
            figures: [
                Figure(key: "encode_s", value: encoding.seconds, goal: .atMost(0.10 * scale)),
                Figure(key: "bytes", value: Double(encoding.bytes)),
                Figure(key: "encode_extra_rss_mib", value: encoding.extraMiB, goal: .atMost(32)),
                Figure(key: "decode_diff_tablets_per_s", value: plain.tabletsPerSecond, goal: .atLeast(5_000_000)),
                Figure(key: "decode_s", value: plain.decodeSeconds),
                Figure(key: "diff_s", value: plain.diffSeconds),
                Figure(
                    key: "decode_diff_tablets_per_s_with_policy", value: cooling.tabletsPerSecond,
                    goal: .atLeast(5_000_000)),
                Figure(key: "decode_s_with_policy", value: cooling.decodeSeconds),
                Figure(key: "diff_s_with_policy", value: cooling.diffSeconds),
            ], runs: options.runs
        ).deliver(json: options.json)
    }
}
