internal import Logging
internal import Platform
internal import StoredFormats
internal import Synchronization
public import TabletModel

/// The tablets of one backend: data dirs, tablets, rowsets, transactions.
///
/// Every call blocks (disk, meta store, for PUSH the network), may come from any thread, several at once, and is
/// idempotent where an FE may repeat a task. What a call reports as done survives `kill -9`. It starts no thread and
/// keeps no time: who runs it calls `sweepTrash` and `checkDataDirs` now and then.
///
/// Life: `open` locks the dirs and reads who they are; `loadTablets(in:)` once for each dir, in parallel if the caller
/// likes; then tasks. Until all dirs are loaded, tasks end in `EngineError.loading`.
public final class StorageEngine: Sendable {
    private let currentOptions: Mutex<EngineOptions>
    public let environment: EngineEnvironment
    /// Dirs that opened, in the order of the configuration. A dir may fail later: see `DataDir.failure`.
    public let dataDirs: [DataDir]
    /// Dirs that did not open.
    public let unavailableDataDirs: [UnavailableDataDir]
    /// Whose dirs these are; nil when they could not say at this start.
    public let backendUUID: BackendUUID?
    let tablets: TabletMap
    let traits = TraitsPool()
    let pending = PendingTable()
    let schemas = SchemaPool()
    let lacking = LackingResources()
    let unreadable = UnreadableRowsets()
    let alters = AlterBoard()
    let goneRows: GoneRowsCache
    let loading: LoadingState
    private let cluster: Mutex<Int32?>
    let heard = Mutex<MasterPositionRecord?>(nil)
    private let remote = Mutex<(any RemoteSegmentProvider)?>(nil)
    let visibleVersions = VisibleVersions()
    let keptIndexPolicies = Mutex(IndexPoliciesRecord(sequence: 0, policies: []))
    /// Held across the writes of a change of them, and nothing else.
    let indexPolicyTurn = Mutex<Void>(())
    let leaving = LeavingTablets()
    let arrivals = Arrivals()
    let trashCounter = Atomic<Int>(0)
    /// The master is one of ours, or there was none yet.
    private let masterIsOurs = Atomic<Bool>(true)
    /// Since the start.
    public let counters = EngineCounters()
    public let compactionLog = CompactionLog()

    init(
        options: EngineOptions, environment: EngineEnvironment, dataDirs: [DataDir],
        unavailable: [UnavailableDataDir], clusterID: Int32?, backendUUID: BackendUUID?
    ) {
        currentOptions = Mutex(options)
        self.environment = environment
        self.dataDirs = dataDirs
        self.unavailableDataDirs = unavailable
        self.backendUUID = backendUUID
        self.loading = LoadingState(dirs: dataDirs.map(\.path))
        self.tablets = TabletMap(traits: traits, options: options.compaction)
        self.cluster = Mutex(clusterID)
        goneRows = GoneRowsCache(limit: options.goneRowsBytes)
    }

    /// As they are now: `adopt`.
    public var options: EngineOptions { currentOptions.withLock { $0 } }

    /// Takes from these what may change while the engine runs: how long trash, merged rowsets, holes and pending transactions
    /// are let be, and how large a file one PUSH may fetch.
    public func adopt(_ new: EngineOptions) {
        currentOptions.withLock { options in
            options.trashExpiry = new.trashExpiry
            options.staleRowsetExpiry = new.staleRowsetExpiry
            options.versionMissGrace = new.versionMissGrace
            options.pendingExpiry = new.pendingExpiry
            options.maxPushBytes = new.maxPushBytes
        }
    }

    var fileSystem: any FileSystem { environment.fileSystem }
    var logger: Logger { environment.logger }

    /// What opens segments of remote rowsets; without it, reading one is an error.
    public var remoteSegments: (any RemoteSegmentProvider)? {
        get { remote.withLock { $0 } }
        set { remote.withLock { $0 = newValue } }
    }

    // MARK: Tablets

    /// The tablet, whatever the state of its data dir. Reads its records when it was at rest.
    /// - Throws: `.unknownTablet`, or `.loading` while it may still turn up; `.metaUnavailable`: its records can't be read.
    public func tablet(_ id: TabletID) throws(EngineError) -> Tablet {
        if let tablet = try tablets[id] { return tablet }
        throw loading.isLoaded ? .unknownTablet(id) : .loading
    }

    /// As `tablet`, and its schema hash is this one.
    func tablet(_ id: TabletID, _ schemaHash: SchemaHash?) throws(EngineError) -> Tablet {
        let tablet = try tablet(id)
        if let schemaHash, schemaHash != tablet.schemaHash {
            throw .schemaHashMismatch(id, local: tablet.schemaHash, requested: schemaHash)
        }
        return tablet
    }

    /// Runs `body` with the tablet, and once more when the tablet moved to another data dir meanwhile, whatever came of it then.
    func withServed<Value>(
        _ id: TabletID, _ schemaHash: SchemaHash? = nil, _ body: (Tablet) throws -> Value
    ) throws -> Value {
        for _ in 0..<3 {
            let tablet = try tablet(id, schemaHash)
            do {
                return try body(tablet)
            } catch  where tablet.header.move?.stage == .departed && tablets.contains(id) {
                continue
            }
        }
        throw EngineError.busy(id, what: "a move between data dirs")
    }

    /// All tablets in id order, which wakes every one: for whoever looks through a small store. One whose records can't be read
    /// is left out, and logged.
    public var allTablets: [Tablet] {
        tablets.sorted.compactMap { tablet in
            do {
                return try tablets[tablet.id]
            } catch {
                logger.error("tablet can't be read", metadata: ["tablet": "\(tablet.id)", "error": "\(error)"])
                return nil
            }
        }
    }

    /// Puts tablets to rest that nobody uses and nobody asked for since the last call (`TabletMap`): their rowsets leave the
    /// memory, and are read again when somebody wants them. For a timer.
    public func restIdleTablets() { tablets.restIdle() }

    /// So many tablets behind this id, in id order. Wakes none.
    public func tablets(after id: TabletID?, limit: Int) -> [TabletSummary] {
        let all = tablets.sorted
        let first = id.map { id in all.partitionPoint { $0.id <= id } } ?? 0
        return all[first...].prefix(max(0, limit)).map(TabletSummary.init)
    }

    public var tabletCount: Int { tablets.count }

    // MARK: Master

    /// Who the master is has been learnt, or learnt anew: from now on rows say the version that it expects.
    public func masterSpeaks(_ dialect: WireDialect) {
        masterIsOurs.store(dialect == .tabletd, ordering: .relaxed)
    }

    /// A replica with a hole tells a Doris FE the end of what is whole: it would take the newest end for all of it, and be
    /// told of the hole with each report. Ours is told both.
    var tellsWholePrefixOnly: Bool {
        switch options.reportVersionStyle {
        case .auto: !masterIsOurs.load(ordering: .relaxed)
        case .newest: false
        case .continuous: true
        }
    }

    // MARK: Cluster id

    /// The cluster that the data dirs belong to; nil before the first heartbeat of their life.
    public var clusterID: Int32? { cluster.withLock { $0 } }

    /// Writes the id into every usable data dir; durable on return. A dir that is full or read-only gets it once it takes
    /// writes again, another that can't take it goes out of use; only when none could is that an error. The same id again
    /// is fine.
    /// - Throws: `.clusterIDConflict`, `.noUsableDataDir`.
    public func persistClusterID(_ id: Int32) throws {
        if let stored = clusterID {
            guard stored == id else { throw EngineError.clusterIDConflict(stored: stored, given: id) }
            return
        }
        let written = try dataDirs.writeInEach { dir in
            do {
                try dir.writeClusterID(id)
            } catch {
                dir.note(error)
                throw error
            }
        }
        cluster.withLock { $0 = id }
        logger.info("cluster id persisted", metadata: ["cluster_id": "\(id)", "data_dirs": "\(written)"])
    }

    /// Removes files of retired rowsets, then closes the meta stores. No call may be running.
    public func close() {
        for dir in dataDirs {
            if dir.filesMayGo { dir.drainGarbage() }
            dir.close()
        }
    }
}
