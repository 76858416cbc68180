import ArgumentParser
import ClusterMetadata
import HTTPAPI
import LocalFileSystem
import Platform

struct MetaInfo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Cluster, images, journal, epoch and starts at a glance.",
        discussion: """
            Of a running FE, or with --meta-dir of a folder that no FE holds. The token is not shown.

            EXAMPLES
              tabletctl meta info
              tabletctl meta info --meta-dir /var/lib/tabletd/doris-meta
            """)
    @OptionGroup var folder: MetaFolderOption
    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard folder.metaDir != nil else {
            return try global.show(try global.client().get("/api/metadata/info"), as: MetadataInfoView.self, renderInfo)
        }
        let view = try explainingMetadata(folder.path) { try folder.open().info() }
        try global.show(try encodeJSON(view), as: MetadataInfoView.self, renderInfo)
    }
}

struct MetaStats: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Where the bytes are: by section, by kind of object, by operation.",
        discussion: """
            EXAMPLES
              tabletctl meta stats
              tabletctl meta stats --meta-dir /var/lib/tabletd/doris-meta --json
            """)
    @OptionGroup var folder: MetaFolderOption
    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard folder.metaDir != nil else {
            return try global.show(
                try global.client().get("/api/metadata/stats"), as: MetadataStatsView.self, renderStats)
        }
        let bar = StageBar()
        let view = try explainingMetadata(folder.path) { try folder.open().stats(bar.progress) }
        bar.finish()
        try global.show(try encodeJSON(view), as: MetadataStatsView.self, renderStats)
    }
}

struct MetaVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check every checksum and invariant of images and journal; ends in 6 when something is wrong.",
        discussion: """
            Reads the images section by section (checksums, counts, digest, log id, cluster), the journal record by record
            (checksums, order, gaps), replays the journal from each image to the next and compares, and looks whether tables,
            tablets, replicas and transactions belong together. Writes nothing. Each finding names its file and byte, or its
            log id. Memory: about what the FE takes, twice.

            EXAMPLES
              tabletctl meta verify --meta-dir /var/lib/tabletd/doris-meta
              tabletctl meta verify --meta-dir copy --json | jq .problems
            """)
    @OptionGroup var folder: MetaFolderOption
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let bar = StageBar()
        let view = try explainingMetadata(folder.path) {
            do {
                return try MetadataVerification.run(folder.open(), bar.progress)
            } catch let error as KeyValueStoreError where error.code == .corruption {
                throw CLIError.unwell("journal: \(error)")
            }
        }
        bar.finish()
        if global.json {
            try encodeJSON(view).withUnsafeBytes { Terminal.output($0) }
        } else {
            Terminal.output(renderVerdict(view))
        }
        guard view.isWell else {
            throw CLIError.unwell("\(view.problemCount) problems in \(try folder.path)")
        }
    }
}

struct MetaDump: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump", abstract: "Everything as JSON, one object a line.",
        discussion: """
            The newest image as it lies there, then the journal's entries behind it; with --replayed, the state that a start
            would have. Each line has a "kind" (header, backend, database, resource, policy, table, transaction, tablet, entry
            and so on) and the members that proto/edit_log.proto gives it; keys of object stores are left out. Takes little
            memory, whatever the size; with --replayed about what the FE takes.

            EXAMPLES
              tabletctl meta dump --json --meta-dir doris-meta | jq -c 'select(.kind == "table") | [.id, .name]'
              tabletctl meta dump --replayed --meta-dir doris-meta > state.jsonl
            """)
    @OptionGroup var folder: MetaFolderOption
    @Flag(help: "The state that image and journal give together, instead of both as they lie there.")
    var replayed = false
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let (bar, output) = (StageBar(), LineOutput())
        try explainingMetadata(folder.path) {
            try folder.open().dump(replayed: replayed, bar.progress) { output.line($0) }
        }
        output.flush()
        bar.finish()
    }
}

struct MetaLog: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "The journal's entries in words, one a line.",
        discussion: """
            Log id, operation, bytes, and what it changes: of a running FE, or with --meta-dir of a folder. What can't be read, or is missing, is said in its place, and the
            command ends in 6 then. Entries that images cover are dropped after a while: `meta info` says which are there.

            EXAMPLES
              tabletctl meta log --from 4711
              tabletctl meta log --meta-dir doris-meta
              tabletctl meta log --meta-dir doris-meta --from 4711 --to 4720
            """)
    @OptionGroup var folder: MetaFolderOption
    @Option(help: "First log id.")
    var from: Int64?
    @Option(help: "Last log id.")
    var to: Int64?
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let output = LineOutput()
        let unreadable = try folder.metaDir == nil ? online(output) : offline(output)
        output.flush()
        if unreadable > 0 {
            throw CLIError.unwell(
                "\(unreadable) entries are missing or can't be read; `tabletctl meta verify` says more")
        }
    }

    private func offline(_ output: LineOutput) throws -> Int64 {
        try explainingMetadata(folder.path) {
            try folder.open().forEachLine(from: from, to: to) { output.line(try rendered($0)) }
        }
    }

    /// As many questions as it takes.
    private func online(_ output: LineOutput) throws -> Int64 {
        let client = try global.client()
        var next = Optional(from ?? 0)
        var unreadable: Int64 = 0
        while let first = next {
            let end = to.map { "&to=\($0)" } ?? ""
            let view = try decode(JournalLinesView.self, client.get("/api/metadata/log?from=\(first)\(end)"))
            for line in view.lines {
                if !line.isReadable { unreadable += 1 }
                output.line(try rendered(line))
            }
            output.flush()
            next = view.next
        }
        return unreadable
    }

    private func rendered(_ line: JournalLineView) throws -> String {
        if global.json { return String(decoding: try encodeJSON(line).dropLast(), as: UTF8.self) }
        let operation = line.op.map { "op \($0) (\(line.name))" } ?? "-"
        return "\(line.logID)  \(operation)  \(line.bytes) B  \(line.text)"
    }
}

struct MetaDiff: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "What differs between two meta dirs or images; ends in 6 when something does.",
        discussion: """
            Each of both is a meta dir (its newest image with the journal) or one image file. A line begins with - (in the
            first alone), + (in the second alone) or ~ (not the same; what differs is indented below). What backends report
            again by themselves is in no meta dir, and not compared.

            EXAMPLES
              tabletctl meta diff doris-meta doris-meta.copy
              tabletctl meta diff doris-meta/image/image.60 doris-meta/image/image.80
            """)
    @Argument(help: "A meta dir or an image file.") var left: String
    @Argument(help: "Another one.") var right: String
    @OptionGroup var global: GlobalOptions

    private struct Line: Encodable {
        var change: String
        var name: String
        var details: [String]
    }

    func run() throws {
        let (bar, output) = (StageBar(), LineOutput())
        let isJSON = global.json
        let count = try explainingMetadata(left) {
            try MetadataDiff.run(try source(left), try source(right), bar.progress) { difference in
                let line = Line(
                    change: difference.change.rawValue, name: difference.name, details: difference.details)
                guard !isJSON else {
                    return output.line(String(decoding: try encodeJSON(line).dropLast(), as: UTF8.self))
                }
                output.line("\(line.change) \(line.name)")
                for detail in line.details { output.line("    \(detail)") }
            }
        }
        output.flush()
        bar.finish()
        if count > 0 { throw CLIError.unwell("\(count) things differ") }
    }

    private func source(_ name: String) throws -> MetadataSource {
        let path = absolutePath(name)
        let files = LocalFileSystem()
        guard let found = try files.status(path) else { throw CLIError.notFound("there is no \(path)") }
        return found.isDirectory ? .folder(try openMetaFolder(path)) : .image(path: path, files)
    }
}
