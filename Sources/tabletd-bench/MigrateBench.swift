internal import Foundation
internal import Platform
internal import StorageEngine
internal import TabletModel

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
        let (moves, copies) = try takingTurns(runs: runs, bench.migrate, bench.copy)
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
        engine = try openBenchEngine(
            ["d1", "d2"].map { folder + "/" + $0 }, fetcher: RandomRows(bytes: sizeMiB << 20 / Self.rowsets))
        migrations = MigrationService(engine: engine)
        try engine.makeBenchTablet(Self.tablet, rowsets: Self.rowsets)
        bytes = try engine.tablet(Self.tablet).rowsets.reduce(0) { $0 + $1.meta.sizeBytes }
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
