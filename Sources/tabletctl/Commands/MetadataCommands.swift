import ArgumentParser
import HTTPAPI

struct Meta: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meta",
        abstract:
            "The FE's metadata: look into them, save what can be saved, and choose when backends are ahead of them.",
        discussion: """
            info, stats and log ask a running FE, or look into a folder with --meta-dir; verify, dump and diff look into folders
            that no FE holds, and change nothing; truncate-after and skip give up entries of a journal that can't be replayed.

            status, adopt and discard are about metadata older than the backends: after an older copy of meta_dir was put back,
            or metadata were lost, backends have what the FE never made. It then drops and overwrites nothing there and refuses
            writes, of one table or of all, until you choose. If there is a newer copy of meta_dir, stop the FE and put that back
            instead: nothing is lost then.

            EXAMPLES
              tabletctl meta info
              tabletctl meta verify --meta-dir /var/lib/tabletd/doris-meta
              tabletctl meta log --meta-dir doris-meta --from 4711
              tabletctl meta checkpoint
              tabletctl meta status
              tabletctl meta adopt --all
              tabletctl meta discard --all --confirm 24
            """,
        subcommands: [
            MetaInfo.self, MetaStats.self, Checkpoint.self,
            MetaVerify.self, MetaDump.self, MetaLog.self, MetaDiff.self, MetaTruncate.self, MetaSkip.self,
            MetaMoveJournal.self,
            MetaStatus.self, MetaAdopt.self, MetaDiscard.self,
        ], defaultSubcommand: MetaStatus.self)
}

struct MetaStatus: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Whether backends are ahead of the metadata: what was found, where, and since when.")
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let client = try global.client()
        try global.show(try client.get("/api/metadata"), as: MetadataStatusView.self) { renderMetadata($0) }
    }
}

struct MetaAdopt: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Of backends that are ahead: take over what can be taken, and write again.",
        discussion: """
            Versions, cooldown terms, ids and the epoch go on above what backends have, and their rows become visible. What
            can't be taken: tables that were made after the metadata (their names and columns are not on backends; their
            tablets stay where they are until `meta discard`), and tables of which backends hold a load only in part (they
            stay held, with the reason).
            """)
    @OptionGroup var subject: MetadataSubject
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let choice = try subject.choice()
        let bytes = try global.client().post("/api/metadata/adopt", choice)
        try global.show(bytes, as: MetadataSettledView.self) { renderSettled($0, "adopted") }
    }
}

struct MetaDiscard: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Of backends that are ahead: give up what they have beyond. Rows are lost for good.",
        discussion: """
            --all deletes every tablet that no table of this FE owns, with its objects in the object store, once the backends
            report it. --confirm names how many tablet replicas that are, as `meta status` counts them. Versions of a table
            that is known can't be taken back: adopt them, or drop the table.
            """)
    @OptionGroup var subject: MetadataSubject
    @Option(help: "With --all: how many tablet replicas are to be deleted.")
    var confirm: Int64?
    @OptionGroup var global: GlobalOptions

    func run() throws {
        var choice = try subject.choice()
        choice.tabletReplicas = confirm
        let bytes = try global.client().post("/api/metadata/discard", choice)
        try global.show(bytes, as: MetadataSettledView.self) { renderSettled($0, "discarded what was beyond") }
    }
}

/// What a choice is about.
struct MetadataSubject: ParsableArguments {
    @Option(help: "One table that is held by itself.")
    var table: TableArgument?
    @Flag(help: "The whole FE, and every table.")
    var all = false
    @Flag(help: "Go on although some backends have not reported: what they hold is not known.")
    var force = false

    func choice() throws -> MetadataChoice {
        guard (table == nil) == all else { throw CLIError.usage("give --all, or --table with one table") }
        return MetadataChoice(table: table?.name, force: force)
    }
}

func renderMetadata(_ view: MetadataStatusView) -> String {
    var text = ""
    if view.isHeld {
        text += "metadata older than the backends: the whole FE is held\n" + renderFindings(view.findings)
    }
    for table in view.tables {
        text += "metadata older than the backends: table \(table.table) is held\n" + renderFindings(table.findings)
    }
    if text.isEmpty { text = "nothing shows that the metadata are older than the backends\n" }
    if !view.lostIDs.isEmpty {
        text += "kept until discarded: tablets of no table with ids \(view.lostIDs.joined(separator: ", "))\n"
    }
    var backends = TextTable([
        ">backend", "address", "alive", "reported", ">unknown tablets", ">differing", "remembers",
    ])
    for backend in view.backends {
        backends.add([
            "\(backend.id)", backend.address, backend.isAlive ? "yes" : "no", backend.hasReported ? "yes" : "no",
            "\(backend.unknownTablets)", "\(backend.differingReplicas)", backend.remembers,
        ])
    }
    text += "\n" + backends.render(empty: "no backends")
    let unknown = view.backends.reduce(0) { $0 + $1.unknownTablets }
    if view.isHeld || !view.tables.isEmpty {
        text +=
            "\nIf there is a newer copy of meta_dir, stop the FE and put that back: nothing is lost then. Else choose:\n"
            + "  tabletctl meta adopt \(view.isHeld ? "--all" : "--table TABLE")\n"
        if view.isHeld { text += "  tabletctl meta discard --all --confirm \(unknown)\n" }
    }
    return text
}

private func renderFindings(_ findings: [MetadataFindingView]) -> String {
    findings.map { "  \($0.text) (found \(formatAge($0.foundMs)))\n" }.joined()
}

private func renderSettled(_ view: MetadataSettledView, _ word: String) -> String {
    var text =
        view.tables.isEmpty ? "\(word)\n" : "\(word): \(view.tables.map(\.description).joined(separator: ", "))\n"
    for left in view.left { text += "still held: table \(left.table): \(left.reason)\n" }
    return text
}
