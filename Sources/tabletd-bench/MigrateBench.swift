internal import Foundation
internal import LocalFileSystem
internal import Logging
internal import Platform
internal import RocksDBStore
internal import StorageEngine
internal import TabletModel
internal import ThreadRuntime

/// One backend with two data dirs, and a tablet that goes to and fro between them: real files and meta stores.
final class MigrateBench {
    private static let tablet: TabletID = 1
    private static let rowsets = 8

    private let engine: StorageEngine
    private let migrations: MigrationService
    private let folder: String
    private let bytes: Int64

    /// Medians: `migrate_vs_cp`, `migrate_mib_per_s`, `migrate_cp_mib_per_s`. The sides take turns.
    static func run(sizeMiB: Int, runs: Int, folder: String) throws -> [Figure] {
        let bench = try MigrateBench(sizeMiB: sizeMiB, folder: folder)
        defer { bench.engine.close() }
        _ = try (bench.migrate(), bench.copy())
        var moves: [Double] = []
        var copies: [Double] = []
        for run in 0..<max(1, runs) {
            if run % 2 == 1 { copies.append(try bench.copy()) }
            moves.append(try bench.migrate())
            if run % 2 == 0 { copies.append(try bench.copy()) }
        }
        let (move, copy) = (median(moves), median(copies))
        let mebibytes = Double(bench.bytes) / 1_048_576
        return [
            Figure(key: "migrate_vs_cp", value: move / copy, goal: .atMost(1.2)),
            Figure(key: "migrate_mib_per_s", value: mebibytes / move),
            Figure(key: "migrate_cp_mib_per_s", value: mebibytes / copy),
        ]
    }

    private init(sizeMiB: Int, folder: String) throws {
        self.folder = folder
        let specs = ["d1", "d2"].map { DataDirSpec(path: folder + "/" + $0) }
        for spec in specs { try LocalFileSystem().createDirectory(spec.path) }
        var options = EngineOptions()
        options.floodStageLeftBytes = 0
        options.floodStageUsagePercent = 100
        let rows = RandomRows(bytes: sizeMiB << 20 / Self.rowsets)
        engine = try StorageEngine.open(
            specs, options: options,
            environment: EngineEnvironment(
                fileSystem: LocalFileSystem(),
                keyValueStores: RocksDBStoreOpener(cacheBytes: 8 << 20, memtableBytes: 8 << 20),
                compressor: NoCompression(), fetcher: rows, time: ThreadScheduler { _ in },
                random: SystemRandomSource(), logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }))
        try engine.loadAllTablets()
        migrations = MigrationService(engine: engine)
        try Self.fill(engine)
        bytes = try engine.tablet(Self.tablet).rowsets.reduce(0) { $0 + $1.meta.sizeBytes }
    }

    private static func fill(_ engine: StorageEngine) throws {
        _ = try engine.createTablet(
            CreateTabletRequest(
                tabletID: tablet, schema: TabletSchema(schemaHash: 7, columns: []), partitionID: 3, replicaID: 10))
        for number in 1...Int64(rowsets) {
            let transaction = TransactionID(number)
            _ = try engine.push(
                PushRequest(
                    tabletID: tablet, schemaHash: 7, url: "rows:\(number)", transactionID: transaction, partitionID: 3))
            let result = try engine.publish(
                PublishVersionRequest(
                    transactionID: transaction,
                    partitions: [.init(partitionID: 3, version: Version(number + 1))]))
            if let failure = result.failures.first { throw failure.error }
        }
    }

    // MARK: The two sides

    private func migrate() throws -> Double {
        sync()
        let here = try engine.tablet(Self.tablet).dataDir.path
        guard let target = engine.dataDirs.first(where: { $0.path != here }) else {
            throw BenchError("there is one data dir only")
        }
        let before = engine.counters.movedBytes
        let elapsed = try secondsOf {
            _ = try migrations.migrate(
                MigrateRequest(tabletID: Self.tablet, schemaHash: 7, dataDir: target.path))
        }
        let copied = engine.counters.movedBytes - before
        guard copied == bytes else { throw BenchError("the move copied \(copied) of \(bytes) bytes") }
        try engine.sweepTrash(all: true)
        return elapsed
    }

    /// `cp`, then a sync of every copy and of their folder.
    private func copy() throws -> Double {
        sync()
        let copies = folder + "/copies"
        let files = try engine.tablet(Self.tablet).segmentFolder
        let elapsed = try secondsOf {
            try shell("mkdir '\(copies)' && cp '\(files)'/* '\(copies)' && sync -d '\(copies)'/* && sync '\(copies)'")
        }
        try FileManager.default.removeItem(atPath: copies)
        return elapsed
    }

    private func shell(_ script: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchError("'\(script)' failed") }
    }
}
