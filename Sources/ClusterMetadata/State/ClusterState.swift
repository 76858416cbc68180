internal import HashTreeCollections
public import TabletModel

/// All that the FE knows, as a value: a copy is a snapshot, cheap to take, from which an image can be written or a report
/// compared while changes go on.
///
/// What a restart must bring back changes by `apply` alone, and only after the entry is durable (`MetadataStore.commit`).
/// What backends and other FEs tell again by themselves changes by `MetadataStore.observe` and lives in memory only:
/// `BackendStatus`, `FrontendStatus` and the second group of `Replica`.
public struct ClusterState: Sendable {
    /// Grows by one at each start; sent in every heartbeat.
    public internal(set) var epoch: Int64 = 0
    /// Ids below this one may have been given out. The first id ever is 10001 (`contract/behaviour.md §7`).
    public internal(set) var idBatchEnd: Int64 = 10_001
    public internal(set) var tablets = TabletIndex()
    /// The starts of this FE, oldest first.
    public internal(set) var lives: [MetadataLife] = []
    public internal(set) var older = OlderMetadata()
    public internal(set) var frontends = FrontendRegistry()
    /// Oldest first.
    public internal(set) var endedAlters: [EndedAlter] = []

    // Persistent maps: a change made while a snapshot is held copies a few nodes, never the map.
    var backendsByID: TreeDictionary<BackendID, Backend> = [:]
    var statusByBackend: TreeDictionary<BackendID, BackendStatus> = [:]
    var statusByFrontend: [String: FrontendStatus] = [:]
    var databasesByID: TreeDictionary<DatabaseID, Database> = [:]
    var tablesByID: TreeDictionary<TableID, Table> = [:]
    var tableIDsByName: TreeDictionary<TableKey, TableID> = [:]
    var usersByName: [String: User] = [:]
    var resourcesByName: [String: StorageResource] = [:]
    var policiesByName: [String: StoragePolicy] = [:]
    /// Ids of resources that were dropped: backends forget them. Ascending; eight bytes for each drop there ever was.
    public internal(set) var droppedResources: [Int64] = []
    var backupJobsByID: [Int64: BackupJob] = [:]
    var transactionsByID: TreeDictionary<TransactionID, Transaction> = [:]
    /// Only labels that are taken: those of transactions that are not aborted.
    var transactionIDsByLabel: TreeDictionary<LabelKey, TransactionID> = [:]

    public init() {}

    struct TableKey: Hashable, Sendable {
        var database: DatabaseID
        var name: String
    }

    struct LabelKey: Hashable, Sendable {
        var database: DatabaseID
        var label: String
    }

    // MARK: Backends

    public func backend(_ id: BackendID) -> Backend? { backendsByID[id] }
    /// By id.
    public var backends: [Backend] { backendsByID.values.sorted { $0.id < $1.id } }
    public func backend(heartbeat address: NetworkAddress) -> Backend? {
        backendsByID.values.first { $0.heartbeatAddress == address }
    }
    /// By what it calls itself in reports and finished tasks: host and agent port.
    public func backend(agent address: BackendAddress) -> Backend? {
        backendsByID.values.first { $0.host == address.host && $0.bePort == address.bePort }
    }
    public func backend(uuid: BackendUUID) -> Backend? { backendsByID.values.first { $0.uuid == uuid } }
    /// Whose report or finished task this is; nil for one that is not to be listened to: see `BackendStatus.answersAs`.
    public func sender(_ address: BackendAddress) -> Backend? {
        backend(agent: address).flatMap { statusByBackend[$0.id]?.answersAs == nil ? $0 : nil }
    }
    public func status(of id: BackendID) -> BackendStatus { statusByBackend[id] ?? BackendStatus() }
    /// Alive, and heard from: what it is told to do, it can say when it has done it.
    public func isHeard(_ id: BackendID) -> Bool {
        guard let status = statusByBackend[id] else { return false }
        return status.isAlive && status.lateSince == nil
    }
    public func isAlive(_ id: BackendID) -> Bool { statusByBackend[id]?.isAlive ?? false }

    /// What its backend's last report says about rows of the replica that can't be read; nil: it can be read.
    public func unreadable(_ replica: Replica) -> UnreadableReplica? {
        statusByBackend[replica.backendID]?.unreadable[replica.id]
    }

    // MARK: Catalog

    /// By id.
    public var databases: [Database] { databasesByID.values.sorted { $0.id < $1.id } }
    public func database(_ id: DatabaseID) -> Database? { databasesByID[id] }
    public func database(named name: String) -> Database? { databasesByID.values.first { $0.name == name } }
    /// By id.
    public var tables: [Table] { tablesByID.values.sorted { $0.id < $1.id } }
    /// In no order.
    public var allTables: some Sequence<Table> { tablesByID.values }
    public var tableCount: Int { tablesByID.count }
    public func table(_ id: TableID) -> Table? { tablesByID[id] }
    public func table(named name: String, in database: DatabaseID) -> Table? {
        tableIDsByName[TableKey(database: database, name: name)].flatMap { tablesByID[$0] }
    }
    public func partition(of tablet: Tablet) -> Partition? { tablesByID[tablet.tableID]?.partition(tablet.partitionID) }

    // MARK: Storage

    /// By name.
    public var resources: [StorageResource] { resourcesByName.values.sorted { $0.name < $1.name } }
    public func resource(named name: String) -> StorageResource? { resourcesByName[name] }
    public func resource(_ id: Int64) -> StorageResource? { resourcesByName.values.first { $0.id == id } }
    /// Rowsets of the table may name the policy's resource from now on.
    mutating func noteResource(ofPolicy name: String?, at table: TableID) {
        let id = name.flatMap { policiesByName[$0] }.flatMap { resourcesByName[$0.resource] }?.id
        tablesByID[table]?.addResource(id)
    }
    /// Which policies point to a resource, and which tables cool to it, follows from the names. An image is read the same way,
    /// so that it gives what its journal gave.
    mutating func noteResourceUse() {
        for policy in policiesByName.values { resourcesByName[policy.resource]?.addName(policy.name) }
        for table in tablesByID.values where table.storagePolicy != nil {
            noteResource(ofPolicy: table.storagePolicy, at: table.id)
        }
    }
    /// By name.
    public var policies: [StoragePolicy] { policiesByName.values.sorted { $0.name < $1.name } }
    public func policy(named name: String) -> StoragePolicy? { policiesByName[name] }

    // MARK: Transactions

    /// By id.
    public var transactions: [Transaction] { transactionsByID.values.sorted { $0.id < $1.id } }
    /// In no order.
    public var allTransactions: some Sequence<Transaction> { transactionsByID.values }
    public func transaction(_ id: TransactionID) -> Transaction? { transactionsByID[id] }
    /// The running, committed or visible transaction that has the label.
    public func transaction(label: String, in database: DatabaseID) -> Transaction? {
        transactionIDsByLabel[LabelKey(database: database, label: label)].flatMap { transactionsByID[$0] }
    }

    // MARK: Memory only

    /// Changes what heartbeats and reports say of a backend; nothing happens for an unknown one.
    public mutating func updateStatus(of id: BackendID, _ body: (inout BackendStatus) -> Void) {
        guard backendsByID[id] != nil else { return }
        body(&statusByBackend[id, default: BackendStatus()])
    }

    /// Takes over sizes, row counts and cooldown state from a report; rows without a replica here are passed over.
    public mutating func takeFacts(of rows: UnsafeBufferPointer<TabletReportRow>, from backend: BackendID) {
        tablets.takeFacts(of: rows, from: backend)
    }

    public mutating func takeFacts(of rows: [TabletReportRow], from backend: BackendID) {
        rows.withUnsafeBufferPointer { tablets.takeFacts(of: $0, from: backend) }
    }
}
