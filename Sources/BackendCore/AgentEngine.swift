public import Platform
public import TabletModel

/// What the agent needs of a storage engine: the whole surface between "what an FE asks" and "what is on the disks".
///
/// Blocking; called from worker threads, several at once, for different and for the same tablets. Every change that a
/// call reports as done survives `kill -9`. All of it is idempotent: an FE sends a task again when it missed the answer.
/// Methods throw `TaskError` where the FE should see a particular status; any other error becomes one through
/// `TaskError.init(_:)`.
public protocol AgentEngine: Sendable {
    // Identity and loading: answered before the tablets are loaded.

    /// The cluster id that the data dirs agree on; nil before the first heartbeat of their life.
    var clusterID: Int32? { get }
    /// Writes the id into every good data dir, durably on return. The same id again is fine; another one throws.
    func persistClusterID(_ id: Int32) throws
    /// The furthest metadata position that a master told of, as the data dirs hold it.
    var heardPosition: MetadataPosition? { get }
    /// Remembers it in every good data dir, durably on return.
    func persistHeardPosition(_ position: MetadataPosition) throws
    var loadProgress: LoadProgress { get }

    // Tasks (`contract/behaviour.md` §2).

    /// The row of the tablet, new or already there with the same schema hash.
    func createTablet(_ request: CreateTabletRequest) throws -> TabletReportRow
    func dropTablet(_ request: DropTabletRequest) throws
    /// Fetches the file and keeps it as the transaction's pending rowset. The rows of the tablets it touched.
    func push(_ request: PushRequest) throws -> [TabletReportRow]
    /// One attempt. Tablets that lack the version before come back as `waiting` and can be tried again; with `acceptsGaps`
    /// they take the version all the same, and have a hole before it.
    func publish(_ request: PublishVersionRequest, acceptsGaps: Bool) throws -> PublishOutcome
    func clearTransaction(_ request: ClearTransactionRequest) throws
    /// Tablets that are not here are skipped and returned.
    func updateTabletMeta(_ updates: [TabletMetaUpdate]) throws -> [TabletID]
    /// Adds what is new and replaces what changed; a policy or resource that is not named stays.
    /// - Parameter isWhole: the master's answer to a refresh; otherwise a single task, which may be an old one.
    /// - Returns: something changed.
    func applyStorageRules(_ rules: StorageRules, isWhole: Bool) throws -> Bool
    /// Puts, reads, lists and deletes an object of its own in the entry's resource. May take as long as the store's timeouts.
    func tryStorage(_ entry: StoragePolicyEntry) throws
    /// One outcome a conf, in order; an accepted conf is persisted on return.
    func applyCooldownConfs(_ confs: [CooldownConf]) -> [CooldownConfOutcome]

    // Replicas (§3).

    /// Brings the replica up to the request's version with rowsets of the sources, or makes it. Runs long; what was
    /// fetched and verified is kept for the next try.
    func clone(_ request: CloneRequest) throws -> CloneOutcome
    /// The snapshot is there, linked and durable, on return.
    func makeSnapshot(_ request: SnapshotRequest) throws -> SnapshotOutcome
    /// - Parameter path: as `makeSnapshot` gave it; any other is refused.
    func releaseSnapshot(path: String) throws
    /// Merges adjacent local rowsets of the tablet because somebody asked for it: any two will do. None is fine.
    func compact(_ request: CompactionRequest) throws
    /// Merges what the policy says. A tablet that is busy, gone or needs nothing any more is fine.
    func runCompaction(_ due: DueCompaction) throws
    /// Checksum of the rows that are visible at the version, whatever rowsets they are in and wherever those are. Never
    /// negative.
    func checksum(_ request: CheckConsistencyRequest) throws -> Int64
    /// Tablets that would gain from a compaction now, the most in need first; one entry a tablet at most.
    func dueCompactions() -> [DueCompaction]

    // Reports (§4, §5).

    /// A snapshot; cheap, since the rows are read only while the report is encoded.
    func tabletReport() -> TabletReport
    func diskReports() -> [DiskReport]
    /// What goes out with the disks: storage resources, and tablets that fail to cool.
    func storageUse() -> StorageUse
    func tabletStats() -> [TabletStat]
    /// Looks again at rowsets that were found unreadable; may ask object stores.
    func recheckUnreadable()

    // Upkeep.

    /// Tests every data dir. Tablets of a dir that went bad are no longer served when this returns.
    func checkDisks() -> DiskCheck
    func diskTrash() -> [DiskTrash]
    /// Removes trash and stale files that are past their time; with `all`, every trash entry whatever its age.
    func sweepTrash(all: Bool) throws

    // Cooldown (§6).

    /// Tablets with work to do now, most urgent first.
    func dueCooldowns() -> [DueCooldown]
    /// Uploads or follows one rowset step of the tablet, whichever its conf says.
    func runCooldown(_ tablet: TabletID) throws
    /// Looks for remote objects that nothing of ours names any more; the tablets to ask the master about.
    func findUnusedRemoteFiles() throws -> [TabletCooldownState]
    /// Deletes what was found for these tablets, unless they changed since.
    func removeUnusedRemoteFiles(_ confirmed: [TabletID]) throws
}

/// How far the start has come.
public struct LoadProgress: Hashable, Sendable {
    public var isLoaded: Bool
    public var loadedTablets: Int
    /// nil while it is not known.
    public var totalTablets: Int?

    public init(isLoaded: Bool, loadedTablets: Int, totalTablets: Int? = nil) {
        self.isLoaded = isLoaded
        self.loadedTablets = loadedTablets
        self.totalTablets = totalTablets
    }
}

/// What one attempt of a publish came to. A tablet is in at most one list; tablets in neither hold the version.
public struct PublishOutcome: Hashable, Sendable {
    public struct Failure: Hashable, Sendable {
        public var tabletID: TabletID
        public var status: RPCStatus
        public init(tabletID: TabletID, status: RPCStatus) {
            self.tabletID = tabletID
            self.status = status
        }
    }

    public var failures: [Failure]
    /// Tablets that lack the version before the one to publish.
    public var waiting: [TabletID]

    public init(failures: [Failure] = [], waiting: [TabletID] = []) {
        self.failures = failures
        self.waiting = waiting
    }
}

/// What became of one cooldown conf.
public enum CooldownConfOutcome: Hashable, Sendable {
    /// Persisted now, or the same term was persisted before.
    case applied
    /// The tablet already follows a newer term.
    case staleTerm(current: Int64)
    case unknownTablet
    /// An upload holds the conf; try again.
    case busy
    case failed(RPCStatus)
}

/// How a clone ended.
public struct CloneOutcome: Hashable, Sendable {
    public var row: TabletReportRow
    /// What was fetched by this run.
    public var copiedBytes: Int64
    public var copyTimeMs: Int64

    public init(row: TabletReportRow, copiedBytes: Int64 = 0, copyTimeMs: Int64 = 0) {
        self.row = row
        self.copiedBytes = copiedBytes
        self.copyTimeMs = copyTimeMs
    }
}

public struct SnapshotOutcome: Hashable, Sendable {
    public var path: String
    /// It holds the missing versions that were asked for, and nothing else.
    public var isIncremental: Bool
    /// Names of its files, when the request asked for them.
    public var files: [String]?

    public init(path: String, isIncremental: Bool, files: [String]? = nil) {
        self.path = path
        self.isIncremental = isIncremental
        self.files = files
    }
}

/// A tablet whose rowsets should be merged.
public struct DueCompaction: Hashable, Sendable {
    public var tabletID: TabletID
    public var kind: CompactionRequest.Kind
    /// Root path of its data dir: runs are limited a dir.
    public var dataDir: String
    public var score: Int64

    public init(tabletID: TabletID, kind: CompactionRequest.Kind, dataDir: String, score: Int64) {
        self.tabletID = tabletID
        self.kind = kind
        self.dataDir = dataDir
        self.score = score
    }
}

/// What a tablet report says.
public struct TabletReport: Sendable {
    public var rows: any TabletReportSource
    public var maxCompactionScore: Int64
    /// Replicas that can't be read although their versions are whole.
    public var unreadable: [UnreadableReplica]

    public init(rows: any TabletReportSource, maxCompactionScore: Int64, unreadable: [UnreadableReplica] = []) {
        self.rows = rows
        self.maxCompactionScore = maxCompactionScore
        self.unreadable = unreadable
    }
}

/// What changed between two checks of the data dirs.
public struct DiskCheck: Hashable, Sendable {
    public var wentBad: [String]
    public var recovered: [String]
    /// The fullest good dir, 0...1; nil when no dir is good.
    public var highestUsage: Double?
    /// A replica turned out unreadable, or can be read again.
    public var replicasChanged: Bool

    public init(
        wentBad: [String] = [], recovered: [String] = [], highestUsage: Double? = nil, replicasChanged: Bool = false
    ) {
        self.wentBad = wentBad
        self.recovered = recovered
        self.highestUsage = highestUsage
        self.replicasChanged = replicasChanged
    }
}

/// A tablet whose turn has come to cool down.
public struct DueCooldown: Hashable, Sendable {
    public var tabletID: TabletID
    /// Root path of its data dir: runs are limited a dir.
    public var dataDir: String

    public init(tabletID: TabletID, dataDir: String) {
        self.tabletID = tabletID
        self.dataDir = dataDir
    }
}
