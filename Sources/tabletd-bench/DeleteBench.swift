internal import Foundation
internal import Platform
internal import StorageEngine
internal import TabletModel
internal import ZstdCompression

/// Reads of a tablet of flights with ten deletes beside its rows, against the same rows without: real files, meta store and
/// compression, in one process, to lines as the HTTP answer has them.
final class DeleteBench {
    private static let plain: TabletID = 1
    private static let deleted: TabletID = 2
    private static let rowsets: Int64 = 4

    private let engine: StorageEngine

    /// Medians: `delete_read_ratio` (seconds with the deletes by seconds without), `delete_read_mib_per_s`, and
    /// `delete_first_read_ratio`, where nothing is known yet of what is gone. Both sides take turns.
    static func run(sizeMiB: Int, runs: Int, folder: String) throws -> [Figure] {
        let rows = FlightRows(bytes: (sizeMiB << 20) / Int(rowsets))
        let first = try read(rows, folder, runs) { $0.goneRowsBytes = 0 }
        let later = try read(rows, folder, runs) { _ in }
        return [
            Figure(key: "delete_read_ratio", value: later.with / later.without, goal: .atMost(1.3)),
            Figure(key: "delete_first_read_ratio", value: first.with / first.without),
            Figure(key: "delete_read_mib_per_s", value: later.mebibytes / later.with),
        ]
    }

    /// Medians, in seconds.
    private static func read(
        _ rows: FlightRows, _ folder: String, _ runs: Int, _ edit: (inout EngineOptions) -> Void
    ) throws -> (without: Double, with: Double, mebibytes: Double) {
        var options = EngineOptions()
        edit(&options)
        let bench = DeleteBench(
            engine: try openBenchEngine(
                [folder + "/be"], fetcher: rows, compressor: ZstdCompressor(), options: options))
        defer { bench.engine.close() }
        try bench.fill()
        let (whole, left) = try (bench.read(plain), bench.read(deleted))
        guard left.rows < whole.rows, left.rows * 10 > whole.rows * 9 else {
            throw BenchError("the deletes left \(left.rows) of \(whole.rows) rows")
        }
        let (without, with) = try takingTurns(
            runs: runs, { try bench.read(plain).seconds }, { try bench.read(deleted).seconds })
        return (median(without), median(with), Double(whole.bytes) / 1_048_576)
    }

    private init(engine: StorageEngine) { self.engine = engine }

    /// Once for all engines over the folder.
    private func fill() throws {
        if (try? engine.tablet(Self.plain)) != nil { return }
        for tablet in [Self.plain, Self.deleted] {
            _ = try engine.createTablet(
                CreateTabletRequest(
                    tabletID: tablet, schema: FlightRows.schema, partitionID: PartitionID(tablet.rawValue),
                    replicaID: 10))
            for number in 1...Self.rowsets {
                try publish(tablet, number, version: number + 1) { request in
                    request.url = "rows:\(number)"
                }
            }
        }
        for (index, conditions) in Self.deletes.enumerated() {
            let number = Self.rowsets + Int64(index) + 1
            try publish(Self.deleted, number, version: number + 1) { request in
                request.pushType = .delete
                request.deleteConditions = conditions
            }
        }
    }

    private func publish(
        _ tablet: TabletID, _ number: Int64, version: Int64, _ edit: (inout PushRequest) -> Void
    ) throws {
        // Each tablet has its partition, so that the transactions don't meet.
        let partition = PartitionID(tablet.rawValue)
        let transaction = TransactionID(tablet.rawValue * 1000 + number)
        var request = PushRequest(
            tabletID: tablet, schemaHash: 7, transactionID: transaction, partitionID: partition)
        edit(&request)
        _ = try engine.push(request)
        let result = try engine.publish(
            PublishVersionRequest(
                transactionID: transaction, partitions: [.init(partitionID: partition, version: Version(version))]))
        if let failure = result.failures.first { throw failure.error }
    }

    /// Of each kind some: texts, numbers, dates, sets, nulls and two conditions together.
    private static let deletes: [[DeleteCondition]] = [
        [.init(column: "tailnum", operation: "=", values: ["N14228"])],
        [.init(column: "tailnum", operation: "=", values: ["N24211"])],
        [.init(column: "tailnum", operation: "*=", values: (0..<1000).map { "N\($0)ZZ" })],
        [.init(column: "dep_delay", operation: ">", values: ["1190"])],
        [.init(column: "dep_delay", operation: "=", values: ["-42"])],
        [.init(column: "year", operation: "<", values: ["2013"])],
        [.init(column: "time_hour", operation: "<", values: ["2013-01-01 06:00:00"])],
        [.init(column: "tailnum", operation: "IS", values: ["NULL"])],
        [
            .init(column: "carrier", operation: "=", values: ["UA"]),
            .init(column: "dep_delay", operation: ">=", values: ["1180"]),
        ],
        [.init(column: "tailnum", operation: "=", values: ["N619AA"])],
    ]

    /// Every row as a line, a block at a time.
    private func read(_ tablet: TabletID) throws -> (seconds: Double, rows: Int, bytes: Int) {
        var (count, size) = (0, 0)
        let elapsed = try secondsOf {
            let scan = try engine.openScan(tablet)
            while let block = try scan.next() {
                var lines: [UInt8] = []
                lines.reserveCapacity(96 << 10)
                block.forEachRow { row in
                    lines.append(contentsOf: row)
                    lines.append(0x0A)
                }
                count += block.rowCount
                size += lines.count
            }
        }
        return (elapsed, count, size)
    }
}

/// Rows in the manner of the flights of New York in 2013, the same few thousand again and again.
private struct FlightRows: HTTPFetcher {
    let bytes: Int
    private let block: [UInt8]

    static let schema = TabletSchema(
        schemaHash: 7,
        columns: [
            ("year", PrimitiveType.smallInt), ("month", .tinyInt), ("day", .tinyInt), ("dep_time", .int),
            ("sched_dep_time", .int), ("dep_delay", .int), ("arr_time", .int), ("sched_arr_time", .int),
            ("arr_delay", .int), ("carrier", .varchar), ("flight", .int), ("tailnum", .varchar), ("origin", .varchar),
            ("dest", .varchar), ("air_time", .int), ("distance", .int), ("hour", .tinyInt), ("minute", .tinyInt),
            ("time_hour", .dateTime),
        ].enumerated().map { place, column in
            TabletSchema.Column(
                name: column.0, type: column.1, isKey: place == 0, isNullable: place > 0, uniqueID: Int32(place))
        }, delimiter: UInt8(ascii: ","))

    init(bytes: Int) {
        self.bytes = bytes
        var state: UInt64 = 2013
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        var text = ""
        for _ in 0..<20_000 {
            let (month, day, hour) = (1 + next(12), 1 + next(28), 5 + next(18))
            let delay = next(1000) == 0 ? 1000 + next(200) : next(160) - 40
            text += "2013,\(month),\(day),\(hour)\(two(next(60))),\(hour)15,\(delay),\(hour + 2)\(two(next(60))),"
            text += "\(hour + 2)20,\(delay - next(30)),\(["UA", "AA", "B6", "DL", "EV"][next(5)]),\(next(6000)),"
            text +=
                "N\(10_000 + next(30_000)),\(["EWR", "LGA", "JFK"][next(3)]),\(["IAH", "MIA", "ORD", "ATL"][next(4)]),"
            text +=
                "\(30 + next(600)),\(200 + next(2400)),\(hour),15,2013-\(two(month))-\(two(day)) \(two(hour)):00:00\n"
        }
        block = Array(text.utf8)
    }

    func fetch(
        _ url: String, range: Range<Int64>?, timeoutSeconds: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        for _ in 0..<max(1, bytes / block.count) { try block.withUnsafeBytes { try body($0) } }
    }
}

/// Beside `tasks`, which prints the figure among others.
