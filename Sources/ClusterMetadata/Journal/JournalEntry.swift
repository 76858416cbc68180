public import TabletModel

/// One change of the metadata. Entries carry what is true afterwards, never a difference, so that applying one twice is the
/// same as applying it once. An entry about something that is gone changes nothing.
public enum JournalEntry: Hashable, Sendable {
    /// Ids below `end` may be given out.
    case saveNextID(end: Int64)
    case createDatabase(Database)
    /// With every table in it.
    case dropDatabase(DatabaseID)
    /// The table, and where each tablet of its indexes begins: replicas of version `partition.visibleVersion`.
    case createTable(Table, [TabletPlacement])
    /// More tablets behind those of an index that is being made, of a new table or of an alter: a large one is made a piece at
    /// a time.
    case addTablets(AddedTablets)
    case dropTable(TableID)
    case setTablePolicy(TableID, policy: String?)
    case setTableState(TableID, Table.State)

    /// A table's columns begin to change: the new tablets, in `alter` state, and where their replicas are. Of a large table
    /// none of them: they follow, and the alter is `beginning` until they are there.
    case beginAlter(TableID, TableAlter, [ShadowIndex], [TabletPlacement])
    case updateAlter(TableID, TableAlter)
    /// The new tablets and columns take the place of the table's.
    case finishAlter(EndedAlter)
    /// The new tablets go.
    case cancelAlter(EndedAlter)
    /// Names and defaults; the tablets stay.
    case setTableColumns(TableID, [TableColumn], nextColumnID: Int32)

    case addReplica(TabletID, NewReplica)
    case deleteReplica(ReplicaKey)
    /// Sets the versions as they are given: the rule that made them was `ReplicaVersions`.
    case updateReplicas([ReplicaUpdate])
    /// The only replica of a tablet was lost (or found again): sets its bad flag.
    case backendTabletsBad(BackendID, [TabletBadMark])
    /// A report showed a backend's replicas as bad or as missing a version.
    case backendReplicasInfo(BackendID, [ReplicaMark])

    case addBackend(Backend)
    /// With every replica on it.
    case dropBackend(BackendID)
    case backendStateChange(Backend)
    /// Members of a shard of a cluster from now on, or of none.
    case placeBackends(PlacedBackends)

    /// A user as it is from now on.
    case upsertUser(User)
    case dropUser(String)

    /// `committed` raises the partitions' next versions and marks failed replicas; `visible` makes the versions visible and
    /// moves every replica of the partitions.
    case upsertTransaction(Transaction)
    /// The same, with the failed replicas that were staged: it has none here.
    case upsertStagedTransaction(Transaction)
    /// Replicas that fail with the transaction's next state, which follows at once.
    case stageFailedReplicas(FailedReplicas)
    /// Final ones that need not be remembered any longer.
    case removeTransactions([TransactionID])

    /// A conf counts when its term is higher than the tablet's.
    case pushCooldownConf([CooldownConf])
    /// Proves mastership before superseded remote files are confirmed as unused; changes nothing.
    case cooldownDelete
    /// Stands where an entry was that a person gave up (`tabletctl meta skip`); changes nothing.
    case skipped

    case createResource(StorageResource)
    case dropResource(String)
    case alterResource(StorageResource)
    case createPolicy(StoragePolicy)
    case dropPolicy(String)
    case alterPolicy(StoragePolicy)

    /// An FE belongs to the cluster; or what it is registered with has changed.
    case addFrontend(Frontend)
    /// The same, of the first one.
    case addFirstFrontend(Frontend)
    /// By its node name, which no FE gets again.
    case removeFrontend(String)
    /// The master is there: how old the metadata of an FE that replays them are.
    case timestamp(UnixTime)
    case masterInfoChange(MasterAddress)

    case setEpoch(Int64)
    /// A process begins to write.
    case beginLife(MetadataLife)
    /// Backends have what this FE never made.
    case olderMetadataFound([FoundOlder])
    /// A person chose what becomes of it.
    case olderMetadataSettled(OlderSettlement)
    /// A partition goes on from the versions that backends have.
    case adoptVersions(AdoptedVersions)

    /// With its units; of a large one none, which follow while it is `beginning`.
    case upsertBackupJob(BackupJob)
    /// All but its units, which stay: it has none here.
    case updateBackupJob(BackupJob)
    /// Some units, in their places or behind those that are there.
    case setBackupUnits(BackupUnits)
    /// Ended ones that need not be remembered any longer.
    case removeBackupJobs([Int64])
    /// The restored table is whole: it is a table like any other from now on, and has this name.
    case tableRestored(TableID, name: String)

    public var operation: OperationCode {
        switch self {
        case .saveNextID: .saveNextID
        case .createDatabase: .createDatabase
        case .dropDatabase: .dropDatabase
        case .createTable: .createTable
        case .addTablets: .addTablets
        case .dropTable: .dropTable
        case .setTablePolicy: .setTablePolicy
        case .setTableState: .setTableState
        case .beginAlter: .beginAlter
        case .updateAlter: .updateAlter
        case .finishAlter: .finishAlter
        case .cancelAlter: .cancelAlter
        case .setTableColumns: .setTableColumns
        case .addReplica: .addReplica
        case .deleteReplica: .deleteReplica
        case .updateReplicas: .updateReplicas
        case .backendTabletsBad: .backendTabletsBad
        case .backendReplicasInfo: .backendReplicasInfo
        case .addBackend: .addBackend
        case .dropBackend: .dropBackend
        case .backendStateChange: .backendStateChange
        case .placeBackends: .placeBackends
        case .upsertUser: .upsertUser
        case .dropUser: .dropUser
        case .upsertTransaction: .upsertTransaction
        case .upsertStagedTransaction: .upsertStagedTransaction
        case .stageFailedReplicas: .stageFailedReplicas
        case .removeTransactions: .removeTransactions
        case .pushCooldownConf: .pushCooldownConf
        case .cooldownDelete: .cooldownDelete
        case .skipped: .skipped
        case .createResource: .createResource
        case .dropResource: .dropResource
        case .alterResource: .alterResource
        case .createPolicy: .createPolicy
        case .dropPolicy: .dropPolicy
        case .alterPolicy: .alterPolicy
        case .addFrontend: .addFrontend
        case .addFirstFrontend: .addFirstFrontend
        case .removeFrontend: .removeFrontend
        case .timestamp: .timestamp
        case .masterInfoChange: .masterInfoChange
        case .setEpoch: .setEpoch
        case .beginLife: .beginLife
        case .olderMetadataFound: .olderMetadataFound
        case .olderMetadataSettled: .olderMetadataSettled
        case .adoptVersions: .adoptVersions
        case .upsertBackupJob: .upsertBackupJob
        case .updateBackupJob: .updateBackupJob
        case .setBackupUnits: .setBackupUnits
        case .removeBackupJobs: .removeBackupJobs
        case .tableRestored: .tableRestored
        }
    }
}

/// What is true of a partition's versions once those of its backends were taken over.
public struct AdoptedVersions: Hashable, Sendable {
    public struct Load: Hashable, Sendable {
        public var transactionID: TransactionID
        public var version: Version

        public init(transactionID: TransactionID, version: Version) {
            self.transactionID = transactionID
            self.version = version
        }
    }

    public var tableID: TableID
    public var partitionID: PartitionID
    public var visible: Version
    public var next: Version
    /// Committed loads that are not visible, under their new versions.
    public var committed: [Load]

    public init(tableID: TableID, partitionID: PartitionID, visible: Version, next: Version, committed: [Load]) {
        self.tableID = tableID
        self.partitionID = partitionID
        self.visible = visible
        self.next = next
        self.committed = committed
    }
}

/// A finding with the table that it is about; nil: the whole FE.
public struct FoundOlder: Hashable, Sendable {
    public var tableID: TableID?
    public var finding: OlderFinding

    public init(tableID: TableID?, finding: OlderFinding) {
        self.tableID = tableID
        self.finding = finding
    }
}

/// A replica that was found or made after its table was.
public struct NewReplica: Hashable, Sendable {
    public var id: ReplicaID
    public var backendID: BackendID
    public var versions: ReplicaVersions
    public var state: Replica.State

    public init(id: ReplicaID, backendID: BackendID, versions: ReplicaVersions, state: Replica.State = .normal) {
        self.id = id
        self.backendID = backendID
        self.versions = versions
        self.state = state
    }
}

/// What is true of a replica from now on.
public struct ReplicaUpdate: Hashable, Sendable {
    public var key: ReplicaKey
    public var versions: ReplicaVersions
    public var isBad: Bool
    /// nil: stays as it is.
    public var state: Replica.State?

    public init(key: ReplicaKey, versions: ReplicaVersions, isBad: Bool, state: Replica.State? = nil) {
        self.key = key
        self.versions = versions
        self.isBad = isBad
        self.state = state
    }
}

public struct TabletBadMark: Hashable, Sendable {
    public var tabletID: TabletID
    public var isBad: Bool

    public init(tabletID: TabletID, isBad: Bool) {
        self.tabletID = tabletID
        self.isBad = isBad
    }
}

/// One replica of a `backendReplicasInfo`.
public struct ReplicaMark: Hashable, Sendable {
    public enum Mark: Hashable, Sendable {
        case bad
        /// `last_failed_version` from now on.
        case missing(lastFailed: Version)
    }

    public var tabletID: TabletID
    public var mark: Mark

    public init(tabletID: TabletID, mark: Mark) {
        self.tabletID = tabletID
        self.mark = mark
    }
}
