internal import ClusterMetadata
internal import LocalFileSystem
internal import Logging
internal import Platform
internal import RocksDBStore
internal import ThreadRuntime

/// A `meta_dir` as `tabletd-fe` opens it.
struct MetadataFolder {
    let path: String

    /// Opens it for the call, over the real journal.
    func withStore<R>(_ body: (MetadataStore) throws -> R) throws -> R {
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let files = LocalFileSystem()
        try files.createDirectory(path)
        let journal = try ReopeningStore(RocksDBStoreOpener(logger: logger), path: path + "/journal")
        defer { journal.close() }
        let store = try MetadataStore.open(
            folder: path + "/image", files: files, journal: KeyValueJournal(journal), nodeName: "bench_9010",
            clusterID: 1, random: SystemRandomSource(), time: ThreadScheduler(), gates: ThreadGates(), logger: logger)
        return try body(store)
    }

    /// Makes the cluster, and two images of it, so that no journal is left to replay.
    func make(_ cluster: BigCluster, ports: [Int32]) throws {
        try withStore { store in
            try cluster.make(ports: ports) { try store.commit($0) }
            _ = try store.checkpoint()
            _ = try store.allocateIDs(1)
            _ = try store.checkpoint()
        }
    }
}
