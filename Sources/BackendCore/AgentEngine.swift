public import Platform
public import StorageEngine
public import TabletModel

/// What the agent needs of a storage engine: the whole surface between "what an FE asks" and "what is on the disks".
///
/// Blocking; called from worker threads, several at once, for different and for the same tablets. Every change that a
/// call reports as done survives `kill -9`. All of it is idempotent: an FE sends a task again when it missed the answer.
/// What is thrown becomes the status that the FE sees through `TaskError.init(_:)`.
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
    /// Whose words the master understands, learnt anew: rows say the version that it expects from now on.
    func masterSpeaks(_ dialect: WireDialect)
    /// Files of loads that the masters before this one have, by their HTTP addresses, are fetched no more. Of two calls the
    /// one of the higher revision counts.
    func refuseFiles(from masters: Set<NetworkAddress>, revision: UInt64)
    var startupProgress: StartupProgress { get }

    // Tasks (`contract/behaviour.md` §2).

    /// For each request, in their order, the row of the tablet, new or already there with the same schema hash. Many at once cost
    /// little more than one.
    func createTablets(_ requests: [CreateTabletRequest]) -> [Result<TabletReportRow, any Error>]
    func dropTablet(_ request: DropTabletRequest) throws
    /// Fetches the file and keeps it as the transaction's pending rowset. The row of the tablet.
    func push(_ request: PushRequest) throws -> TabletReportRow
    /// One attempt. Tablets that lack the version before come back as `waiting` and can be tried again, or take the version
    /// over the hole.
    func publish(_ request: PublishVersionRequest, gaps: VersionGapRule) throws -> PublishOutcome
    /// Tablets of these partitions that hold the version now, with the transaction's rows as far as can be told.
    func publishedTablets(_ request: PublishVersionRequest) -> [TabletID: Version]
    func clearTransaction(_ request: ClearTransactionRequest) throws
    /// Fills the new half of a schema change with the base's rows. Runs long. The row of the new tablet.
    func alter(_ request: AlterRequest) throws -> TabletReportRow
    /// Ends what runs of it; nothing is fine.
    func clearAlter(_ request: ClearAlterRequest) throws
    /// Tablets that are not here are skipped and returned. What is not taken throws, with nothing changed.
    func updateTabletMeta(_ updates: [TabletMetaUpdate]) throws -> [TabletID]
    /// What readers may see of each partition. Remembered until the end of the process.
    func updateVisibleVersions(_ versions: [PartitionID: Version]) throws
    /// Kept for the FE, durably on return.
    func keepIndexPolicies(_ pushed: PushedIndexPolicies) throws
    /// Adds what is new and replaces what changed; a policy or resource that is not named stays.
    /// - Parameter isWhole: the master's answer to a refresh; otherwise a single task, which may be an old one.
    /// - Returns: something changed.
    func applyStorageRules(_ rules: StorageRules, isWhole: Bool) throws -> Bool
    /// Takes what is newer than what is here, and forgets the policies that are gone.
    /// - Returns: something changed.
    func applyPushedRules(_ rules: PushedRules) throws -> Bool
    /// Policies and resources by id and version.
    func knownRules() -> KnownRules
    /// Puts, reads, lists and deletes an object of its own in the entry's resource. May take as long as the store's timeouts.
    func tryStorage(_ entry: StoragePolicyEntry) throws
    /// An accepted conf is persisted on return.
    func apply(_ conf: CooldownConf) throws -> CooldownConfVerdict

    // Replicas (§3).

    /// Brings the replica up to the request's version with rowsets of the sources, or makes it. Runs long; what was
    /// fetched and verified is kept for the next try.
    func clone(_ request: CloneRequest) throws -> CloneOutcome
    /// Moves the tablet to another data dir of this backend: the row of the tablet there. Runs long.
    func migrate(_ request: MigrateRequest) throws -> TabletReportRow
    /// The snapshot is there, linked and durable, on return.
    func makeSnapshot(_ request: SnapshotRequest) throws -> SnapshotOutcome
    /// - Parameter path: as `makeSnapshot` gave it; any other is refused.
    func releaseSnapshot(path: String) throws
    /// Copies snapshot folders to a backup's place. Runs long; what was copied spares the next try its work.
    /// - Returns: the names in the remote folder, by tablet.
    func upload(_ request: UploadRequest, report: @escaping BackupReport) throws -> [TabletID: [String]]
    /// Fills local snapshot folders from a backup's place or other backends. Runs long; what was verified is kept.
    func download(_ request: DownloadRequest, report: @escaping BackupReport) throws -> [TabletID]
    /// What a download left becomes the tablet's rows, in one commit.
    func move(_ request: MoveRequest) throws -> TabletReportRow
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
    /// The index policies that are kept, by id.
    var indexPolicies: [IndexPolicy] { get }
    /// Looks again at rowsets that were found unreadable; may ask object stores.
    func recheckUnreadable()

    // Upkeep.

    /// Tests every data dir. Tablets of a dir that went bad are no longer served when this returns.
    func checkDataDirs() -> DataDirCheck
    func diskTrash() -> [DiskTrash]
    /// Frees the memory of tablets that nobody uses. Called now and then; cheap.
    func restTablets()
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

extension AgentEngine {
    /// For engines that fetch nothing.
    public func refuseFiles(from masters: Set<NetworkAddress>, revision: UInt64) {}
}
