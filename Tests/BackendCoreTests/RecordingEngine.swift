import BackendCore
import Platform
import StorageEngine
import Synchronization
import TabletModel

/// An engine that remembers what it was asked and answers as the test says.
final class RecordingEngine: AgentEngine {
    struct State {
        var clusterID: Int32?
        var heardPosition: MetadataPosition?
        var persisted: [Int32] = []
        var persistFailure: String?
        var isLoaded = true
        var calls: [String] = []
        var rows: [TabletReportRow] = []
        var disks: [DiskReport] = []
        var dirCheck = DataDirCheck()
        var due: [DueCooldown] = []
        var dueCompactions: [DueCompaction] = []
        var unused: [TabletCooldownState] = []
        var removedUnused: [TabletID] = []
        var failures: [String: TaskError] = [:]
        var publishOutcomes: [PublishOutcome] = []
        var confVerdicts: [CooldownConfVerdict] = []
        var policies: [StoragePolicyEntry] = []
        var indexPolicies: [IndexPolicy] = []
        var pushedRules: [PushedRules] = []
        var knownRules = KnownRules()
        var publishedTablets: [TabletID: Version] = [:]
        var dialects: [WireDialect] = []
        var refusedMasters: [(masters: Set<NetworkAddress>, revision: UInt64)] = []
        /// The tablets of each call.
        var creationBatches: [[TabletID]] = []
    }

    let state = Mutex(State())
    /// Called inside each task with its call's text: to look at, or change, the world while the task runs.
    let during = Mutex<(@Sendable (String) -> Void)?>(nil)

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
    var calls: [String] { state.withLock { $0.calls } }

    private func record(_ call: String) throws {
        try state.withLock { state in
            state.calls.append(call)
            if let failure = state.failures[call] { throw failure }
        }
        during.withLock { $0 }?(call)
    }

    var clusterID: Int32? { state.withLock { $0.clusterID } }
    var heardPosition: MetadataPosition? { state.withLock { $0.heardPosition } }
    func persistHeardPosition(_ position: MetadataPosition) throws { state.withLock { $0.heardPosition = position } }
    func persistClusterID(_ id: Int32) throws {
        during.withLock { $0 }?("persist \(id)")
        try state.withLock { state in
            if let failure = state.persistFailure { throw TaskError(.ioError, failure) }
            state.persisted.append(id)
            state.clusterID = id
        }
    }
    var startupProgress: StartupProgress {
        state.withLock { StartupProgress(isLoaded: $0.isLoaded, loadedTablets: $0.rows.count) }
    }

    func createTablets(_ requests: [CreateTabletRequest]) -> [Result<TabletReportRow, any Error>] {
        state.withLock { $0.creationBatches.append(requests.map(\.tabletID)) }
        return requests.map { request in Result { try createTablet(request) } }
    }
    private func createTablet(_ request: CreateTabletRequest) throws -> TabletReportRow {
        try record("create \(request.tabletID)")
        let row = TabletReportRow(
            tabletID: request.tabletID, schemaHash: request.schema.schemaHash, version: request.version)
        state.withLock { $0.rows.append(row) }
        return row
    }
    func restTablets() { state.withLock { $0.calls.append("rest") } }
    func dropTablet(_ request: DropTabletRequest) throws { try record("drop \(request.tabletID)") }
    func push(_ request: PushRequest) throws -> TabletReportRow {
        try record("push \(request.tabletID)")
        return TabletReportRow(tabletID: request.tabletID, schemaHash: request.schemaHash, version: request.version)
    }
    func publish(_ request: PublishVersionRequest, gaps: VersionGapRule) throws -> PublishOutcome {
        try record("publish \(request.transactionID)\(gaps == .accept ? " over gaps" : "")")
        var outcome = state.withLock {
            $0.publishOutcomes.isEmpty ? PublishOutcome() : $0.publishOutcomes.removeFirst()
        }
        if gaps == .accept { outcome.waiting = [] }
        return outcome
    }
    func alter(_ request: AlterRequest) throws -> TabletReportRow {
        try record("alter \(request.newTabletID)")
        return TabletReportRow(
            tabletID: request.newTabletID, schemaHash: request.newSchemaHash, version: request.alterVersion ?? 1)
    }
    func clearAlter(_ request: ClearAlterRequest) throws { try record("clear alter \(request.tabletID)") }
    func clearTransaction(_ request: ClearTransactionRequest) throws { try record("clear \(request.transactionID)") }
    func updateTabletMeta(_ updates: [TabletMetaUpdate]) throws -> [TabletID] {
        try record("meta \(updates.map(\.tabletID.description).joined(separator: ","))")
        return []
    }
    func updateVisibleVersions(_ versions: [PartitionID: Version]) throws {
        try record(
            "visible \(versions.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ","))")
    }
    func keepIndexPolicies(_ pushed: PushedIndexPolicies) throws {
        state.withLock { $0.indexPolicies += pushed.policies }
        try record("index policies \(pushed.policies.map(\.id.description).joined(separator: ","))")
    }
    var indexPolicies: [IndexPolicy] { state.withLock { $0.indexPolicies } }
    func migrate(_ request: MigrateRequest) throws -> TabletReportRow {
        try record("migrate \(request.tabletID) to \(request.dataDir ?? "\(request.medium)")")
        var row = TabletReportRow(tabletID: request.tabletID, schemaHash: request.schemaHash, version: 2)
        row.pathHash = 77
        return row
    }
    func storageUse() -> StorageUse { StorageUse() }
    func tryStorage(_ entry: StoragePolicyEntry) throws { try record("try storage") }
    func applyStorageRules(_ rules: StorageRules, isWhole: Bool) throws -> Bool {
        state.withLock { $0.policies += rules.policies }
        try record("policies \(rules.policies.map(\.name).joined(separator: ","))")
        return true
    }
    func applyPushedRules(_ rules: PushedRules) throws -> Bool {
        state.withLock { $0.pushedRules.append(rules) }
        try record("pushed rules")
        return true
    }
    func knownRules() -> KnownRules { state.withLock { $0.knownRules } }
    func refuseFiles(from masters: Set<NetworkAddress>, revision: UInt64) {
        state.withLock { $0.refusedMasters.append((masters, revision)) }
    }
    func masterSpeaks(_ dialect: WireDialect) { state.withLock { $0.dialects.append(dialect) } }
    func publishedTablets(_ request: PublishVersionRequest) -> [TabletID: Version] {
        state.withLock { $0.publishedTablets }
    }
    func apply(_ conf: CooldownConf) throws -> CooldownConfVerdict {
        try record("conf \(conf.tabletID)")
        return state.withLock { $0.confVerdicts.isEmpty ? .applied : $0.confVerdicts.removeFirst() }
    }

    func clone(_ request: CloneRequest) throws -> CloneOutcome {
        try record("clone \(request.tabletID)")
        let version = request.committedVersion ?? .initial
        return CloneOutcome(
            row: TabletReportRow(tabletID: request.tabletID, schemaHash: request.schemaHash, version: version),
            copiedBytes: 11, copyTimeMs: 12)
    }
    func makeSnapshot(_ request: SnapshotRequest) throws -> SnapshotOutcome {
        try record("snapshot \(request.tabletID)")
        return SnapshotOutcome(
            path: "/snapshot/\(request.tabletID)", isIncremental: request.missingVersions != nil,
            files: ["a", "b"])
    }
    func releaseSnapshot(path: String) throws { try record("release \(path)") }
    func upload(_ request: UploadRequest, report: @escaping BackupReport) throws -> [TabletID: [String]] {
        try record("upload \(request.jobID)")
        guard report(1, 2) else { throw TaskError(.cancelled, "not wanted") }
        return [1: ["1.hdr.0123456789abcdef0123456789abcdef"]]
    }
    func download(_ request: DownloadRequest, report: @escaping BackupReport) throws -> [TabletID] {
        try record("download \(request.jobID)")
        guard report(1, 2) else { throw TaskError(.cancelled, "not wanted") }
        return [1]
    }
    func move(_ request: MoveRequest) throws -> TabletReportRow {
        try record("move \(request.tabletID)")
        return TabletReportRow(tabletID: request.tabletID, schemaHash: request.schemaHash, version: 5)
    }
    func compact(_ request: CompactionRequest) throws { try record("compact \(request.tabletID) \(request.kind)") }
    func runCompaction(_ due: DueCompaction) throws {
        state.withLock { $0.dueCompactions.removeAll { $0.tabletID == due.tabletID } }
        try record("run compaction \(due.tabletID) \(due.kind)")
    }
    func checksum(_ request: CheckConsistencyRequest) throws -> Int64 {
        try record("checksum \(request.tabletID)")
        return 4711
    }
    func dueCompactions() -> [DueCompaction] { state.withLock { $0.dueCompactions } }

    func tabletReport() -> TabletReport {
        during.withLock { $0 }?("report")
        return TabletReport(rows: ArrayReportSource(state.withLock { $0.rows }), maxCompactionScore: 7)
    }
    func diskReports() -> [DiskReport] { state.withLock { $0.disks } }
    func recheckUnreadable() {}
    func tabletStats() -> [TabletStat] {
        state.withLock { state in
            state.rows.map {
                TabletStat(
                    tabletID: $0.tabletID, dataSizeBytes: 1, rowCount: 2, versionCount: 3, remoteDataSizeBytes: 4)
            }
        }
    }
    func checkDataDirs() -> DataDirCheck {
        state.withLock { state in
            state.calls.append("check data dirs")
            defer {
                state.dirCheck.wentBad = []
                state.dirCheck.recovered = []
            }
            return state.dirCheck
        }
    }
    func diskTrash() -> [DiskTrash] {
        [
            DiskTrash(rootPath: "/a", isOnline: true, usedBytes: 5),
            DiskTrash(rootPath: "/b", isOnline: false, usedBytes: 7),
        ]
    }
    func sweepTrash(all: Bool) throws { try record("sweep \(all ? "all" : "old")") }
    func dueCooldowns() -> [DueCooldown] { state.withLock { $0.due } }
    func runCooldown(_ tablet: TabletID) throws {
        state.withLock { $0.due.removeAll { $0.tabletID == tablet } }
        try record("cool \(tablet)")
    }
    func findUnusedRemoteFiles() throws -> [TabletCooldownState] { state.withLock { $0.unused } }
    func removeUnusedRemoteFiles(_ confirmed: [TabletID]) throws {
        state.withLock { $0.removedUnused += confirmed }
    }
}
