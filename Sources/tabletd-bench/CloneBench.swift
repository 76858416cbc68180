internal import CurlHTTP
internal import Foundation
internal import Platform
internal import StorageEngine
internal import TabletModel

/// One backend with a tablet, another that clones it: real files, meta stores, HTTP server and client, in one process.
final class CloneBench {
    private static let tablet: TabletID = 1
    private static let token = "bench"
    private static let rowsets = 8

    private let source: StorageEngine
    private let target: StorageEngine
    private let clones: CloneService
    private let server: DownloadServer
    private let client: HTTPClient
    private let folder: String
    private let bytes: Int64

    /// Medians: `clone_vs_cp`, `clone_mib_per_s`, `cp_mib_per_s`, `clone_cpu_s_per_gib`. The sides take turns.
    static func run(sizeMiB: Int, runs: Int, folder: String) throws -> [Figure] {
        let bench = try CloneBench(sizeMiB: sizeMiB, folder: folder)
        defer { bench.close() }
        _ = try (bench.clone(), bench.copy())
        let (clones, copies) = try takingTurns(runs: runs, bench.clone, bench.copy)
        let (clone, copy) = (median(clones.map(\.seconds)), median(copies))
        let mebibytes = Double(bench.bytes) / 1_048_576
        return [
            Figure(key: "clone_vs_cp", value: clone / copy, goal: .atMost(1.3)),
            Figure(key: "clone_mib_per_s", value: mebibytes / clone),
            Figure(key: "cp_mib_per_s", value: mebibytes / copy),
            Figure(key: "clone_cpu_s_per_gib", value: median(clones.map(\.cpu)) * 1024 / mebibytes),
        ]
    }

    private init(sizeMiB: Int, folder: String) throws {
        self.folder = folder
        client = try HTTPClient()
        let rows = RandomRows(bytes: sizeMiB << 20 / Self.rowsets)
        source = try openBenchEngine([folder + "/source"], fetcher: rows)
        target = try openBenchEngine([folder + "/target"], fetcher: CurlFetcher(client: client))
        try source.makeBenchTablet(Self.tablet, rowsets: Self.rowsets)
        bytes = try source.tablet(Self.tablet).rowsets.reduce(0) { $0 + $1.meta.sizeBytes }
        let snapshots = SnapshotService(engine: source)
        server = try DownloadServer(snapshots, token: Self.token)
        clones = CloneService(engine: target, peers: DirectPeer(snapshots: snapshots))
        clones.useToken { Self.token }
    }

    private func close() {
        server.stop()
        client.shutdown()
        target.close()
        source.close()
    }

    // MARK: The two sides

    private func clone() throws -> (seconds: Double, cpu: Double) {
        settle()
        let request = CloneRequest(
            tabletID: Self.tablet, schemaHash: 7,
            sources: [BackendAddress(host: "127.0.0.1", bePort: 1, httpPort: Int32(server.port))],
            committedVersion: Version(Int64(Self.rowsets + 1)), replicaID: 11)
        let before = processCPUSeconds()
        var copied: Int64 = 0
        let elapsed = try secondsOf { copied = try clones.clone(request).copiedBytes }
        let cpu = processCPUSeconds() - before
        guard copied == bytes else { throw BenchError("the clone copied \(copied) of \(bytes) bytes") }
        try target.dropTablet(DropTabletRequest(tabletID: Self.tablet))
        try target.sweepTrash(all: true)
        return (elapsed, cpu)
    }

    /// `cp`, then a sync of every copy, then `cksum` of them: the fastest sum that coreutils have.
    private func copy() throws -> Double {
        settle()
        let copies = folder + "/copies"
        let files = try source.tablet(Self.tablet).segmentFolder
        let elapsed = try secondsOf {
            try shell(
                "mkdir '\(copies)' && cp '\(files)'/* '\(copies)' && sync -d '\(copies)'/* && cksum '\(copies)'/*")
        }
        try FileManager.default.removeItem(atPath: copies)
        return elapsed
    }

    /// What earlier runs left to be written is written.
    private func settle() { sync() }

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

/// The source's agent port, as a direct call: one small call a clone.
private struct DirectPeer: PeerConnector, PeerConnection {
    let snapshots: SnapshotService

    func connection(to agent: NetworkAddress) -> any PeerConnection { self }

    func makeSnapshot(_ request: SnapshotRequest) throws -> AgentResult {
        let made = try snapshots.make(request)
        return AgentResult(status: .ok, snapshotPath: made.path, allowIncrementalClone: made.isIncremental)
    }

    func releaseSnapshot(path: String) throws -> RPCStatus {
        try snapshots.release(path)
        return .ok
    }
}
