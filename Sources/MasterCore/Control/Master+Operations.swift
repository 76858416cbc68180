internal import AgentTasks
internal import ClusterMetadata
internal import ColdStorage
internal import DataLoading
public import HTTPAPI
internal import MasterServices
public import Platform
internal import ReplicaRepair
public import TabletModel
internal import TabletReports

extension Master {
    // MARK: Storage

    public func checkStorageResource(_ request: CreateStorageResourceRequest) throws -> JobView {
        try trials.start(request)
    }

    public func checkStorageResource(_ name: String, _ request: AlterStorageResourceRequest) throws -> JobView {
        let resource = try environment.store.read { state in try request.applied(to: try state.requireResource(name)) }
        return try trials.start(name, resource.s3, id: resource.id)
    }

    public func createStorageResource(_ request: CreateStorageResourceRequest) throws -> StorageResourceView {
        let resource = try policies.createResource(request)
        return environment.store.read { StorageResourceView(resource, in: $0) }
    }

    public func alterStorageResource(
        _ name: String, _ request: AlterStorageResourceRequest
    ) throws -> StorageResourceView {
        let resource = try policies.alterResource(name, request)
        return environment.store.read { StorageResourceView(resource, in: $0) }
    }

    public func dropStorageResource(_ name: String, givesUpGarbage: Bool) throws {
        try policies.dropResource(name, givesUpGarbage: givesUpGarbage)
    }

    public func storageResources() throws -> [StorageResourceView] {
        environment.store.read { state in state.resources.map { StorageResourceView($0, in: state) } }
    }

    public func createStoragePolicy(_ request: CreateStoragePolicyRequest) throws -> StoragePolicyView {
        let policy = try policies.createPolicy(request)
        return environment.store.read { StoragePolicyView(policy, in: $0) }
    }

    public func dropStoragePolicy(_ name: String) throws { try policies.dropPolicy(name) }

    public func storagePolicyViews() throws -> [StoragePolicyView] {
        environment.store.read { state in state.policies.map { StoragePolicyView($0, in: state) } }
    }

    public func attachStoragePolicy(_ policy: String?, to table: TableName) throws -> TableView {
        let id = try policies.attach(policy, to: table)
        let state = environment.store.snapshot()
        cooldown.add(state.table(id)?.readableTabletIDs ?? [])
        return TableView(try state.requireTable(table), in: state)
    }

    // MARK: Loads

    public func beginLoad(_ request: BeginLoadRequest) throws -> LoadView { try loadManager.begin(request) }

    public func deleteRows(_ request: DeleteRowsRequest) throws -> LoadView { try loadManager.delete(request) }

    public func appendToLoad(_ id: TransactionID, _ bytes: UnsafeRawBufferPointer) throws {
        try loadManager.append(id, bytes)
    }

    public func finishLoad(_ id: TransactionID) throws -> LoadView { try loadManager.finish(id) }

    public func abortLoad(_ id: TransactionID, reason: String) throws -> LoadView {
        try loadManager.abort(id, reason: reason)
    }

    public func load(_ id: TransactionID) throws -> LoadView { try loadManager.view(id) }

    public func load(label: String, database: String) throws -> LoadView {
        let id = try environment.store.read { state in
            let database = try state.requireDatabase(database)
            // A label that was aborted is free, but its last try can still be asked for.
            return state.transaction(label: label, in: database.id)?.id
                ?? state.transactions.last { $0.databaseID == database.id && $0.label == label }?.id
        }
        guard let id else {
            throw MasterError(.notFound, "no load has the label \(label)", nextStep: "list loads")
        }
        return try loadManager.view(id)
    }

    public func loads() throws -> [LoadView] { loadManager.views() }

    public func loadFile(_ id: TransactionID, _ tablet: TabletID, token: String) throws -> any ReadableFile {
        try loadManager.file(id, tablet, token: token)
    }

    // MARK: Cooldown, metadata, health

    public func cooldownStatus() throws -> CooldownStatusView {
        let state = environment.store.snapshot()
        return CooldownStatusView(
            jobs: cooldown.views,
            tables: state.tables.compactMap { CooldownTableView($0, in: state) },
            failures: CooldownFailureView.all(in: state))
    }

    public func status() throws -> MasterStatusView {
        let state = environment.store.snapshot()
        let identity = environment.store.identity
        let totals = ReplicaTotals(in: state)
        let repair = repairs.totals
        let trouble = environment.store.trouble
        return MasterStatusView(
            clusterID: identity.clusterID, role: environment.store.standing == .leads ? "MASTER" : identity.role,
            isReady: trouble == nil,
            epoch: state.epoch, lastLogID: environment.store.lastLogID, imageLogID: environment.store.imageLogID,
            version: environment.configuration.version, backends: Int64(state.backends.count),
            aliveBackends: Int64(state.backends.count { state.isAlive($0.id) }),
            databases: Int64(state.databases.count), tables: Int64(state.tableCount),
            tablets: Int64(state.tablets.count), replicas: totals.total,
            healthyReplicas: totals.healthy, coldReplicas: totals.cold,
            queuedTasks: Int64(environment.tasks.count), queuedReports: Int64(reports.queueDepth),
            runningLoads: Int64(loadManager.runningSessions.count),
            runningCooldownJobs: Int64(cooldown.runningCount), unhealthyTablets: repair.unhealthyTablets,
            unrecoverableTablets: repair.unrecoverableTablets, pendingRepairs: repair.pending,
            runningClones: repair.running, finishedClones: repair.totals.clones, failedClones: repair.totals.failures,
            clonedBytes: repair.totals.copiedBytes, droppedReplicas: repair.totals.drops,
            metadataTrouble: trouble.map {
                MetadataTroubleView(
                    $0, now: environment.monotonicNow, nextStep: environment.configuration.journalNextStep)
            },
            heldTables: Int64(
                state.older.isClusterHeld ? max(1, state.tableCount) : state.older.tables.count))
    }
}

extension MetadataTroubleView {
    fileprivate init(_ trouble: MetadataTrouble, now: MonotonicTime, nextStep: String) {
        self.init(
            sinceMs: trouble.since.milliseconds, ageMs: (now - trouble.began).wholeMilliseconds, reason: trouble.reason,
            attempts: Int64(trouble.attempts), lastAttempt: trouble.lastAttempt,
            hasUnknownChange: trouble.hasUnknownChange,
            nextStep: nextStep)
    }
}
