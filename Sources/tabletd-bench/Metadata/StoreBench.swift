internal import ClusterMetadata
internal import Foundation
internal import LocalFileSystem
internal import Platform
internal import Synchronization
internal import TabletModel

/// The metadata store of the big cluster in this process, over the real journal on a real disk: edits of many writers, against a
/// log that does nothing but be synced; images while edits go on; replay.
struct StoreBench {
    static let writers = 16

    let cluster: BigCluster
    let folder: String
    let seconds: Double

    func run() throws -> [Figure] {
        let meta = MetadataFolder(path: folder + "/meta")
        try meta.make(cluster, ports: [])
        return try edits(meta) + checkpoint(meta, isOnDisk: true) + checkpointInMemory() + replay(meta)
    }

    /// What is left of the pauses when no disk is waited for.
    private func checkpointInMemory() throws -> [Figure] {
        try inWorkFolder(for: "metadata-memory", in: "/dev/shm") { folder in
            let meta = MetadataFolder(path: folder + "/meta")
            try meta.make(cluster, ports: [])
            return try checkpoint(meta, isOnDisk: false)
        }
    }

    // MARK: Edits

    private func edits(_ meta: MetadataFolder) throws -> [Figure] {
        let (ours, bare) = try meta.withStore { store in
            let bare = try GroupedLog(path: folder + "/bare.log")
            defer { bare.close() }
            let record = [UInt8](repeating: 7, count: 64)
            return try takingTurns(runs: 3) {
                try rate { try store.commit([cluster.edit($0)]) }
            } _: {
                try rate { _ in try bare.append(record) }
            }
        }
        return [
            Figure(key: "edits_per_s", value: median(ours), goal: .atLeast(50_000)),
            Figure(key: "bare_edits_per_s", value: median(bare)),
            Figure(key: "append_vs_bare", value: median(bare) / median(ours), goal: .atMost(1.2)),
        ]
    }

    /// Of all writers together, each of which waits until its own is durable.
    private func rate(_ body: @escaping @Sendable (Int) throws -> Void) throws -> Double {
        let made = Atomic(0)
        let taken = try WriterThreads.run(Self.writers, for: seconds) { number in
            try body(number)
            made.add(1, ordering: .relaxed)
        }
        return Double(made.load(ordering: .relaxed)) / taken
    }

    // MARK: Images

    /// While 10,000 edits a second are made, by four writers with five each time.
    private func checkpoint(_ meta: MetadataFolder, isOnDisk: Bool) throws -> [Figure] {
        try meta.withStore { store in
            var ratios: [Double] = []
            var speeds: [Double] = []
            let pause = Pauses()
            for _ in 0..<3 {
                let background = BackgroundEdits(store: store, pauses: pause) { [cluster] in cluster.edit($0) }
                usleep(500_000)
                try MemoryUse.forgetPeak(of: "self")
                let before = try MemoryUse(ofProcess: "self").residentMiB
                pause.begin()
                var bytes: Int64 = 0
                let taken = try secondsOf { bytes = try store.checkpoint().imageBytes }
                pause.end()
                ratios.append(try MemoryUse(ofProcess: "self").peakMiB / before)
                try background.stop()
                speeds.append(Double(bytes) / 1_048_576 / taken)
            }
            guard isOnDisk else {
                return [
                    Figure(key: "max_pause_ms", value: pause.longestMs, goal: .atMost(5)),
                    Figure(key: "image_write_mib_s", value: try imageSpeed(store), goal: .atLeast(500)),
                ]
            }
            return [
                Figure(key: "checkpoint_mib_s_under_edits", value: median(speeds)),
                Figure(key: "checkpoint_peak_ratio", value: median(ratios), goal: .atMost(1.05)),
                Figure(key: "max_commit_ms_on_disk", value: pause.longestMs),
            ]
        }
    }

    /// Into memory that nobody syncs: what making the bytes takes.
    private func imageSpeed(_ store: MetadataStore) throws -> Double {
        let path = folder + "/copy.image"
        let speeds = try (0..<3).map { _ in
            let files = LocalFileSystem()
            if try files.exists(path) { try files.remove(path) }
            let file = try files.create(path)
            var bytes = 0
            let taken = try secondsOf {
                try store.exportImage { piece in
                    try piece.withUnsafeBytes { try file.append($0) }
                    bytes += piece.count
                }
            }
            try file.close()
            return Double(bytes) / 1_048_576 / taken
        }
        return median(speeds)
    }

    // MARK: Replay

    private func replay(_ meta: MetadataFolder) throws -> [Figure] {
        let entries = 1_000_000
        try meta.withStore { store in
            _ = try store.checkpoint()
            for start in stride(from: 0, to: entries, by: 1000) {
                try store.commit((start..<start + 1000).map { cluster.edit($0) })
            }
        }
        let start = { try secondsOf { try meta.withStore { _ in } } }
        let whole = median(try (0..<3).map { _ in try start() })
        try meta.withStore { _ = try $0.checkpoint() }
        let empty = median(try (0..<3).map { _ in try start() })
        return [
            Figure(key: "replay_per_s", value: Double(entries) / max(whole - empty, 0.001), goal: .atLeast(1_000_000))
        ]
    }
}
