internal import BackendCore
internal import Platform
internal import StorageEngine
internal import TabletModel

/// An engine that does nothing, and has no tablets but the rows it reports: what is left is the agent and the wire.
struct IdleEngine: AgentEngine {
    var tablets: any TabletReportSource = ArrayReportSource([])
    var clusterID: Int32? { 1 }
    func persistClusterID(_ id: Int32) throws {}
    var heardPosition: MetadataPosition? { nil }
    func persistHeardPosition(_ position: MetadataPosition) throws {}
    func masterSpeaks(_ dialect: WireDialect) {}
    var startupProgress: StartupProgress { StartupProgress(isLoaded: true, loadedTablets: 0) }
    func createTablets(_ requests: [CreateTabletRequest]) -> [Result<TabletReportRow, any Error>] {
        requests.map {
            .success(TabletReportRow(tabletID: $0.tabletID, schemaHash: $0.schema.schemaHash, version: $0.version))
        }
    }
    func dropTablet(_ request: DropTabletRequest) throws {}
    func push(_ request: PushRequest) throws -> TabletReportRow {
        TabletReportRow(tabletID: request.tabletID, schemaHash: request.schemaHash, version: request.version)
    }
    func publish(_ request: PublishVersionRequest, gaps: VersionGapRule) throws -> PublishOutcome { PublishOutcome() }
    func alter(_ request: AlterRequest) throws -> TabletReportRow {
        TabletReportRow(
            tabletID: request.newTabletID, schemaHash: request.newSchemaHash, version: request.alterVersion ?? .initial)
    }
    func clearAlter(_ request: ClearAlterRequest) throws {}
    func publishedTablets(_ request: PublishVersionRequest) -> [TabletID: Version] { [:] }
    func clearTransaction(_ request: ClearTransactionRequest) throws {}
    func updateTabletMeta(_ updates: [TabletMetaUpdate]) throws -> [TabletID] { [] }
    func applyStorageRules(_ rules: StorageRules, isWhole: Bool) throws -> Bool { false }
    func applyPushedRules(_ rules: PushedRules) throws -> Bool { false }
    func knownRules() -> KnownRules { KnownRules() }
    func storageUse() -> StorageUse { StorageUse() }
    func tryStorage(_ entry: StoragePolicyEntry) throws {}
    func apply(_ conf: CooldownConf) throws -> CooldownConfVerdict { .applied }
    func migrate(_ request: MigrateRequest) throws -> TabletReportRow { throw TaskError(.notImplementedError, "idle") }
    func updateVisibleVersions(_ versions: [PartitionID: Version]) throws {}
    func keepIndexPolicies(_ pushed: PushedIndexPolicies) throws {}
    var indexPolicies: [IndexPolicy] { [] }
    func clone(_ request: CloneRequest) throws -> CloneOutcome {
        CloneOutcome(
            row: TabletReportRow(tabletID: request.tabletID, schemaHash: request.schemaHash, version: .initial))
    }
    func makeSnapshot(_ request: SnapshotRequest) throws -> SnapshotOutcome {
        throw TaskError(.notFound, "there is no tablet \(request.tabletID)")
    }
    func releaseSnapshot(path: String) throws {}
    func upload(_ request: UploadRequest, report: @escaping BackupReport) throws -> [TabletID: [String]] { [:] }
    func download(_ request: DownloadRequest, report: @escaping BackupReport) throws -> [TabletID] { [] }
    func move(_ request: MoveRequest) throws -> TabletReportRow {
        TabletReportRow(tabletID: request.tabletID, schemaHash: request.schemaHash, version: .initial)
    }
    func compact(_ request: CompactionRequest) throws {}
    func runCompaction(_ due: DueCompaction) throws {}
    func checksum(_ request: CheckConsistencyRequest) throws -> Int64 { 0 }
    func dueCompactions() -> [DueCompaction] { [] }
    func tabletReport() -> TabletReport { TabletReport(rows: tablets, maxCompactionScore: 0) }
    func diskReports() -> [DiskReport] { [] }
    func tabletStats() -> [TabletStat] { [] }
    func recheckUnreadable() {}
    func checkDataDirs() -> DataDirCheck { DataDirCheck() }
    func diskTrash() -> [DiskTrash] { [] }
    func restTablets() {}
    func sweepTrash(all: Bool) throws {}
    func dueCooldowns() -> [DueCooldown] { [] }
    func runCooldown(_ tablet: TabletID) throws {}
    func findUnusedRemoteFiles() throws -> [TabletCooldownState] { [] }
    func removeUnusedRemoteFiles(_ confirmed: [TabletID]) throws {}
}
