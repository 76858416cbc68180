internal import Foundation
internal import Glibc
internal import Platform
internal import StorageEngine
internal import TabletModel

/// A real backend process over a data dir of many tablets: how soon they are loaded, and how much memory they take.
///
/// What it measures: the program `tabletd-be` as it is shipped, its meta store on the disk, from its start until it says over HTTP
/// that all tablets are loaded; and its resident memory against that of one without tablets, after each was sent heartbeats and
/// has sent its whole tablet report to a frontend. What it leaves out: rows. The rowsets have sizes and no files, as many as a
/// tablet has when compaction is done with it, so that there is nothing to do but to be there.
struct BackendSizeBench {
    /// The program to measure.
    var program: String
    /// Where the data dirs are made.
    var folder: String
    var tablets: Int
    var rowsets: Int

    /// Tablets of one table of the data dir.
    private static let tabletsOfTable = 400
    private static let batch = 2000

    func figures(runs: Int) throws -> [Figure] {
        let full = folder + "/full-\(tablets)-\(rowsets)"
        try fill(full)
        let empty = folder + "/empty"
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        let none = try measure(empty, tablets: 0)
        let created = try (0..<max(1, runs)).map { try creations(folder + "/create-\($0)") }
        let measured = try (0..<max(1, runs)).map { _ in try measure(full, tablets: tablets) }
        let bytes = measured.map { ($0.residentMiB - none.residentMiB) * 1_048_576 / Double(tablets) }
        // The goals are for a million tablets.
        let scale = Double(tablets) / 1_000_000
        return [
            Figure(key: "be_start_s", value: median(measured.map(\.startSeconds)), goal: .atMost(max(0.5, 5 * scale))),
            Figure(key: "be_bytes_per_tablet", value: median(bytes), goal: .atMost(300)),
            Figure(key: "be_resident_mib", value: median(measured.map(\.residentMiB))),
            Figure(key: "be_peak_mib", value: median(measured.map(\.peakMiB))),
            Figure(key: "be_empty_mib", value: none.residentMiB),
            Figure(key: "be_creates_per_s", value: median(created), goal: .atLeast(10_000)),
            Figure(key: "be_report_s", value: median(measured.map(\.reportSeconds))),
        ]
    }

    // MARK: The data dir

    /// Makes it once: a folder that is there is taken as it is.
    private func fill(_ dir: String) throws {
        if FileManager.default.fileExists(atPath: dir + "/filled") { return }
        try FileManager.default.createDirectory(atPath: dir, withIntermediateDirectories: true)
        let engine = try openBenchEngine([dir], fetcher: NoFetcher())
        let now = UnixTime(milliseconds: 1_700_000_000_000)
        for start in stride(from: 0, to: tablets, by: Self.batch) {
            let numbers = start..<min(start + Self.batch, tablets)
            try engine.dataDirs[0].fill(numbers.map { tablet(number: $0, now) })
        }
        try engine.persistClusterID(1)
        engine.close()
        try Data().write(to: URL(fileURLWithPath: dir + "/filled"))
    }

    private func tablet(number: Int, _ now: UnixTime) -> (TabletHeader, [RowsetMeta]) {
        let random = SystemRandomSource()
        let table = Int64(number / Self.tabletsOfTable)
        let id = TabletID(10_000_000 + Int64(number))
        let schema = Self.schema(of: table)
        let header = TabletHeader(
            tabletID: id, schemaHash: schema.schemaHash, replicaID: ReplicaID(50_000_000 + Int64(number)),
            tableID: TableID(1000 + table), partitionID: PartitionID(1_000_000 + Int64(number / 40)),
            uid: random.uniqueID(), shardID: Int32(id.rawValue % 1024), state: .running, createdAt: now, schema: schema)
        var rowsets: [RowsetMeta] = []
        for index in 0..<Int64(self.rowsets) {
            let written = UnixTime(milliseconds: now.milliseconds + index * 3_600_000 + Int64(number % 1000))
            // Each larger than all behind it together, and none large enough for the base: nothing is merged.
            let size = index == 0 ? 0 : Int64(1) << (27 - min(index, 20))
            rowsets.append(
                RowsetMeta(
                    id: random.rowsetID(), tabletID: id, schemaHash: schema.schemaHash,
                    partitionID: header.partitionID, transactionID: TransactionID(index * 100_000 + table),
                    versions: index == 0 ? VersionRange(0, 1) : VersionRange(single: Version(index + 1)),
                    rowCount: size / 100, sizeBytes: size, createdAt: written, oldestWrite: written,
                    newestWrite: written))
        }
        return (header, rowsets)
    }

    /// Four columns.
    private static func schema(of table: Int64) -> TabletSchema {
        let columns = ["day", "customer", "item", "amount"].enumerated().map { index, name in
            TabletSchema.Column(
                name: name, type: PrimitiveType(rawValue: 5), isKey: index < 2, isNullable: index >= 2,
                uniqueID: Int32(index))
        }
        var schema = TabletSchema(
            schemaHash: SchemaHash(Int32(truncatingIfNeeded: 7_000_003 &* (table + 1))), columns: columns)
        schema.shortKeyColumnCount = 2
        return schema
    }

    // MARK: The process

    /// CREATE tasks a second, from the first that is sent until the end of the last was heard: one connection with a thousand a call,
    /// to a backend that is empty before. The frontend that hears the ends is this process.
    private func creations(_ dir: String) throws -> Double {
        let count = min(tablets, 60_000)
        try? FileManager.default.removeItem(atPath: dir)
        try FileManager.default.createDirectory(atPath: dir, withIntermediateDirectories: true)
        let listener = try ReportListener()
        defer { listener.stop() }
        let backend = try BackendProcess(program, storage: dir, folder: folder)
        defer { backend.kill() }
        try backend.waitUntilLoaded()
        try backend.greet(listener.master)
        let tasks = (0..<count).map { number in
            let table = Int64(number / Self.tabletsOfTable)
            return AgentTask(
                type: .create, signature: Int64(number + 1),
                payload: .create(
                    CreateTabletRequest(
                        tabletID: TabletID(Int64(number) + 1), schema: Self.schema(of: table),
                        tableID: TableID(1000 + table), partitionID: PartitionID(Int64(number / 40) + 1),
                        replicaID: ReplicaID(Int64(number) + 1))))
        }
        let took = try secondsOf {
            for start in stride(from: 0, to: count, by: 1000) {
                try backend.submit(Array(tasks[start..<min(start + 1000, count)]))
                // As far ahead as a frontend goes.
                try listener.waitForEnds(start - 20_000)
            }
            try listener.waitForEnds(count)
        }
        return Double(count) / took
    }

    private func measure(_ dir: String, tablets: Int) throws -> BackendSize {
        let listener = try ReportListener()
        defer { listener.stop() }
        let backend = try BackendProcess(program, storage: dir, folder: folder)
        defer { backend.kill() }
        try backend.waitUntilLoaded()
        let startSeconds = seconds(backend.age)
        try backend.greet(listener.master)
        let began = ContinuousClock.now
        try listener.waitForReport(tablets: tablets)
        let reportSeconds = seconds(ContinuousClock.now - began)
        // What a report leaves behind for a moment is none of what tablets take: one more, and a while of rest.
        try backend.greet(listener.master)
        usleep(2_000_000)
        return BackendSize(
            startSeconds: startSeconds, reportSeconds: reportSeconds, residentMiB: try backend.residentMiB(),
            peakMiB: try backend.peakMiB())
    }
}

/// What one process came to.
private struct BackendSize {
    var startSeconds: Double
    var reportSeconds: Double
    var residentMiB: Double
    var peakMiB: Double
}

/// Nothing is fetched.
private struct NoFetcher: HTTPFetcher {
    func fetch(
        _ url: String, range: Range<Int64>?, timeoutSeconds: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws { throw BenchError("nothing is fetched here") }
}
