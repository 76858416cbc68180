internal import Foundation
internal import LocalFileSystem
internal import Platform
internal import StorageEngine
internal import TabletModel
internal import ZstdCompression

/// A tablet that is altered, against reading all its rows and writing them unchanged: one backend, real files and meta store,
/// blocks compressed as a backend compresses them.
final class AlterBench {
    private static let base: TabletID = 1
    private static let rowsets = 8
    private static let columns = 12

    private let engine: StorageEngine
    private let folder: String
    private let compressor = ZstdCompressor()
    private var lastTablet: Int64 = 1

    /// Medians: `alter_vs_read_write`, `alter_mib_per_s` (of rows). The sides take turns.
    static func run(sizeMiB: Int, runs: Int, folder: String) throws -> [Figure] {
        let bench = try AlterBench(sizeMiB: sizeMiB, folder: folder)
        defer { bench.engine.close() }
        _ = try (bench.alter(), bench.readAndWrite())
        let (alters, copies) = try takingTurns(runs: runs, bench.alter, bench.readAndWrite)
        let (alter, copy) = (median(alters), median(copies))
        return [
            Figure(key: "alter_vs_read_write", value: alter / copy, goal: .atMost(1.3)),
            Figure(key: "alter_mib_per_s", value: Double(sizeMiB) / alter),
        ]
    }

    private init(sizeMiB: Int, folder: String) throws {
        self.folder = folder
        engine = try openBenchEngine(
            [folder + "/alter"], fetcher: FieldRows(bytes: sizeMiB << 20 / Self.rowsets), compressor: compressor)
        try fill()
    }

    private static func schema(_ hash: SchemaHash, _ ids: [Int32]) -> TabletSchema {
        TabletSchema(
            schemaHash: hash,
            columns: ids.map {
                TabletSchema.Column(
                    name: "c\($0)", type: .varchar, isKey: false, isNullable: true,
                    defaultValue: $0 < columns ? nil : "new",
                    uniqueID: $0)
            }, delimiter: UInt8(ascii: ","))
    }

    private func fill() throws {
        _ = try engine.createTablet(
            CreateTabletRequest(
                tabletID: Self.base, schema: Self.schema(7, Array(0..<Int32(Self.columns))), partitionID: 3,
                replicaID: 10))
        for number in 1...Int64(Self.rowsets) {
            _ = try engine.push(
                PushRequest(
                    tabletID: Self.base, schemaHash: 7, url: "rows:\(number)", transactionID: TransactionID(number),
                    partitionID: 3))
            let result = try engine.publish(
                PublishVersionRequest(
                    transactionID: TransactionID(number),
                    partitions: [.init(partitionID: 3, version: Version(number + 1))]))
            if let failure = result.failures.first { throw failure.error }
        }
    }

    // MARK: The two sides

    /// One column is new, one goes and one moves.
    private func alter() throws -> Double {
        sync()
        lastTablet += 1
        let id = TabletID(lastTablet)
        let columns: [Int32] = [11, 0, 1, 2, 3, 12, 4, 5, 6, 8, 9, 10]
        _ = try engine.createTablet(
            CreateTabletRequest(
                tabletID: id, schema: Self.schema(8, columns), partitionID: 4, replicaID: 11, baseTabletID: Self.base))
        let elapsed = try secondsOf {
            _ = try engine.alter(
                AlterRequest(
                    baseTabletID: Self.base, newTabletID: id, baseSchemaHash: 7, newSchemaHash: 8,
                    alterVersion: Version(Int64(Self.rowsets + 1))))
        }
        try engine.dropTablet(DropTabletRequest(tabletID: id))
        try engine.sweepTrash(all: true)
        return elapsed
    }

    private func readAndWrite() throws -> Double {
        sync()
        let files = LocalFileSystem()
        let path = folder + "/copy.dat"
        let elapsed = try secondsOf {
            let scan = try engine.openScan(Self.base)
            let writer = SegmentWriter(file: try files.create(path), path: path, compressor: compressor)
            let now = UnixTime(seconds: 1)
            while let block = try scan.next() {
                try block.forEachRow { try writer.append(row: $0, writtenAt: now) }
            }
            _ = try writer.finish()
        }
        try files.remove(path)
        return elapsed
    }
}

/// Lines of fields, the same mebibyte again and again, which compress about as rows do.
private struct FieldRows: HTTPFetcher {
    let bytes: Int
    private let block: [UInt8]

    init(bytes: Int) {
        self.bytes = bytes
        var block: [UInt8] = []
        var number: UInt64 = 88_172_645_463_325_252
        while block.count < 1 << 20 {
            for column in 0..<12 {
                number ^= number << 13
                number ^= number >> 7
                number ^= number << 17
                if column > 0 { block.append(UInt8(ascii: ",")) }
                block += Array(String(number % (column % 3 == 0 ? 100 : 1_000_000)).utf8)
            }
            block.append(UInt8(ascii: "\n"))
        }
        self.block = block
    }

    func fetch(
        _ url: String, range: Range<Int64>?, timeoutSeconds: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        for _ in stride(from: 0, to: bytes, by: block.count) { try block.withUnsafeBytes { try body($0) } }
    }
}
