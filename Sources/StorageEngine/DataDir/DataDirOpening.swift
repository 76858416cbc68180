internal import Checksums
internal import Logging
internal import Platform
internal import Synchronization
public import TabletModel

/// A data dir of the configuration that can't be used, and why. It is reported, and does not keep the others from working.
public struct UnavailableDataDir: Hashable, Sendable {
    public var spec: DataDirSpec
    public var pathHash: Int64
    public var reason: String
    /// When it was tried.
    public var since: UnixTime
}

/// Why a data dir did not open.
struct DataDirOpeningError: Error, CustomStringConvertible {
    var description: String
}

extension DataDir {
    /// The hash by which the FE knows a path: the same in every process and for ever.
    static func pathHash(of path: String) -> Int64 {
        Int64(bitPattern: XXHash64.hash(Array(path.utf8)))
    }

    /// Locks, probes, creates what is missing inside, and opens the meta store. A dir that is full or read-only opens, too,
    /// if it was in use before: its tablets are read and reported.
    ///
    /// - Returns: the dir, and the cluster id in it (nil when it has none yet).
    static func open(
        _ spec: DataDirSpec, _ options: EngineOptions, _ environment: EngineEnvironment
    ) throws -> (dir: DataDir, clusterID: Int32?) {
        let fileSystem = environment.fileSystem
        let layout = DataDirLayout(root: spec.path)
        guard let found = try fileSystem.status(spec.path) else {
            throw DataDirOpeningError(
                description: "\(spec.path) does not exist: create it, or take it out of storage_root_path")
        }
        guard found.isDirectory else { throw DataDirOpeningError(description: "\(spec.path) is not a folder") }
        let lock = try fileSystem.lock(layout.lock)
        let probed = DirProbe(
            layout: layout, fileSystem: fileSystem, isKnown: try fileSystem.exists(layout.data)
        ).run()
        var unwritable: DiskCondition?
        switch probed {
        case .good: break
        case .unwritable(let condition): unwritable = condition
        case .failed(let reason), .unknown(let reason): throw DataDirOpeningError(description: reason)
        }
        let clusterID = try readClusterID(layout, fileSystem)
        try makeFolders(layout, fileSystem, unwritable)
        let store = try ReopeningStore(environment.keyValueStores, path: layout.meta)
        do {
            try checkFormat(store, layout)
            if unwritable == nil { try fileSystem.syncDirectory(spec.path) }
            let capacity = try capacity(spec, fileSystem)
            let dir = DataDir(
                spec: spec, pathHash: pathHash(of: spec.path), options: options, environment: environment, store: store,
                lock: lock, capacity: capacity)
            dir.take(probed)
            dir.noteStore()
            if let unwritable {
                environment.logger.error(
                    "data dir takes no rows",
                    metadata: [
                        "data_dir": "\(spec.path)", "state": "\(unwritable.state)", "reason": "\(unwritable.reason)",
                    ])
            }
            return (dir, clusterID)
        } catch {
            store.close()
            throw error
        }
    }

    /// Without `data` there is nothing to serve; the others are made by the next start that can write.
    private static func makeFolders(
        _ layout: DataDirLayout, _ fileSystem: any FileSystem, _ unwritable: DiskCondition?
    ) throws {
        for folder in [layout.data, layout.snapshot, layout.trash] where try !fileSystem.exists(folder) {
            do {
                try fileSystem.createDirectory(folder)
            } catch  where unwritable != nil && folder != layout.data {
                continue
            }
        }
    }

    /// Durable on return.
    func writeClusterID(_ id: Int32) throws {
        lacksClusterID.store(true, ordering: .relaxed)
        try fileSystem.replaceFile(layout.clusterID, with: Array(String(id).utf8))
        lacksClusterID.store(false, ordering: .relaxed)
    }

    static func readClusterID(_ layout: DataDirLayout, _ fileSystem: any FileSystem) throws -> Int32? {
        guard try fileSystem.exists(layout.clusterID) else { return nil }
        let bytes = try fileSystem.readAll(layout.clusterID, limit: 64)
        let text = String(decoding: bytes, as: UTF8.self)
        let digits = text.filter { !$0.isWhitespace }
        guard let id = Int32(digits) else {
            throw DataDirOpeningError(description: "\(layout.clusterID) holds \"\(text)\", not a cluster id")
        }
        return id == -1 ? nil : id
    }

    private static func checkFormat(_ store: any KeyValueStore, _ layout: DataDirLayout) throws {
        guard let bytes = try store.get(MetaKeys.format) else {
            var batch = WriteBatch()
            batch.put(MetaKeys.format, Array(String(MetaKeys.formatVersion).utf8))
            return try store.write(batch, sync: true)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let version = Int(text), version >= 1 else {
            throw DataDirOpeningError(description: "\(layout.meta) has the format version \"\(text)\": it is corrupt")
        }
        guard version <= MetaKeys.formatVersion else {
            throw DataDirOpeningError(
                description: "\(layout.meta) has format version \(version), this build reads up to "
                    + "\(MetaKeys.formatVersion): start a newer build")
        }
    }
}
