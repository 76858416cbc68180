import ArgumentParser
import CurlHTTP
import Foundation
import HTTPAPI
import TabletModel

struct Load: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load the rows of a delimited file into a table.",
        discussion: """
            Returns when the rows are readable on a majority of each tablet's replicas. The label makes a load safe to
            repeat: the same label is never loaded twice.

            EXAMPLES
              tabletctl load flights --file flights.csv --delimiter , --skip-header
              tabletctl load logs.web --file today.tsv --label web-2026-11-21
              zcat today.tsv.gz | tabletctl load logs.web --file - --label web-2026-11-21
            """)
    @Argument var table: TableArgument
    @Option(help: "The file to load; a pipe is sent as it comes, - is standard input.")
    var file: String
    @Option(help: "One character between two fields; the table's own when left out.")
    var delimiter: String?
    @Flag(inversion: .prefixedNo, help: "Whether the first line is names, not a row; the table knows when left out.")
    var skipHeader: Bool?
    @Option(help: "Name of this load; made from the file's name and the time when left out.")
    var label: String?
    @Option(help: "Seconds from begin to commit.")
    var timeout: Int = 3600
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let client = try global.client()
        let input = try LoadInput(file: file, json: global.json)
        let path = "/api/\(pathSegment(table.name.database))/\(pathSegment(table.name.table))/_stream_load?wait=false"
        let started = try decode(LoadView.self, try client.upload(path, headers: headers(), body: input.body))
        input.finish()
        let ended = try wait(client, started)
        if ended.state == .aborted { throw CLIError.failed("load \(ended.label) was aborted: \(ended.message)") }
        try global.show(try encodeJSON(ended), as: LoadView.self) { load in
            "loaded \(load.rowCount) rows (\(formatBytes(load.bytes))) into \(load.table) as version \(load.version), "
                + "checksum \(load.rowChecksum), label \(load.label)\n"
        }
    }

    private func headers() -> [HTTPHeader] {
        let milliseconds = Int64(Date().timeIntervalSince1970 * 1000)
        var headers = [
            HTTPHeader("label", label ?? MadeLabel.text(file: file, milliseconds: milliseconds)),
            HTTPHeader("timeout", "\(timeout)"),
        ]
        if let delimiter { headers.append(HTTPHeader("column_separator", delimiter)) }
        if let skipHeader { headers.append(HTTPHeader("skip_lines", skipHeader ? "1" : "0")) }
        return headers
    }

    private func wait(_ client: APIClient, _ started: LoadView) throws -> LoadView {
        try waitForEnd(of: started, "write \(table.name)", client, global)
    }
}

/// Shows how far a load or a delete is until it is visible or aborted.
func waitForEnd(
    of started: LoadView, _ title: String, _ client: APIClient, _ global: GlobalOptions
) throws -> LoadView {
    var bar = ProgressBar(title, json: global.json)
    defer { bar.finish() }
    var load = started
    while load.state != .visible, load.state != .aborted {
        bar.update(
            done: load.replicasPushed + load.replicasPublished, total: 2 * load.replicaCount,
            note: "\(load.state.rawValue), \(load.replicasPushed)/\(load.replicaCount) replicas written")
        pause(milliseconds: 50)
        load = try decode(LoadView.self, try client.get("/api/loads/\(load.transactionID)"))
    }
    return load
}

struct Loads: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Loads and deletes that run, and those that ended lately.")
    @Option(help: "Abort the load of this transaction.")
    var abort: Int64?
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let client = try global.client()
        if let abort {
            try global.show(try client.delete("/api/loads/\(abort)"), as: LoadView.self) {
                "load \($0.label) (transaction \($0.transactionID)) is \($0.state.rawValue)\n"
            }
            return
        }
        try global.show(try client.get("/api/loads"), as: [LoadView].self) { loads in
            var table = TextTable([
                ">txn", "label", "table", "state", ">rows", ">bytes", ">version", "began", "message",
            ])
            for load in loads {
                table.add([
                    "\(load.transactionID)", load.label, load.table.description, load.state.rawValue,
                    "\(load.rowCount)", formatBytes(load.bytes), "\(load.version)", formatAge(load.beganMs),
                    [load.deleteCondition.map { "deletes \($0)" } ?? "", load.message].filter { !$0.isEmpty }
                        .joined(separator: "; "),
                ])
            }
            return table.render(empty: "no loads")
        }
    }
}
