import ArgumentParser
import ByteText
import Checksums
import Foundation
import HTTPAPI
import TabletModel

struct Read: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read a table's rows, local and cold alike.",
        discussion: """
            Rows go to standard output, one a line, tablet by tablet. --checksum counts and sums them instead; the sum does
            not depend on the order of rows or on how they are stored, so replicas and files can be compared
            (`tabletctl checksum`). A tablet whose backend fails before its first row is read from the next one.

            EXAMPLES
              tabletctl read flights > flights.csv
              tabletctl read flights --backend 10003 --checksum
              tabletctl read flights --followers --checksum
            """)
    @Argument var table: TableArgument
    @Option(help: "Read from the replicas on this backend (its id) only.")
    var backend: Int64?
    @Option(help: "Read as of this version; the newest visible one when left out.")
    var version: Int64?
    @Flag(help: "Read from replicas that follow the cooldown replica, not from the one that uploaded.")
    var followers = false
    @Flag(help: "Print the number of rows and their checksum instead of the rows.")
    var checksum = false
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let client = try global.client()
        var query: [String] = []
        if let backend { query.append("backend=\(backend)") }
        if let version { query.append("version=\(version)") }
        let path = table.path + "/read_plan" + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
        let answer: [UInt8]
        do {
            answer = try client.get(path)
        } catch let error as CLIError where error.isUnavailable {
            // No backend has it that the FE knows to be alive: the same as asking one in vain.
            throw CLIError.unreachable(error.message)
        }
        let plan = try decode(ReadPlan.self, answer)
        var summary = RowChecksum()
        var bar = ProgressBar("read \(table.name)", json: global.json || !checksum)
        for (done, tablet) in plan.tablets.enumerated() {
            bar.update(done: Int64(done), total: Int64(plan.tablets.count), note: "\(summary.rowCount) rows")
            try read(tablet, client, &summary)
        }
        bar.finish()
        guard checksum else { return }
        try printSummary(summary, of: table.name.description, global)
    }

    private func read(_ tablet: ReadPlan.TabletTarget, _ client: APIClient, _ summary: inout RowChecksum) throws {
        var failures: [String] = []
        for target in tablet.backends where !(followers && target.isCooldownReplica) {
            let url =
                "\(client.scheme)://\(target.host):\(target.httpPort)/api/_tablet/_read?tablet_id=\(tablet.tabletID)"
                + "&schema_hash=\(tablet.schemaHash)&version=\(tablet.version)"
            var splitter = LineSplitter()
            var attempt = summary
            var began = false
            do {
                try client.stream(url, token: tablet.token) { bytes in
                    began = true
                    if checksum {
                        splitter.add(bytes) { attempt.add(row: $0) }
                    } else {
                        Terminal.output(bytes)
                    }
                }
                splitter.finish { attempt.add(row: $0) }
                summary = attempt
                return
            } catch let error as CLIError {
                failures.append("backend \(target.backendID): \(error.message)")
                // Rows that are out can't be taken back; a checksum starts the tablet anew.
                if began && !checksum { break }
            }
        }
        let reason = failures.isEmpty ? "no live backend has it" : failures.joined(separator: "; ")
        throw CLIError.unreachable("tablet \(tablet.tabletID) can't be read at version \(tablet.version): \(reason)")
    }
}

struct Checksum: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Count and sum the rows of a file, as `read --checksum` does for a table.",
        discussion: "EXAMPLE\n  tabletctl checksum --file flights.csv --skip-header")
    @Option var file: String
    @Flag(help: "The first line is names, not a row.")
    var skipHeader = false
    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard let handle = FileHandle(forReadingAtPath: file) else { throw CLIError.usage("can't open \(file)") }
        defer { handle.closeFile() }
        var summary = RowChecksum()
        var splitter = LineSplitter()
        var skip = skipHeader
        let add: (UnsafeRawBufferPointer) -> Void = { row in
            if skip {
                skip = false
            } else {
                summary.add(row: row)
            }
        }
        while case let piece = handle.readData(ofLength: 1 << 20), !piece.isEmpty {
            piece.withUnsafeBytes { splitter.add($0, add) }
        }
        splitter.finish(add)
        try printSummary(summary, of: file, global)
    }
}

/// What `--checksum` prints.
private struct SummaryView: Codable {
    var rows: Int64
    var checksum: String
}

private func printSummary(_ summary: RowChecksum, of subject: String, _ global: GlobalOptions) throws {
    let view = SummaryView(rows: summary.rowCount, checksum: summary.description)
    try global.show(try encodeJSON(view), as: SummaryView.self) {
        "\($0.rows) rows, checksum \($0.checksum)  \(subject)\n"
    }
}
