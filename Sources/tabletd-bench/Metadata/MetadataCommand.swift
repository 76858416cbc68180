internal import ArgumentParser
internal import Foundation

struct MetadataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metadata",
        abstract: "A frontend of a million tablets: memory, start, reports, edits, images, replay.",
        discussion: """
            frontend: a real tabletd-fe over tables of three replicas a tablet; three backends report every tablet, while a
            checker looks at all and images are written.
            store: edits of 16 writers against a bare log that is synced as often; images while 10,000 edits a second are made;
            replay.
            create: a table of 100,000 tablets made and dropped by a real frontend and three real backends.
            backend: a real tabletd-be of as many tablets with 10 rowsets each: its start, and what a tablet takes.

            EXAMPLES
              tabletd-bench metadata --fe .build-release/release/tabletd-fe
              tabletd-bench metadata --tablets 100000 --only store --json metadata.json
            """)
    @OptionGroup var options: BenchOptions
    @Option(help: "Tablets, each with three replicas.") var tablets = 1_000_000
    @Option(help: "Tables they are in.") var tables = 2500
    @Option(help: "Only this part; may be repeated: frontend, store, create, backend.") var only: [String] = []
    @Option(help: "Tablets of the table that is created.") var buckets = 100_000
    @Option(help: ArgumentHelp("The frontend; else the one beside this.", valueName: "path")) var fe: String?
    @Option(help: ArgumentHelp("The backend; else the one beside this.", valueName: "path")) var be: String?
    @Option(help: ArgumentHelp("Where to work: on the disk to measure.", valueName: "folder")) var folder: String?

    private static let parts = ["frontend", "store", "create", "backend"]

    func validate() throws {
        guard tables >= 1, tablets >= tables else {
            throw ValidationError("--tablets must be at least --tables, and that 1")
        }
        for name in only where !Self.parts.contains(name) {
            throw ValidationError("--only \(name): there are \(Self.parts.joined(separator: ", "))")
        }
    }

    func run() throws {
        var figures: [Figure] = []
        for part in Self.parts where only.isEmpty || only.contains(part) {
            figures += try inWorkFolder(for: "metadata-" + part, in: folder) { try measure(part, in: $0) }
        }
        try BenchResult(bench: "metadata", figures: figures, runs: 1).deliver(json: options.json)
    }

    private func measure(_ part: String, in folder: String) throws -> [Figure] {
        let frontend = fe ?? MeasuredDaemon.besideThis("tabletd-fe")
        let backend = be ?? MeasuredDaemon.besideThis("tabletd-be")
        let cluster = BigCluster(tablets: tablets, tables: tables)
        switch part {
        case "frontend": return try FrontendBench(cluster: cluster, program: frontend, folder: folder).run()
        case "store": return try StoreBench(cluster: cluster, folder: folder, seconds: 3).run()
        case "create":
            return try CreateBench(buckets: buckets, frontend: frontend, backend: backend, folder: folder).run()
        default:
            return try BackendSizeBench(program: backend, folder: folder, tablets: tablets, rowsets: 10)
                .figures(runs: 3)
        }
    }
}
