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
    private let store: ReopeningStore
    private let lock: any FileLock
    private let condition: Mutex<DirCondition>
    /// The cluster's id could not be written into it yet.
    let lacksClusterID = Atomic<Bool>(false)
    /// Bytes of visible and pending rowsets of its tablets, local and remote.
    let localBytes = Atomic<Int64>(0)
    let remoteBytes = Atomic<Int64>(0)
    let trashBytes = Atomic<Int64>(0)
    let tabletCount = Atomic<Int>(0)
    /// Rowsets being written: their files have no meta yet, and are no orphans.
    private let writing = Mutex<Set<RowsetID>>([])
    /// Names that remote rowsets here have, or had, for their storage resource: a few, whatever the number of rowsets.
    private let resources = Mutex<Set<String>>([])

    var fileSystem: any FileSystem { environment.fileSystem }
    var logger: Logger { environment.logger }

    init(
        spec: DataDirSpec, pathHash: Int64, options: EngineOptions, environment: EngineEnvironment,
        store: ReopeningStore, lock: any FileLock, capacity: Capacity
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
        self.condition = Mutex(DirCondition(capacity: capacity, now: environment.time.wallNow))
        take(capacity)
    }

    // MARK: Condition

    /// Only a restart brings it back: its meta store can't be trusted, or holds a change that the tablets in memory lack.
    public var needsRestart: Bool { condition.withLock { $0.metaFailure != nil } }

    /// Why the dir is not used; nil when it is.
    public var failure: String? { condition.withLock { $0.failure } }
    /// Its tablets are read and reported. It may be full or read-only all the same.
    public var isUsable: Bool { failure == nil }
    /// Its meta store and files may be changed: it is in use, not read-only, and its meta store takes writes.
    public var isChangeable: Bool { refusalOfChanges == nil }
    /// Files that nothing names may go: where the disk is full, that is how its meta store gets to take writes again.
    var filesMayGo: Bool { [.good, .full].contains(health.state) }
    /// What it can be used for, why, and since when.
    public var health: DiskCondition { condition.withLock { $0.current } }

    func checkChangeable() throws(EngineError) {
        if let refusal = refusalOfChanges { throw refusal }
    }

    /// The one rule of both. The store is asked, too: it is being opened again, or was not, before anybody could note so here.
    private var refusalOfChanges: EngineError? {
        do throws(EngineError) {
            try checkThatFilesMayGo()
        } catch {
            return error
        }
        guard let trouble = condition.withLock({ $0.metaTrouble }) ?? storeTrouble else { return nil }
        return .metaNotWritten(dataDir: path, reason: trouble.reason)
    }

    func checkThatFilesMayGo() throws(EngineError) {
        try checkUsable()
        let health = health
        guard health.state != .readOnly else { throw .dataDirReadOnly(path, reason: health.reason) }
    }

    func checkUsable() throws(EngineError) {
        let (meta, probe) = condition.withLock { ($0.metaLoss, $0.probeFailure) }
        if let meta { throw .metaUnavailable(dataDir: path, reason: meta) }
        if let probe { throw .dataDirUnusable(path, reason: probe) }
    }

    /// As last asked for, within the limit of the dir's configuration.
    public var capacity: Capacity { condition.withLock { $0.capacity } }

    /// Probes the dir, and asks for the space. On return `health` says how it went.
    /// - Returns: what kept the probe from finding anything out; nil when nothing did.
    @discardableResult
    func probe() -> String? {
        let outcome = DirProbe(layout: layout, fileSystem: fileSystem, isKnown: true).run()
        let meta = reopenMeta()
        let now = environment.time.wallNow
        // At once: trouble that goes on is as old as it is, and does not end between the two.
        condition.withLock { $0.take(outcome, meta: meta, now: now) }
        do {
            // As the probe itself: one error that passes by does not take the disk out of use.
            take(try (try? Self.capacity(spec, fileSystem)) ?? Self.capacity(spec, fileSystem))
        } catch {
            if case .good = outcome { note(error) }
        }
        guard case .unknown(let reason) = outcome else { return nil }
        return reason
    }

    func take(_ outcome: DirProbe.Outcome) {
        let now = environment.time.wallNow
        condition.withLock { $0.take(outcome, now: now) }
    }

    private func take(_ capacity: Capacity) {
        let now = environment.time.wallNow
        let flood = flood(capacity)
        condition.withLock { $0.take(capacity, flood: flood, now: now) }
    }

    /// A change of one of its files failed: what that means for the dir.
    func note(_ error: any Error) {
        let reason = "\(path): \(error)"
        switch DiskTrouble(error) {
        case .full: take(.unwritable(DiskCondition(.full, reason: reason)))
        case .readOnly, .forbidden: take(.unwritable(DiskCondition(.readOnly, reason: reason)))
        case .exhausted, .refused, nil: break
        case .missing, .broken: take(.failed("\(error)"))
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

    /// Why the dir takes no new rows, and no replica; nil when it does. As of the last probe.
    func refusalOfData() -> String? {
        let health = health
        return health.state == .good ? nil : health.reason
    }

    func flood(_ capacity: Capacity) -> String? {
        guard capacity.totalBytes > 0 else { return nil }
        let usedPercent = 100 - capacity.availableBytes * 100 / capacity.totalBytes
        let floodLeft = min(options.floodStageLeftBytes, capacity.totalBytes / 10)
        guard usedPercent > options.floodStageUsagePercent || capacity.availableBytes < floodLeft else { return nil }
        return "\(path) is full: \(capacity.availableBytes) of \(capacity.totalBytes) bytes left"
            + " (storage_flood_stage_usage_percent, storage_flood_stage_left_capacity_bytes)"
    }

    /// Takes the dir out of use until a restart: its meta store can't be trusted.
    func failMeta(_ reason: String) {
        let now = environment.time.wallNow
        condition.withLock { $0.failMeta(reason, now: now) }
    }

    // MARK: Meta store

    /// Applies the batch durably, or hears that nothing of it is there. When neither can be known, even by opening the store
    /// again and reading back, the dir is out of use until it is.
    public func writeMeta(_ batch: WriteBatch) throws(EngineError) {
        try checkChangeable()
        do {
            try store.write(batch, sync: true)
        } catch let error as KeyValueStoreError where error.outcome == .refused {
            noteStore()
            throw .metaNotWritten(dataDir: path, reason: "\(error)")
        } catch {
            // Of a change that a full disk leaves in doubt the tablet in memory lacks at most the last step, and nothing is
            // decided on it before the doubt is over: full is not broken.
            let state: DiskState = DiskTrouble(error) == .full ? .full : .failed
            note(metaTrouble: DiskCondition(state, reason: "\(path): \(error)"))
            throw .metaUnavailable(dataDir: path, reason: "\(error)")
        }
    }

    /// A store that only reads makes a dir that only reads.
    func noteStore() {
        if let trouble = storeTrouble { note(metaTrouble: trouble) }
    }

    private var storeTrouble: DiskCondition? {
        guard let failure = store.failure else { return nil }
        let state: DiskState = failure.code == .noSpace ? .full : .readOnly
        return DiskCondition(state, reason: "\(path): its meta store takes no writes: \(failure)")
    }

    private func note(metaTrouble trouble: DiskCondition) {
        let now = environment.time.wallNow
        condition.withLock { $0.note(metaTrouble: trouble, now: now) }
    }

    /// Opens a meta store that failed again. When no change in doubt turns out to be durable, memory and store agree and the
    /// dir is back. One that is durable would have to be taken in by its tablet, whose work went on without it: files were
    /// kept for it, later changes were decided without it. That is what loading does, so such a dir waits for a restart.
    private func reopenMeta() -> MetaReopening {
        let trouble = condition.withLock { $0.metaTrouble }
        guard store.failure != nil else { return .open(ended: trouble) }
        do {
            guard try store.reopen().durable.isEmpty else {
                return .behind(
                    "a change that was in doubt turned out to be stored: restart this backend, which loads it")
            }
            logger.notice("meta store is open again", metadata: ["data_dir": "\(path)"])
            return .open(ended: trouble)
        } catch {
            logger.warning(
                "meta store can't be opened again yet", metadata: ["data_dir": "\(path)", "error": "\(error)"])
            return storeTrouble.map { .closed($0) } ?? .open(ended: trouble)
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

    /// A tablet has a remote rowset that names this storage resource.
    func noteResource(_ name: String) { resources.withLock { _ = $0.insert(name) } }
    var notedResources: Set<String> { resources.withLock { $0 } }

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
