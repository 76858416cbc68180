public import Platform
public import StorageEngine
public import TabletModel

/// The real `AgentEngine`: the storage engine of a node, and what works on its tablets. What they throw passes as it is.
public final class NodeEngine: AgentEngine {
    public let storage: StorageEngine
    public let cooldown: CooldownService
    public let snapshots: SnapshotService
    public let clones: CloneService
    public let backups: BackupService
    public let migrations: MigrationService

    public init(
        storage: StorageEngine, cooldown: CooldownService, snapshots: SnapshotService, clones: CloneService,
        backups: BackupService
    ) {
        self.storage = storage
        self.cooldown = cooldown
        self.snapshots = snapshots
        self.clones = clones
        self.backups = backups
        migrations = MigrationService(engine: storage)
    }

    private var now: UnixTime { storage.environment.time.wallNow }

    // MARK: Identity and loading

    public var clusterID: Int32? { storage.clusterID }
    public func persistClusterID(_ id: Int32) throws { try storage.persistClusterID(id) }
    public var heardPosition: MetadataPosition? { storage.heardPosition }
    public func persistHeardPosition(_ position: MetadataPosition) throws {
        try storage.persistHeardPosition(position)
    }
    public func masterSpeaks(_ dialect: WireDialect) { storage.masterSpeaks(dialect) }
    public func refuseFiles(from masters: Set<NetworkAddress>, revision: UInt64) {
        storage.environment.fetcher.refuse(masters, revision: revision)
    }
    public var startupProgress: StartupProgress { storage.startupProgress }

    // MARK: Tasks

    public func createTablets(_ requests: [CreateTabletRequest]) -> [Result<TabletReportRow, any Error>] {
        storage.createTablets(requests)
    }
    public func dropTablet(_ request: DropTabletRequest) throws {
        try storage.dropTablet(request)
        clones.forget(request.tabletID)
    }
    public func push(_ request: PushRequest) throws -> TabletReportRow { try storage.push(request) }
    public func publish(_ request: PublishVersionRequest, gaps: VersionGapRule) throws -> PublishOutcome {
        try storage.publish(request, gaps: gaps)
    }
    public func alter(_ request: AlterRequest) throws -> TabletReportRow { try storage.alter(request) }
    public func clearAlter(_ request: ClearAlterRequest) throws { try storage.clearAlter(request) }
    public func publishedTablets(_ request: PublishVersionRequest) -> [TabletID: Version] {
        storage.publishedTablets(request)
    }
    public func clearTransaction(_ request: ClearTransactionRequest) throws { try storage.clearTransaction(request) }
    public func updateTabletMeta(_ updates: [TabletMetaUpdate]) throws -> [TabletID] {
        try storage.updateTabletMeta(updates)
    }
    public func updateVisibleVersions(_ versions: [PartitionID: Version]) throws {
        try storage.updateVisibleVersions(versions)
    }
    public func keepIndexPolicies(_ pushed: PushedIndexPolicies) throws { try storage.keepIndexPolicies(pushed) }
    public func applyStorageRules(_ rules: StorageRules, isWhole: Bool) throws -> Bool {
        try !cooldown.policies.apply(rules, isWhole: isWhole).isEmpty
    }
    public func applyPushedRules(_ rules: PushedRules) throws -> Bool { try !cooldown.policies.apply(rules).isEmpty }
    public func knownRules() -> KnownRules { cooldown.policies.known }
    public func tryStorage(_ entry: StoragePolicyEntry) throws { try cooldown.tryStorage(entry) }
    public func apply(_ conf: CooldownConf) throws -> CooldownConfVerdict { try cooldown.apply(conf) }

    // MARK: Replicas

    public func clone(_ request: CloneRequest) throws -> CloneOutcome { try clones.clone(request) }
    public func migrate(_ request: MigrateRequest) throws -> TabletReportRow { try migrations.migrate(request) }
    public func makeSnapshot(_ request: SnapshotRequest) throws -> SnapshotOutcome { try snapshots.make(request) }
    public func releaseSnapshot(path: String) throws { try snapshots.release(path) }

    public func upload(_ request: UploadRequest, report: @escaping BackupReport) throws -> [TabletID: [String]] {
        try backups.upload(request, report: report)
    }
    public func download(_ request: DownloadRequest, report: @escaping BackupReport) throws -> [TabletID] {
        try backups.download(request, report: report)
    }
    public func move(_ request: MoveRequest) throws -> TabletReportRow { try backups.move(request) }

    // MARK: Compaction and checks

    public func compact(_ request: CompactionRequest) throws { _ = try storage.compact(request, isAsked: true) }
    public func runCompaction(_ due: DueCompaction) throws {
        do {
            _ = try storage.compact(CompactionRequest(tabletID: due.tabletID, kind: due.kind), isAsked: false)
        } catch EngineError.busy, EngineError.unknownTablet, EngineError.tabletNotRunning {
            // It is looked at again in the next round, or gone for good.
            return
        }
    }
    public func dueCompactions() -> [DueCompaction] { storage.dueCompactions() }
    public func checksum(_ request: CheckConsistencyRequest) throws -> Int64 { try storage.checksum(request).folded }

    // MARK: Reports

    public func tabletReport() -> TabletReport { storage.tabletReport() }
    public func diskReports() -> [DiskReport] { storage.diskReports() }
    public func storageUse() -> StorageUse { cooldown.storageUse() }
    public func tabletStats() -> [TabletStat] { storage.tabletStats() }
    public var indexPolicies: [IndexPolicy] { storage.indexPolicies }
    public func recheckUnreadable() { storage.recheckUnreadable() }

    // MARK: Upkeep

    public func checkDataDirs() -> DataDirCheck { storage.checkDataDirs() }
    public func diskTrash() -> [DiskTrash] { storage.diskTrash() }
    public func restTablets() { storage.restIdleTablets() }

    /// Each part sweeps, although one before it failed: a snapshot that can't be removed must not keep stale rowsets and
    /// trash for ever. The first failure is thrown. Remote garbage that can't be deleted stays on record and is no failure.
    public func sweepTrash(all: Bool) throws {
        cooldown.sweepRemoteGarbage()
        let swept = [
            Result { try snapshots.sweep(now: now) },
            Result { try clones.sweepStaging(now: now) },
            Result { try storage.sweepTrash(all: all) },
        ]
        for part in swept { try part.get() }
    }

    // MARK: Cooldown

    public func dueCooldowns() -> [DueCooldown] { cooldown.dueTablets(now: now) }
    public func runCooldown(_ tablet: TabletID) throws { _ = try cooldown.runOnce(tablet) }
    public func findUnusedRemoteFiles() throws -> [TabletCooldownState] { cooldown.findUnusedRemoteFiles() }
    public func removeUnusedRemoteFiles(_ confirmed: [TabletID]) throws {
        try cooldown.removeUnusedRemoteFiles(confirmed)
    }
}
