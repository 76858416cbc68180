import ArgumentParser
import ClusterMetadata
import LocalFileSystem
import Platform
import RocksDBStore
import TabletModel

struct MetaTruncate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "truncate-after",
        abstract: "Give up every journal entry behind one: what they changed is lost.",
        discussion: """
            For a journal that can't be replayed, when there is no copy of meta_dir. The journal is copied to a folder of its
            own below meta_dir first, and images that cover more are moved there; both moved back undo it. Backends that were
            told of what follows hold the FE, as after an older copy was put back: `tabletctl meta status` says what to do.

            EXAMPLES
              tabletctl meta truncate-after 4711 --yes-i-lose-what-follows --meta-dir doris-meta
            """)
    @Argument(help: "The last log id that stays.") var logID: Int64
    @Flag(help: "Said by whoever knows that everything behind it is lost.")
    var yesILoseWhatFollows = false
    @OptionGroup var folder: MetaFolderOption
    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard yesILoseWhatFollows else {
            throw CLIError.usage(
                "this gives up every entry behind \(logID): look with `tabletctl meta log --from \(logID + 1)`, then say "
                    + "--yes-i-lose-what-follows")
        }
        try operate(folder, global) { try $0.truncate(after: logID, $1) }
    }
}

struct MetaSkip: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skip", abstract: "Give up one journal entry that can't be read, so that those behind it can be.",
        discussion: """
            An entry that changes nothing (op 10020) takes its place; what the lost one changed is lost, and entries behind it
            that build on it find nothing: run `tabletctl meta verify` afterwards, and look what the state is. The journal is
            copied to a folder of its own below meta_dir first; moved back in the place of journal/ it undoes it.

            EXAMPLES
              tabletctl meta skip 4711 --yes-i-lose-it --meta-dir doris-meta
            """)
    @Argument(help: "The log id that a start or `meta verify` names.") var logID: Int64
    @Flag(help: "Said by whoever knows that what it changed is lost.")
    var yesILoseIt = false
    @Flag(help: "Also when the entry can be read.")
    var evenIfWhole = false
    @OptionGroup var folder: MetaFolderOption
    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard yesILoseIt else {
            throw CLIError.usage(
                "this gives up entry \(logID): look with `tabletctl meta log --from \(logID) --to \(logID)`, then say "
                    + "--yes-i-lose-it")
        }
        try operate(folder, global) { try $0.skip(logID, evenIfWhole: evenIfWhole, $1) }
    }
}

/// What `--json` prints of it.
private struct SurgeryView: Codable {
    var copies: String
    var firstLost: Int64?
    var lastLost: Int64?
    var movedImages: [String]
}

private func operate(
    _ folder: MetaFolderOption, _ global: GlobalOptions,
    _ body: (JournalSurgery, InspectionProgress) throws -> JournalSurgery.Outcome
) throws {
    let bar = StageBar()
    let path = try folder.path
    let outcome = try explainingMetadata(path) {
        let surgery = try JournalSurgery(
            path, files: LocalFileSystem(), stores: RocksDBStoreOpener(),
            now: UnixTime(milliseconds: nowMilliseconds()))
        return try body(surgery, bar.progress)
    }
    bar.finish()
    let view = SurgeryView(
        copies: outcome.copies, firstLost: outcome.lost?.lowerBound, lastLost: outcome.lost?.upperBound,
        movedImages: outcome.movedImages)
    try global.show(try encodeJSON(view), as: SurgeryView.self) { view in
        let lost = view.firstLost.flatMap { first in
            view.lastLost.map { first == $0 ? "entry \(first) is given up" : "entries \(first) to \($0) are given up" }
        }
        return (lost ?? "there was nothing to give up") + "\n"
            + "a copy of the journal as it was: \(view.copies)/journal\n"
            + view.movedImages.map { "moved: image/\($0) to \(view.copies)/\($0)\n" }.joined()
            + "next: tabletctl meta verify --meta-dir \(path)\n"
    }
}
