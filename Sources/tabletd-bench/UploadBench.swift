internal import CurlHTTP
internal import Foundation
internal import Logging
internal import Platform
internal import S3Store
internal import Synchronization
internal import TabletModel

/// Uploads to an S3 server, as cooldown does: files from the page cache through the real store, 16 at once.
struct UploadBench {
    /// `rclone copy --transfers 16` does the same.
    static let parallelUploads = 16

    private let client: HTTPClient
    private let store: S3ObjectStore
    private let folder: String

    private struct Measurement {
        var seconds: Double
        var cpuSeconds: Double
    }

    init(
        endpoint: String, region: String, bucket: String, accessKey: String, secretKey: String, folder: String
    ) throws {
        client = try HTTPClient()
        let provider = try S3ObjectStoreProvider(client: client, log: Logger(label: "bench"))
        store = try provider.s3Store(
            for: S3Resource(
                endpoint: endpoint, region: region, accessKey: accessKey, secretKey: secretKey, bucket: bucket,
                requestTimeoutMs: 30_000))
        self.folder = folder
    }

    func close() { client.shutdown() }

    /// Medians: `mib_per_s_1g`, `mib_per_s_4m`, `objects_per_s_16k`, `client_cpu_s_per_gib` (of the 1 GiB object), and
    /// the CPU of the other sets.
    func figures(_ sets: [ObjectSet], runs: Int, keepsObjects: Bool) throws -> [Figure] {
        var measured: [ObjectSet: [Measurement]] = [:]
        for run in 0..<max(1, runs) {
            for set in sets {
                measured[set, default: []].append(try upload(set, run: run))
                if !keepsObjects { try store.delete((0..<set.count).map { key(set, run, $0) }) }
            }
        }
        return [ObjectSet.large, .middle, .small].flatMap { set -> [Figure] in
            guard let runs = measured[set] else { return [] }
            let seconds = median(runs.map(\.seconds))
            let cpu = median(runs.map(\.cpuSeconds))
            let perGiB = cpu * 1024 / set.totalMiB
            switch set {
            case .large:
                return [
                    Figure(key: "mib_per_s_1g", value: set.totalMiB / seconds),
                    Figure(key: "client_cpu_s_per_gib", value: perGiB),
                ]
            case .middle:
                return [
                    Figure(key: "mib_per_s_4m", value: set.totalMiB / seconds),
                    Figure(key: "client_cpu_s_per_gib_4m", value: perGiB),
                ]
            default:
                return [
                    Figure(key: "objects_per_s_16k", value: Double(set.count) / seconds),
                    Figure(key: "client_cpu_s_per_1000_16k", value: cpu * 1000 / Double(set.count)),
                ]
            }
        }
    }

    private func key(_ set: ObjectSet, _ run: Int, _ index: Int) -> String { "bench/\(set.name)/\(run)/\(index)" }

    private func upload(_ set: ObjectSet, run: Int) throws -> Measurement {
        let next = Atomic<Int>(0)
        let failure = Mutex<(any Error)?>(nil)
        let cpuBefore = processCPUSeconds()
        let elapsed = secondsOf {
            let group = DispatchGroup()
            for _ in 0..<min(UploadBench.parallelUploads, set.count) {
                group.enter()
                Thread {
                    defer { group.leave() }
                    do {
                        try uploadFiles(of: set, run: run, next)
                    } catch {
                        failure.withLock { $0 = error }
                    }
                }.start()
            }
            group.wait()
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return Measurement(seconds: elapsed, cpuSeconds: processCPUSeconds() - cpuBefore)
    }

    private func uploadFiles(of set: ObjectSet, run: Int, _ next: borrowing Atomic<Int>) throws {
        while true {
            let index = next.add(1, ordering: .relaxed).oldValue
            guard index < set.count else { return }
            try store.put(key(set, run, index), from: DescriptorSource(path: set.path(of: index, in: folder)))
        }
    }
}

/// A file read with `pread`.
private final class DescriptorSource: ObjectSource {
    private let descriptor: Int32
    private let path: String
    let sizeBytes: Int64

    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw FileSystemError(.io, operation: "open", path: path, systemError: errno, message: "cannot open")
        }
        sizeBytes = Int64(lseek(descriptor, 0, SEEK_END))
    }

    deinit { close(descriptor) }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
        var filled = 0
        while filled < buffer.count {
            let count = pread(descriptor, buffer.baseAddress! + filled, buffer.count - filled, off_t(offset) + filled)
            guard count > 0 else {
                throw FileSystemError(
                    .io, operation: "read", path: path, systemError: errno, message: "ends at \(offset)")
            }
            filled += count
        }
    }
}
