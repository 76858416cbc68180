public import Platform
public import StorageEngine
public import TabletModel

/// The real `AgentEngine`: a storage engine and the cooldown of its tablets.
public final class CoolingEngine: AgentEngine {
    public let storage: StorageEngine
    public let cooldown: CooldownService
    public let snapshots: SnapshotService
    /// nil: this node clones nothing, and says so.
    public let clones: CloneService?
    private let time: any TimeSource

    /// - Parameter snapshots: nil makes one with Doris' expiry.
    public init(
        storage: StorageEngine, cooldown: CooldownService, snapshots: SnapshotService? = nil,
        clones: CloneService? = nil
    ) {
        self.storage = storage
        self.cooldown = cooldown
        self.snapshots = snapshots ?? SnapshotService(engine: storage)
        self.clones = clones
        time = storage.environment.time
    }

    // MARK: Identity and loading

    public var clusterID: Int32? { storage.clusterID }
    public func persistClusterID(_ id: Int32) throws { try translating { try storage.persistClusterID(id) } }
    public var heardPosition: MetadataPosition? { storage.heardPosition }
    public func persistHeardPosition(_ position: MetadataPosition) throws {
        try translating { try storage.persistHeardPosition(position) }
    }
    public var loadProgress: LoadProgress {
        let progress = storage.loadingProgress
        return LoadProgress(
            isLoaded: storage.isLoaded, loadedTablets: progress.loaded, totalTablets: progress.total)
    }

    // MARK: Tasks

    public func createTablet(_ request: CreateTabletRequest) throws -> TabletReportRow {
        try translating { try storage.createTablet(request) }
    }
    public func dropTablet(_ request: DropTabletRequest) throws {
        try translating { try storage.dropTablet(request) }
        clones?.forget(request.tabletID)
    }
    public func push(_ request: PushRequest) throws -> [TabletReportRow] {
        try translating { [try storage.push(request)] }
    }

    public func publish(_ request: PublishVersionRequest, acceptsGaps: Bool) throws -> PublishOutcome {
        let result = try translating { try storage.publish(request, gaps: acceptsGaps ? .accept : .wait) }
        return PublishOutcome(
            failures: result.failures.map { .init(tabletID: $0.tabletID, status: RPCStatus(describing: $0.error)) },
            waiting: result.waiting)
    }

    public func clearTransaction(_ request: ClearTransactionRequest) throws {
        try translating { try storage.clearTransaction(request) }
    }
    public func updateTabletMeta(_ updates: [TabletMetaUpdate]) throws -> [TabletID] {
        try translating { try storage.updateTabletMeta(updates) }
    }
    public func applyStorageRules(_ rules: StorageRules, isWhole: Bool) throws -> Bool {
        try translating { try !cooldown.policies.apply(rules, isWhole: isWhole).isEmpty }
    }
    public func tryStorage(_ entry: StoragePolicyEntry) throws { try translating { try cooldown.tryStorage(entry) } }
    public func applyCooldownConfs(_ confs: [CooldownConf]) -> [CooldownConfOutcome] { confs.map(outcome) }

    private func outcome(_ conf: CooldownConf) -> CooldownConfOutcome {
        do {
            switch try cooldown.apply(conf) {
            case .applied, .unchanged: return .applied
            case .staleTerm(let current): return .staleTerm(current: current)
            case .unknownTablet: return .unknownTablet
            case .busy: return .busy
            case .noReplica:
                return .failed(RPCStatus(.invalidArgument, "\(conf): it chooses no replica"))
            case .conflict(let current):
                return .failed(RPCStatus(.aborted, "\(conf): under this term the uploader is replica \(current)"))
            }
        } catch {
            return .failed(RPCStatus(describing: error))
        }
    }

    // MARK: Reports

    public func tabletReport() -> TabletReport {
        TabletReport(
            rows: storage.tabletReport(), maxCompactionScore: storage.maxCompactionScore,
            unreadable: storage.unreadableReplicas)
    }
    public func diskReports() -> [DiskReport] { storage.diskReports() }
    public func storageUse() -> StorageUse { cooldown.storageUse() }
    public func tabletStats() -> [TabletStat] { storage.tabletStats() }
    public func recheckUnreadable() { storage.recheckUnreadable() }

    // MARK: Upkeep

    public func checkDisks() -> DiskCheck {
        let check = storage.checkDataDirs()
        return DiskCheck(
            wentBad: check.wentBad, recovered: check.recovered, highestUsage: check.highestUsage,
            replicasChanged: storage.takeUnreadableChange())
    }
    public func diskTrash() -> [DiskTrash] { storage.diskTrash() }
    public func sweepTrash(all: Bool) throws {
        // Remote garbage that can't be deleted stays on record, is logged there, and does not fail the sweep.
        cooldown.sweepRemoteGarbage()
        // A snapshot that can't be removed must not keep stale rowsets and trash for ever.
        let replicas = Result { try sweepReplicas() }
        try translating { try storage.sweepTrash(all: all) }
        try replicas.get()
    }

    // MARK: Cooldown

    public func dueCooldowns() -> [DueCooldown] {
        cooldown.dueTablets(now: time.wallNow).map { DueCooldown(tabletID: $0.tabletID, dataDir: $0.dataDir) }
    }
    public func runCooldown(_ tablet: TabletID) throws { try translating { _ = try cooldown.runOnce(tablet) } }
    public func findUnusedRemoteFiles() throws -> [TabletCooldownState] { cooldown.findUnusedRemoteFiles() }
    public func removeUnusedRemoteFiles(_ confirmed: [TabletID]) throws {
        try translating { try cooldown.removeUnusedRemoteFiles(confirmed) }
    }

    /// Engine errors become the status that an FE sees.
    func translating<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw TaskError(RPCStatus(describing: error))
        }
    }
}
