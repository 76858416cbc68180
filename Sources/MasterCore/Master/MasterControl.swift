public import AccessControl
public import HTTPAPI
public import Platform
public import TabletModel

/// Everything a person or a program can ask of the FE master; the HTTP layer speaks to this alone.
///
/// Any thread. A call that changes something returns after the change is durable in the journal. No call waits for a
/// backend, but those that register an address and ask once who answers there: what takes rounds of RPC (creating a table, a load's push and publish) returns a ticket that the caller
/// polls. Every failure is a `MasterError`.
public protocol MasterControl: MasterAdministration {
    // MARK: Cluster
    /// Registers a backend under its heartbeat address. It is used once its first heartbeat was answered. Refused when what
    /// answers there is registered already, under whatever address.
    func addBackend(_ address: NetworkAddress) throws -> BackendView
    /// Forgets the backend and every replica on it. Without `force` it is refused while replicas are there.
    func dropBackend(_ address: NetworkAddress, force: Bool) throws
    /// Stops placing new replicas there (`decommission: false` takes it back).
    func setDecommissioned(_ address: NetworkAddress, _ decommissioned: Bool) throws -> BackendView
    /// Registers a backend's new address in place of its old one. Refused unless its own data dirs answer at the new
    /// address, and no other process has a copy of them at the old one.
    func moveBackend(_ address: NetworkAddress, to new: NetworkAddress) throws -> BackendView
    func backends() throws -> [BackendView]

    /// Registers a frontend that is to join as what it shall be.
    func addFrontend(_ request: AddFrontendRequest) throws -> FrontendView
    /// Takes one out: neither the master nor the last follower.
    func dropFrontend(_ address: NetworkAddress, role: FrontendRole) throws
    func frontends() throws -> [FrontendView]

    /// Clusters that backends are members of, by name.
    func clusters() throws -> [ClusterView]
    /// Makes living backends members of a shard, or takes them out of the cluster. All of them or none.
    func placeBackends(_ request: PlaceBackendsRequest, inCluster name: String) throws -> [ClusterView]

    // MARK: Users
    /// By name; `root` is always there.
    func users() throws -> [UserView]
    func createUser(_ name: String, password: PasswordHash?, grants: Grants) throws -> UserView
    func dropUser(_ name: String) throws
    /// nil: the user logs in from the FE's own machine alone from now on.
    func setPassword(of name: String, to password: PasswordHash?) throws
    func grant(_ grant: Grant, to name: String) throws -> UserView
    /// Takes back the right and those above it on the same.
    func revoke(_ grant: Grant, from name: String) throws -> UserView

    // MARK: Catalog
    func createDatabase(_ name: String) throws -> DatabaseView
    /// Without `force` it must be empty.
    func dropDatabase(_ name: String, force: Bool) throws
    func databases() throws -> [DatabaseView]
    /// Checks, places and journals the table, then starts the CREATE tasks. Poll `job` until it ended: on failure or
    /// timeout the table is dropped again.
    func createTable(_ request: CreateTableRequest) throws -> JobView
    /// Removes the table and its remote objects (the replicas' DROP tasks say so).
    func dropTable(_ table: TableName) throws
    /// Changes the table's columns: a rename at once, anything else by a job that goes on by itself, one a table. Poll
    /// `alterViews`.
    func alterTable(_ table: TableName, _ request: AlterTableRequest) throws -> AlterView
    /// Ends the table's change; its columns stay as they are.
    func cancelAlter(_ table: TableName) throws -> AlterView
    /// Running ones, then the newest that ended.
    func alterViews() throws -> [AlterView]
    func tables(inDatabase database: String?) throws -> [TableView]
    func table(_ table: TableName) throws -> TableView
    func tablets(of table: TableName) throws -> [TabletView]
    func tablet(_ id: TabletID) throws -> TabletView
    func job(_ id: Int64) throws -> JobView
    /// Newest first; finished ones are kept for a while.
    func jobs() throws -> [JobView]

    // MARK: Storage resources and policies
    /// Has living backends try the store that such a resource would be: poll `job`. Nothing is changed.
    func checkStorageResource(_ request: CreateStorageResourceRequest) throws -> JobView
    /// The same for a resource as it would be after the change; it must still hold what rowsets name there.
    func checkStorageResource(_ name: String, _ request: AlterStorageResourceRequest) throws -> JobView
    func createStorageResource(_ request: CreateStorageResourceRequest) throws -> StorageResourceView
    /// Changes keys, endpoint or limits; durable on return, and backends are told at once.
    func alterStorageResource(_ name: String, _ request: AlterStorageResourceRequest) throws -> StorageResourceView
    /// Refused while a policy, a table or a backend needs it. `givesUpGarbage` leaves objects in the bucket that backends
    /// still want to delete.
    func dropStorageResource(_ name: String, givesUpGarbage: Bool) throws
    func storageResources() throws -> [StorageResourceView]
    func createStoragePolicy(_ request: CreateStoragePolicyRequest) throws -> StoragePolicyView
    func dropStoragePolicy(_ name: String) throws
    func storagePolicyViews() throws -> [StoragePolicyView]
    /// All tablets of the table cool by this policy from now on. Another policy must be of the same resource. nil takes it
    /// off: what is cold stays so and is read, nothing more cools. Refused where a backend is no daemon of ours, which has no
    /// way to say so.
    func attachStoragePolicy(_ policy: String?, to table: TableName) throws -> TableView

    // MARK: Loads
    func beginLoad(_ request: BeginLoadRequest) throws -> LoadView
    /// Begins a delete of rows by condition, checked against the table's columns first. Poll `load` until the state is `visible`
    /// or `aborted`.
    func deleteRows(_ request: DeleteRowsRequest) throws -> LoadView
    /// Adds bytes of the file in order; lines may be cut anywhere between two calls. One caller at a time per load.
    func appendToLoad(_ id: TransactionID, _ bytes: UnsafeRawBufferPointer) throws
    /// No more bytes come: starts PUSH. Poll `load` until the state is `visible` or `aborted`.
    func finishLoad(_ id: TransactionID) throws -> LoadView
    func abortLoad(_ id: TransactionID, reason: String) throws -> LoadView
    func load(_ id: TransactionID) throws -> LoadView
    func load(label: String, database: String) throws -> LoadView
    /// Loads that run and those that ended and are still remembered; newest first.
    func loads() throws -> [LoadView]
    /// The spooled rows of one tablet, for the BE that pulls them: `GET /api/_load_file/{txn}/{tablet}?token=…`.
    /// A wrong token is `.notAuthorized`.
    func loadFile(_ id: TransactionID, _ tablet: TabletID, token: String) throws -> any ReadableFile

    // MARK: Reading
    /// Which backend serves which tablet at which version. `backend` narrows it to replicas of that backend,
    /// `version` (of the table's partition) defaults to the visible one.
    func readPlan(_ table: TableName, backend: BackendID?, version: Version?) throws -> ReadPlan

    // MARK: Repair
    /// Replicas that are not healthy, in tablet order; of one table or of all. At most `limit`.
    func unhealthyReplicas(of table: TableName?, limit: Int) throws -> [UnhealthyReplicaView]
    func scheduler() throws -> SchedulerView
    /// Looks at these tablets now and puts those in need at the head of the queue. What was queued for them.
    func repair(_ tablets: [TabletID]) throws -> [RepairTaskView]
    /// Has the tablet's replica on that backend move to another of its data dirs: poll `job` until it ended.
    func moveReplica(_ tablet: TabletID, _ request: MoveReplicaRequest) throws -> JobView
    /// Asks every live replica for the checksum of its rows at the visible version; poll `consistencyCheck`.
    func checkConsistency(_ tablet: TabletID) throws -> ConsistencyCheckView
    /// The newest check of the tablet.
    func consistencyCheck(_ tablet: TabletID) throws -> ConsistencyCheckView

    // MARK: Metadata older than the backends
    func metadataStatus() throws -> MetadataStatusView
    /// Takes over from the backends what can be taken: versions, terms, ids and the epoch go on above theirs.
    func adoptMetadata(_ choice: MetadataChoice) throws -> MetadataSettledView
    /// Gives up what backends have beyond the metadata: tablets that no table owns are deleted, with their objects.
    func discardMetadata(_ choice: MetadataChoice) throws -> MetadataSettledView
    /// What is in the meta dir. Reads its folder, and no image.
    func metadataInfo() throws -> MetadataInfoView
    /// Where its bytes are. Reads the newest image and the journal.
    func metadataStats() throws -> MetadataStatsView
    /// Entries of the journal in words, a thousand at most; `next` of the answer is where to ask on.
    func metadataLog(from first: Int64, to last: Int64?) throws -> JournalLinesView

    // MARK: Backups
    /// Begins a backup of a table to the bucket of a storage resource; poll `backups` or `job`. Asks the bucket once.
    func backUp(_ request: BackupRequest) throws -> BackupJobView
    /// Begins a restore. Reads the backup's meta file; the table is visible, whole, when the job has finished.
    func restore(_ request: RestoreRequest) throws -> BackupJobView
    /// Ends a running backup or restore: nothing of it is left but, of a restore, the backup.
    func cancelBackup(_ id: Int64) throws -> BackupJobView
    /// Jobs, newest first; with a resource the backups in its bucket, too, for which it waits.
    func backups(from resource: String?, prefix: String?) throws -> BackupsView

    // MARK: Cooldown, metadata, health
    func cooldownStatus() throws -> CooldownStatusView
    /// Writes an image now. Blocking.
    func checkpoint() throws -> CheckpointView
    func status() throws -> MasterStatusView
}
