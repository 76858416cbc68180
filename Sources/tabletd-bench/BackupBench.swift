internal import CurlHTTP
internal import Foundation
internal import Logging
internal import Platform
internal import S3Store
internal import StorageEngine
internal import TabletModel

/// A tablet backed up to an S3 server and restored from it, as UPLOAD, DOWNLOAD and MOVE do, against `rclone copy` of the
/// same files: real files, meta stores and HTTP.
final class BackupBench {
    private static let tablet: TabletID = 1
    private static let rowsets = 8
    /// As `rclone copy` by default.
    private static let transfers = 4

    private let source: StorageEngine
    private let target: StorageEngine
    private let backups: (from: BackupService, to: BackupService)
    private let snapshots: (from: SnapshotService, to: SnapshotService)
    private let client: HTTPClient
    private let s3: S3Resource
    private let rclone: String
    private let folder: String
    private let bytes: Int64
    private var round = 0

    /// Medians: `backup_vs_rclone`, `restore_vs_rclone` and the rates behind them. The sides take turns.
    static func run(sizeMiB: Int, runs: Int, s3: S3Resource, rclone: String, folder: String) throws -> [Figure] {
        let bench = try BackupBench(sizeMiB: sizeMiB, s3: s3, rclone: rclone, folder: folder)
        defer { bench.close() }
        _ = try (bench.ours(), bench.theirs())
        let (ours, theirs) = try takingTurns(runs: runs, bench.ours, bench.theirs)
        let mebibytes = Double(bench.bytes) / 1_048_576
        let (backup, copyUp) = (median(ours.map(\.up)), median(theirs.map(\.up)))
        let (restore, copyDown) = (median(ours.map(\.down)), median(theirs.map(\.down)))
        return [
            Figure(key: "backup_vs_rclone", value: backup / copyUp, goal: .atMost(0.8)),
            Figure(key: "restore_vs_rclone", value: restore / copyDown, goal: .atMost(0.9)),
            Figure(key: "backup_mib_per_s", value: mebibytes / backup),
            Figure(key: "restore_mib_per_s", value: mebibytes / restore),
            Figure(key: "rclone_up_mib_per_s", value: mebibytes / copyUp),
            Figure(key: "rclone_down_mib_per_s", value: mebibytes / copyDown),
        ]
    }

    private init(sizeMiB: Int, s3: S3Resource, rclone: String, folder: String) throws {
        self.s3 = s3
        self.rclone = rclone
        self.folder = folder
        client = try HTTPClient()
        let rows = RandomRows(bytes: sizeMiB << 20 / Self.rowsets)
        source = try openBenchEngine([folder + "/source"], fetcher: rows)
        target = try openBenchEngine([folder + "/target"], fetcher: rows)
        let stores = try S3ObjectStoreProvider(client: client, log: Logger(label: "bench"))
        backups = (BackupService(engine: source, stores: stores), BackupService(engine: target, stores: stores))
        snapshots = (SnapshotService(engine: source), SnapshotService(engine: target))
        try source.makeBenchTablet(Self.tablet, rowsets: Self.rowsets)
        bytes = try source.tablet(Self.tablet).rowsets.reduce(0) { $0 + $1.meta.sizeBytes }
    }

    private func close() {
        client.shutdown()
        target.close()
        source.close()
    }

    private var place: BackupPlace {
        BackupPlace(
            type: .s3,
            properties: [
                "AWS_ENDPOINT": s3.endpoint, "AWS_ACCESS_KEY": s3.accessKey, "AWS_SECRET_KEY": s3.secretKey,
                "AWS_REGION": s3.region, "use_path_style": s3.usePathStyle ? "true" : "false",
            ])
    }

    // MARK: The two sides

    private func ours() throws -> (up: Double, down: Double) {
        round += 1
        let remote = "s3://\(s3.bucket)/bench-ours/\(round)/__1"
        let made = try snapshots.from.make(SnapshotRequest(tabletID: Self.tablet, schemaHash: 7))
        settle()
        let up = try secondsOf {
            _ = try backups.from.upload(
                UploadRequest(jobID: 1, folders: ["\(made.path)/1/7": remote], place: place)
            ) { _, _ in true }
        }
        try snapshots.from.release(made.path)
        let version = Version(Int64(Self.rowsets + 1))
        _ = try target.createTablet(benchTablet(Self.tablet, version: version))
        let empty = try snapshots.to.make(SnapshotRequest(tabletID: Self.tablet, schemaHash: 7))
        settle()
        let down = try secondsOf {
            let folder = "\(empty.path)/1/7"
            _ = try backups.to.download(
                DownloadRequest(jobID: 1, folders: [remote: folder], place: place)
            ) { _, _ in true }
            _ = try backups.to.move(
                MoveRequest(tabletID: Self.tablet, schemaHash: 7, source: folder, jobID: 1, overwrite: true))
        }
        let restored = try target.tablet(Self.tablet).rowsets.reduce(0) { $0 + $1.meta.sizeBytes }
        guard restored == bytes else { throw BenchError("\(restored) of \(bytes) bytes were restored") }
        try snapshots.to.release(empty.path)
        try target.dropTablet(DropTabletRequest(tabletID: Self.tablet))
        try target.sweepTrash(all: true)
        return (up, down)
    }

    private func theirs() throws -> (up: Double, down: Double) {
        round += 1
        let made = try snapshots.from.make(SnapshotRequest(tabletID: Self.tablet, schemaHash: 7))
        defer { try? snapshots.from.release(made.path) }
        let remote = "bench:\(s3.bucket)/bench-rclone/\(round)"
        let local = "\(folder)/rclone"
        settle()
        let up = try secondsOf { try copy("\(made.path)/1/7", remote) }
        settle()
        let down = try secondsOf { try copy(remote, local) }
        try FileManager.default.removeItem(atPath: local)
        return (up, down)
    }

    private func copy(_ from: String, _ to: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: rclone)
        process.arguments = ["copy", "--transfers", "\(Self.transfers)", "-q", from, to]
        process.environment = ProcessInfo.processInfo.environment.merging([
            "RCLONE_CONFIG": "/dev/null", "RCLONE_CONFIG_BENCH_TYPE": "s3", "RCLONE_CONFIG_BENCH_PROVIDER": "Rclone",
            "RCLONE_CONFIG_BENCH_ENDPOINT": s3.endpoint, "RCLONE_CONFIG_BENCH_ACCESS_KEY_ID": s3.accessKey,
            "RCLONE_CONFIG_BENCH_SECRET_ACCESS_KEY": s3.secretKey, "RCLONE_CONFIG_BENCH_REGION": s3.region,
        ]) { $1 }
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchError("rclone copy \(from) \(to) ended with \(process.terminationStatus)")
        }
    }

    /// What was written before is on the disk, so that it costs nobody's run.
    private func settle() { sync() }
}
