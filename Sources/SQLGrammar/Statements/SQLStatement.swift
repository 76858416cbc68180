public import TabletModel

/// A statement as it was understood. Databases and tables are named as the text names them: nothing here knows which there are.
public enum SQLStatement: Hashable, Sendable {
    // MARK: Databases and tables
    case createDatabase(String, ifNotExists: Bool)
    case dropDatabase(String, ifExists: Bool, isForced: Bool)
    case showDatabases(SQLFilter?)
    case showCreateDatabase(String)
    case use(String)
    case createTable(TableDefinition)
    case dropTable(SQLTableName, ifExists: Bool)
    case truncateTable(SQLTableName)
    case alterTable(SQLTableName, [TableChange])
    case cancelAlterTable(SQLTableName)
    case showAlterTable(database: String?, SQLLimit?)
    case showTables(database: String?, isFull: Bool, SQLFilter?)
    case showTableStatus(database: String?, SQLFilter?)
    case showCreateTable(SQLTableName)
    case describe(SQLTableName)
    case showColumns(SQLTableName, isFull: Bool, SQLFilter?)
    case showIndex(SQLTableName)
    case showPartitions(SQLTableName)
    case showTablets(SQLTableName, SQLLimit?)
    case showTablet(Int64)
    case showData(SQLTableName?)

    // MARK: Rows
    case select(Selection)
    case delete(SQLTableName, [DeleteCondition])
    case showLoad(database: String?, SQLFilter?, SQLLimit?)
    case cancelLoad(database: String?, SQLFilter)

    // MARK: Object storage
    case createResource(String, ifNotExists: Bool, [SQLProperty])
    case alterResource(String, [SQLProperty])
    case dropResource(String, ifExists: Bool, isForced: Bool)
    case showResources(SQLFilter?)
    case createStoragePolicy(String, ifNotExists: Bool, [SQLProperty])
    case alterStoragePolicy(String, [SQLProperty])
    case dropStoragePolicy(String, ifExists: Bool)
    case showStoragePolicies
    /// Tables that use it; nil: all policies.
    case showStoragePolicyUse(String?)
    case showCooldown
    case backup(SnapshotRequest)
    case restore(SnapshotRequest)
    case showBackup(database: String?, SQLFilter?)
    case showRestore(database: String?, SQLFilter?)
    case cancelBackup(database: String?)
    case cancelRestore(database: String?)

    // MARK: Cluster
    case addBackends([String])
    case dropBackends([String], isForced: Bool)
    case decommissionBackends([String])
    case cancelDecommission([String])
    case addFrontend(String, FrontendRole)
    case dropFrontend(String, FrontendRole)
    case addShardBackends(cluster: String, [String], shard: Int64)
    case dropShardBackends(cluster: String, [String])
    case showBackends
    case showFrontends
    case showClusters
    case showProc(String)

    // MARK: Administration
    case showReplicaStatus(SQLTableName, ReplicaFilter?)
    case showReplicaDistribution(SQLTableName)
    case repairTable(SQLTableName)
    case cancelRepairTable(SQLTableName)
    case checkTablets([Int64], [SQLProperty])
    case showFrontendConfig(SQLFilter?)
    case setFrontendConfig([SQLProperty], isPersisted: Bool)
    case setReplicaStatus([SQLProperty])
    /// Of no backend: of all.
    case cleanTrash([String])

    // MARK: Users
    case createUser(SQLUser, SQLSecret?, ifNotExists: Bool)
    case alterUser(SQLUser, SQLSecret)
    case dropUser(SQLUser, ifExists: Bool)
    /// nil: one's own.
    case setPassword(SQLUser?, SQLSecret)
    case grant(GrantRequest)
    case revoke(GrantRequest)
    case showGrants(SQLUser?, isAll: Bool)
    case showUsers

    // MARK: The connection
    case selectValues([SQLItem<SQLExpression>], SQLLimit?)
    case set([SQLAssignment])
    /// nil: DEFAULT.
    case setNames(String?)
    case setTransaction
    case showVariables(isGlobal: Bool, SQLFilter?)
    case showStatus(SQLFilter?)
    case showWarnings
    case showCountOfWarnings
    case showEngines
    case showCollation(SQLFilter?)
    case showCharacterSet(SQLFilter?)
    case transaction(TransactionWord)
    case prepare(String, PreparedSource)
    case execute(String, using: [String])
    case deallocate(String)
    case showProcessList(isFull: Bool)
    case kill(Int64, isQuery: Bool)
    case help(String)
}

/// Statements stand alone: these change nothing, and are not refused.
public enum TransactionWord: Hashable, Sendable {
    case begin, commit, rollback
}

/// Where PREPARE finds the statement.
public enum PreparedSource: Hashable, Sendable {
    /// As secret as what it says.
    case text(SQLSecret)
    case variable(String)
}

/// `WHERE STATUS = 'OK'`, of ADMIN SHOW REPLICA STATUS.
public struct ReplicaFilter: Hashable, Sendable {
    /// In capitals: OK, DEAD, VERSION_ERROR, SCHEMA_ERROR, MISSING, BAD.
    public var status: String
    public var isNegated: Bool
}
