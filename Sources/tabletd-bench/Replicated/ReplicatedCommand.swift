internal import ArgumentParser

struct ReplicatedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replicated",
        abstract: "Frontends over an edit log in etcd: edits, their way to a follower, replay, failover.",
        discussion: """
            Starts three etcd on loopback (Debian's etcd-server; TABLETD_ETCD names another).
            log: edits of 64 writers, against the same batches put by a client that does nothing else; how long an edit takes to
            a follower; replay of a million.
            failover: three real tabletd-fe, whose master is killed again and again while changes are made.

            EXAMPLES
              tabletd-bench replicated --fe .build-release/release/tabletd-fe
              tabletd-bench replicated --only failover --kills 5 --lease 5 --json replicated.json
            """)
    @OptionGroup var options: BenchOptions
    @Option(help: "Only this part; may be repeated: log, failover.") var only: [String] = []
    @Option(help: "Kills of the master.") var kills = 20
    @Option(help: "leader_lease_seconds of the frontends.") var lease = 5
    @Option(help: "Entries to replay.") var entries = 1_000_000
    @Option(help: ArgumentHelp("The frontend; else the one beside this.", valueName: "path")) var fe: String?
    @Option(help: ArgumentHelp("Where to work: on the disk to measure.", valueName: "folder")) var folder: String?

    private static let parts = ["log", "failover"]

    func validate() throws {
        guard kills >= 1, entries >= 1000 else {
            throw ValidationError("--kills must be at least 1, and --entries at least 1000")
        }
        for name in only where !Self.parts.contains(name) {
            throw ValidationError("--only \(name): there are \(Self.parts.joined(separator: ", "))")
        }
    }

    func run() throws {
        var figures: [Figure] = []
        for part in Self.parts where only.isEmpty || only.contains(part) {
            figures += try inWorkFolder(for: "replicated-" + part, in: folder) { folder in
                if part == "log" {
                    return try LogBench(folder: folder, seconds: 3, entries: entries).run(runs: options.runs)
                }
                let program = fe ?? MeasuredDaemon.besideThis("tabletd-fe")
                return try FailoverBench(program: program, folder: folder, leaseSeconds: lease).run(kills: kills)
            }
        }
        try BenchResult(bench: "replicated", figures: figures, runs: options.runs).deliver(json: options.json)
    }
}
