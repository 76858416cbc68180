import ArgumentParser
import Foundation
import HTTPAPI
import TabletModel

struct CreateTable: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Create a table of delimited rows.",
        discussion: """
            A row is a line; its bucket is a stable hash of the field --distribute-by names. Fields are split at the
            delimiter; there is no quoting. The database is created when it is not there.

            EXAMPLES
              tabletctl create-table flights --columns-from flights.csv --buckets 8 --replicas 3 --distribute-by tailnum
              tabletctl create-table logs.web --columns host,time:DATETIME,line --delimiter $'\\t' --distribute-by host
            """)
    @Argument(help: "table or database.table")
    var table: TableArgument
    @Option(help: "Names of the fields, separated by commas; name:TYPE for one that is not VARCHAR.")
    var columns: String?
    @Option(help: "Take the names from the first line of this file; its loads skip that line unless told otherwise.")
    var columnsFrom: String?
    @Option(help: "Hash buckets: tablets of the table.")
    var buckets = 1
    @Option(help: "Replicas of each tablet, each on another backend.")
    var replicas = 3
    @Option(help: "Field whose hash chooses the bucket: a name, or its place counted from 1 when there are no names.")
    var distributeBy: String
    @Option(help: "One character between two fields.")
    var delimiter = ","
    @Option(help: "Storage policy by which the table cools.")
    var storagePolicy: String?
    @Option(help: "Seconds to wait for the replicas.")
    var timeout: Double = 120
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let fields = try columnFields()
        let names = fields.map(\.name)
        let types = fields.map(\.type)
        let client = try global.client()
        try createDatabase(client)
        let request = CreateTableRequest(
            name: table.name, buckets: buckets, replicas: replicas, columns: names,
            distributionColumn: try distributionColumn(names), delimiter: delimiter, hasHeader: columnsFrom != nil,
            storagePolicy: storagePolicy, timeoutMs: Int64(timeout * 1000),
            columnTypes: types.allSatisfy { $0 == nil } ? nil : types.map { $0 ?? "VARCHAR" })
        let started = try decode(JobView.self, try client.post("/api/tables", request))
        try waitForJob(client, started)
        try global.show(try client.get(table.path), as: TableView.self) { view in
            "table \(view.name) created: \(view.buckets) tablets, \(view.replicaCount) replicas\n"
        }
    }

    private func columnFields() throws -> [(name: String, type: String?)] {
        if let columns {
            return columns.split(separator: ",").map { field in
                let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : nil)
            }
        }
        guard let columnsFrom else { return [] }
        return try names(inFirstLineOf: columnsFrom).map { ($0, nil) }
    }

    private func names(inFirstLineOf columnsFrom: String) throws -> [String] {
        guard let file = FileHandle(forReadingAtPath: columnsFrom) else {
            throw CLIError.usage("can't open \(columnsFrom)")
        }
        defer { file.closeFile() }
        var bytes = file.readData(ofLength: 64 << 10)
        // The byte order mark of Windows' programs is no part of the first name.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        let head = String(decoding: bytes, as: UTF8.self)
        let line = head.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        guard !line.isEmpty else { throw CLIError.usage("\(columnsFrom) has no first line to take the names from") }
        return line.components(separatedBy: delimiter)
    }

    private func distributionColumn(_ names: [String]) throws -> Int {
        if let index = names.firstIndex(of: distributeBy) { return index }
        if names.isEmpty, let place = Int(distributeBy), place >= 1 { return place - 1 }
        throw CLIError.usage(
            names.isEmpty
                ? "--distribute-by must be a place counted from 1, since no column names are given"
                : "no column '\(distributeBy)'; the columns are \(names.joined(separator: ", "))")
    }

    private func createDatabase(_ client: APIClient) throws {
        let known = try decode([DatabaseView].self, try client.get("/api/databases"))
        if known.contains(where: { $0.name == table.name.database }) { return }
        _ = try client.post("/api/databases", ["name": table.name.database])
    }

    private func waitForJob(_ client: APIClient, _ started: JobView) throws {
        var bar = ProgressBar("create \(table.name)", json: global.json)
        defer { bar.finish() }
        var job = started
        while job.state == .running {
            bar.update(done: job.done, total: job.total, note: "\(job.done)/\(job.total) replicas")
            pause(milliseconds: 50)
            job = try decode(JobView.self, try client.get("/api/jobs/\(job.id)"))
        }
        if job.state == .failed { throw CLIError.failed("table \(table.name) was not created: \(job.message)") }
    }
}
