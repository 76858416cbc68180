internal import Platform
internal import Synchronization
public import TabletModel
internal import VersionTracking

/// One replica of a tablet in a data dir: its header, its visible rowsets and their versions. Thread-safe.
///
/// Two locks. The *commit turn* orders changes: whoever holds it checks, writes the meta store (one synced batch) and
/// then publishes; it may be held across that write, and across nothing else that waits: no object store, no RPC, no
/// download. The *state* lock guards what is in memory, for moments; readers take only this one, so they never wait for
/// a disk.
///
/// The order of all locks of the engine, outermost first; each is taken only while none below it, and not itself, is held:
///
/// 1. an id reserved in `TabletMap` (creation, drop), `tryBegin` of a `TabletWork`, a run or conf change of `CooldownGate`,
///    a PUSH begun in `PendingTable`: these are flags and not locks. Who finds one taken does not wait, it goes away.
/// 2. commit turns, of several tablets in ascending id order (`withTurns`).
/// 3. a wake turn of `TabletMap`, while a tablet's records are read.
/// 4. one of the short locks, never two of them together: a tablet's state, `TabletMap`, `PendingTable`, `GarbageQueue`,
///    `SchemaPool`, `LeavingTablets`, `Arrivals`, a dir's condition or list of rowsets being written, what snapshots, clones and
///    cooldown remember. Under them nothing waits and nothing is called back. (`TabletMap` puts tablets to rest
///    under its lock: it looks into the state of a tablet that nobody else has, so that lock is free, and at its dir's condition.)
///
/// Letting go of the last reference to a retired `Rowset` locks the `GarbageQueue`, so no rowset is released under a
/// short lock: what leaves the state is carried out of it first.
public final class Tablet: Sendable {
    public let id: TabletID
    public let schemaHash: SchemaHash
    public let dataDir: DataDir
    let turn = Mutex<Void>(())
    private let state: Mutex<State>
    /// Somebody asked for it since the last look for tablets that can go to rest.
    private let isUsed = Atomic<Bool>(false)

    /// What a report reads comes first, next to the lock: a million tablets are as many cache misses, so few lines each.
    struct State: Sendable {
        /// A version below the newest is missing.
        var hasHole = false
        /// Since when the first missing version has been missing; meaningless while none is.
        var missingSince: MonotonicTime
        /// The tablet's row of the report, but for `versionMiss` and `transactionIDs`, which time changes.
        var row: TabletReportRow
        var header: TabletHeader
        /// In version order.
        var rowsets: [Rowset]
        /// Visible no more, and readable until a sweep.
        var stale = StaleRowsets()
        var tracker: VersionTracker
        /// Why the replica is bad although its versions are fine.
        var breakage: String?
        /// Scans, compactions and others that read files by name; a drop leaves the folder where it is meanwhile.
        var openScans = 0
        var work: TabletWork?
        /// Nil: to be worked out again.
        var compactionNeed: CompactionNeed?
        /// The folder's name, and those of its parents, were synced by this process.
        var folderIsDurable = false
    }

    /// - Parameters:
    ///   - breakage: what loading found wrong.
    ///   - counted: what the dir's sums hold of it already; nil: nothing.
    init(
        header: TabletHeader, rowsets: [RowsetMeta], dataDir: DataDir, now: MonotonicTime, breakage: String? = nil,
        counted: RowsetSums? = nil
    ) {
        self.id = header.tabletID
        self.schemaHash = header.schemaHash
        self.dataDir = dataDir
        let sorted = rowsets.sorted { ($0.versions.start, $0.versions.end) < ($1.versions.start, $1.versions.end) }
            .map { Rowset($0, garbage: dataDir.garbage) }
        let tracker = VersionTracker(visible: sorted.map(\.meta.versions))
        var state = State(
            missingSince: now,
            row: TabletReportRow(tabletID: header.tabletID, schemaHash: header.schemaHash, version: .none),
            header: header, rowsets: sorted, tracker: tracker, breakage: breakage)
        state.refreshRow(dataDir)
        dataDir.localBytes.add(state.row.dataSizeBytes - (counted?.localBytes ?? 0), ordering: .relaxed)
        dataDir.remoteBytes.add(state.row.remoteDataSizeBytes - (counted?.remoteBytes ?? 0), ordering: .relaxed)
        self.state = Mutex(state)
    }

    func noteUse() { isUsed.store(true, ordering: .relaxed) }
    /// It was asked for since the last call.
    func takeUse() -> Bool { isUsed.exchange(false, ordering: .relaxed) }

    // MARK: Reading

    /// Header, rowsets and versions at one moment.
    public var snapshot: TabletSnapshot { state.withLock { TabletSnapshot($0) } }
    public var header: TabletHeader { state.withLock { $0.header } }
    /// Visible rowsets in version order.
    public var rowsets: [Rowset] { state.withLock { $0.rowsets } }
    /// Rowsets that are visible no more and whose files are kept for readers of older versions, oldest path first.
    public var staleRowsets: [Rowset] { state.withLock { $0.stale.entries.map(\.rowset) } }
    public var replicaID: ReplicaID { state.withLock { $0.header.replicaID } }
    public var partitionID: PartitionID { state.withLock { $0.header.partitionID } }

    /// A local rowset of this id, visible or stale.
    func localRowset(_ id: RowsetID) -> Rowset? {
        state.withLock { state in
            if let visible = state.rowsets.first(where: { $0.meta.id == id }) {
                return visible.meta.isRemote ? nil : visible
            }
            return state.stale.entry(id)?.rowset
        }
    }

    /// All local rowsets, visible ones first.
    var localRowsets: [Rowset] {
        state.withLock { state in
            state.rowsets.filter { !$0.meta.isRemote } + state.stale.entries.map(\.rowset)
        }
    }

    /// Some visible rowset holds the version.
    func holds(_ version: Version) -> Bool {
        state.withLock { $0.tracker.visibleRange(containing: version) != nil }
    }

    /// Folder of its segments.
    public var segmentFolder: String {
        dataDir.layout.segmentFolder(shard: state.withLock { $0.header.shardID }, id, schemaHash)
    }

    /// Path of a local segment of one of its rowsets.
    public func segmentPath(_ rowset: RowsetID, _ index: Int) -> String {
        segmentFolder + "/" + DataDirLayout.segmentName(rowset, index)
    }

    /// Read access for the engine; nothing is called under it that waits.
    func withState<R: Sendable>(_ body: (inout State) -> R) -> R { state.withLock { body(&$0) } }

    /// The row, and of a hole in the versions (nil: there is none) since when it has been there and after which version.
    @inline(__always)
    func withRow(_ body: (borrowing TabletReportRow, _ hole: (since: MonotonicTime, after: Version)?) -> Void) {
        state.withLock { body($0.row, $0.hasHole ? ($0.missingSince, $0.tracker.maxContinuousVersion) : nil) }
    }

    func checkRunning() throws(EngineError) {
        let now = state.withLock { $0.header.state }
        guard now == .running else { throw .tabletNotRunning(id, now) }
    }

    /// It is served, or it is being filled by an alter and takes loads beside it.
    func checkTakesRows() throws(EngineError) {
        let now = state.withLock { $0.header.state }
        guard now.takesRows else { throw .tabletNotRunning(id, now) }
    }

    /// An alter has not filled it yet.
    var isFilling: Bool { state.withLock { $0.header.state == .notReady } }

    // MARK: Changing

    /// Makes the change durable in one synced batch, then visible. Serial per tablet; blocks for one sync.
    ///
    /// - Returns: the tablet as the change left it.
    /// - Throws: what the precondition throws, `.conflict` or `.versionExists` when the rowsets do not fit,
    ///   `.tabletNotRunning`, or `.metaUnavailable` (see there). Nothing has changed then, in memory at least.
    @discardableResult
    public func commit(_ change: TabletChange) throws -> TabletSnapshot {
        let after = try turn.withLock { _ in
            let prepared = try prepare(change)
            try dataDir.writeMeta(prepared.batch)
            return apply(prepared)
        }
        dataDir.drainGarbage()
        return after
    }

    /// Publishes a prepared change whose batch is durable. Under the turn in which it was prepared.
    @discardableResult
    func apply(_ prepared: PreparedChange) -> TabletSnapshot {
        let now = dataDir.environment.time.monotonicNow
        // Before they leave the state: an orphan search finds a rowset here or there at any moment.
        for rowset in prepared.removed where !prepared.keptFiles.contains(rowset.meta.id) {
            rowset.retire(shard: prepared.header.shardID)
        }
        // Held until the lock is open again: see "order of all locks".
        let (before, leaving, snapshot) = state.withLock { state in
            let before = state.row
            let leaving = (state.rowsets, state.stale)
            let end = state.tracker.maxContinuousVersion
            state.header = prepared.header
            state.rowsets = prepared.rowsets
            state.stale = prepared.stale
            state.tracker = prepared.tracker
            if prepared.holeIsCertain {
                state.missingSince = now + (.zero - dataDir.options.versionMissGrace)
            } else if !state.hasHole || state.tracker.maxContinuousVersion != end {
                state.missingSince = now
            }
            state.refreshRow(dataDir)
            return (before, leaving, TabletSnapshot(state))
        }
        withExtendedLifetime(leaving) {}
        let row = withState { $0.row }
        dataDir.localBytes.add(row.dataSizeBytes - before.dataSizeBytes, ordering: .relaxed)
        dataDir.remoteBytes.add(row.remoteDataSizeBytes - before.remoteDataSizeBytes, ordering: .relaxed)
        return snapshot
    }

    /// The replica turned out bad: it is reported as not used from now on.
    func markBroken(_ reason: String) {
        state.withLock { state in
            state.breakage = state.breakage ?? reason
            state.row.isUsed = false
        }
    }
}

extension TabletSnapshot {
    init(_ state: borrowing Tablet.State) {
        self.init(
            header: state.header, rowsets: state.rowsets, maxVersion: state.tracker.maxVersion,
            maxContinuousVersion: state.tracker.maxContinuousVersion, isComplete: state.tracker.isComplete)
    }
}

extension TabletState {
    /// Loads are kept and published: of a tablet that is not ready too, which an alter fills from below meanwhile.
    var takesRows: Bool { self == .running || self == .notReady }
}
