internal import Logging
public import Platform
internal import Synchronization
public import TabletModel

/// One opened data dir: its lock, its meta store, and whether it may be used. Thread-safe.
public final class DataDir: Sendable {
    public let path: String
    public let medium: StorageMedium
    /// Stable 64-bit hash of the path, by which the FE knows the dir.
    public let pathHash: Int64
    public let layout: DataDirLayout
    let spec: DataDirSpec
    let garbage: GarbageQueue
    let options: EngineOptions
    let environment: EngineEnvironment
    private let store: any KeyValueStore
    private let lock: any FileLock
    private let condition: Mutex<Condition>
    /// Bytes of visible and pending rowsets of its tablets, local and remote.
    let localBytes = Atomic<Int64>(0)
    let remoteBytes = Atomic<Int64>(0)
    let trashBytes = Atomic<Int64>(0)
    let tabletCount = Atomic<Int>(0)
    /// Rowsets being written: their files have no meta yet, and are no orphans.
    private let writing = Mutex<Set<RowsetID>>([])

    var fileSystem: any FileSystem { environment.fileSystem }
    var logger: Logger { environment.logger }

    private struct Condition {
        /// Until a restart.
        var metaFailure: String?
        /// Until a probe succeeds.
        var probeFailure: String?
        var capacity: Capacity
    }

    init(
        spec: DataDirSpec, pathHash: Int64, options: EngineOptions, environment: EngineEnvironment,
        store: any KeyValueStore, lock: any FileLock, capacity: Capacity
    ) {
        self.spec = spec
        self.path = spec.path
        self.medium = spec.medium
        self.pathHash = pathHash
        self.layout = DataDirLayout(root: spec.path)
        self.garbage = GarbageQueue(layout: layout)
        self.options = options
        self.environment = environment
        self.store = store
        self.lock = lock
        self.condition = Mutex(Condition(capacity: capacity))
    }

    // MARK: Condition

    /// Why the dir is not used; nil when it is.
    public var failure: String? { condition.withLock { $0.metaFailure ?? $0.probeFailure } }
    public var isUsable: Bool { failure == nil }

    func checkUsable() throws(EngineError) {
        let (meta, probe) = condition.withLock { ($0.metaFailure, $0.probeFailure) }
        if let meta { throw .metaUnavailable(dataDir: path, reason: meta) }
        if let probe { throw .dataDirUnusable(path, reason: probe) }
    }

    /// As last asked for, within the limit of the dir's configuration.
    public var capacity: Capacity { condition.withLock { $0.capacity } }

    /// Writes, reads and removes a small file, and asks for the space. On return `failure` says how it went.
    func probe() {
        do {
            try Self.probe(layout, fileSystem)
            let capacity = try Self.capacity(spec, fileSystem)
            condition.withLock {
                $0.capacity = capacity
                $0.probeFailure = nil
            }
        } catch {
            failProbe("\(error)")
        }
    }

    static func probe(_ layout: DataDirLayout, _ fileSystem: any FileSystem) throws {
        let pattern = Array("tabletd health probe".utf8)
        if try fileSystem.exists(layout.probe) { try fileSystem.remove(layout.probe) }
        let file = try fileSystem.create(layout.probe)
        try pattern.withUnsafeBytes { try file.append($0) }
        try file.sync()
        try file.close()
        let back = try fileSystem.readAll(layout.probe, limit: 4096)
        try fileSystem.remove(layout.probe)
        guard back == pattern else {
            throw FileSystemError(
                .io, operation: "probe", path: layout.probe, message: "read back other bytes than were written")
        }
    }

    static func capacity(_ spec: DataDirSpec, _ fileSystem: any FileSystem) throws -> Capacity {
        var capacity = try fileSystem.capacity(spec.path)
        if let limit = spec.capacityBytes {
            capacity.totalBytes = min(capacity.totalBytes, limit)
            capacity.availableBytes = min(capacity.availableBytes, limit)
        }
        return capacity
    }

    /// Why the dir takes no more data for want of space; nil when it does. By the space as of the last probe.
    func fullness() -> String? {
        let capacity = capacity
        guard capacity.totalBytes > 0 else { return nil }
        let usedPercent = 100 - capacity.availableBytes * 100 / capacity.totalBytes
        let floodLeft = min(options.floodStageLeftBytes, capacity.totalBytes / 10)
        guard usedPercent > options.floodStageUsagePercent || capacity.availableBytes < floodLeft else { return nil }
        return "\(path) is full: \(capacity.availableBytes) of \(capacity.totalBytes) bytes left"
    }

    /// Takes the dir out of use until a restart: its meta store can't be trusted.
    func failMeta(_ reason: String) { condition.withLock { $0.metaFailure = $0.metaFailure ?? reason } }

    /// Takes the dir out of use until a probe succeeds.
    func failProbe(_ reason: String) { condition.withLock { $0.probeFailure = reason } }

    // MARK: Meta store

    /// Applies the batch durably. A failure leaves unknown what is stored, so it ends all writes of this dir until a
    /// restart reads the truth.
    public func writeMeta(_ batch: WriteBatch) throws(EngineError) {
        try checkUsable()
        do {
            try store.write(batch, sync: true)
        } catch {
            let reason = "\(error)"
            failMeta(reason)
            throw .metaUnavailable(dataDir: path, reason: reason)
        }
    }

    public func readMeta(_ key: [UInt8]) throws -> [UInt8]? { try store.get(key) }

    /// See `KeyValueStore.scan`.
    public func scanMeta(
        prefix: [UInt8], from start: [UInt8]? = nil,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool
    ) throws {
        try store.scan(prefix: prefix, from: start, body)
    }

    // MARK: Rowsets being written

    func beginWriting(_ id: RowsetID) { _ = writing.withLock { $0.insert(id) } }
    func endWriting(_ id: RowsetID) { _ = writing.withLock { $0.remove(id) } }
    func isWriting(_ id: RowsetID) -> Bool { writing.withLock { $0.contains(id) } }

    /// Removes what nobody names or reads any more. Failures are logged and tried again at the next call.
    func drainGarbage() {
        guard garbage.count > 0 else { return }
        for error in garbage.drain(fileSystem) {
            logger.warning(
                "segment files not removed, will try again", metadata: ["data_dir": "\(path)", "error": "\(error)"])
        }
    }

    /// Closes the meta store; later changes fail.
    func close() { store.close() }
}
