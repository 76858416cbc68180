internal import ArgumentParser

struct CloneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clone", abstract: "A tablet cloned over loopback, against cp and cksum of the same files.",
        discussion: """
            Makes a tablet of eight rowsets and clones it whole, as CLONE does: snapshot, downloads over the real HTTP server
            and curl, checksums, one commit. Beside it, by turns: `cp` of the same files, `sync -d` and `cksum` of the copies.
            Both sides sync every file. CPU is that of this process, so of both ends of the clone.

            EXAMPLE
              tabletd-bench clone --size-mib 512 --runs 7 --json clone.json
            """)
    @OptionGroup var options: BenchOptions
    @Option(help: "Size of the tablet.") var sizeMib = 512
    @Option(
        help: ArgumentHelp(
            "Where to work: on the disk to measure, with room for three such tablets.", valueName: "folder"))
    var folder: String?

    func validate() throws {
        guard sizeMib >= 8 else { throw ValidationError("--size-mib must be at least 8") }
    }

    func run() throws {
        let figures = try inWorkFolder(for: "clone", in: folder) {
            try CloneBench.run(sizeMiB: sizeMib, runs: options.runs, folder: $0)
        }
        try BenchResult(bench: "clone", figures: figures, runs: options.runs).deliver(json: options.json)
    }
}
