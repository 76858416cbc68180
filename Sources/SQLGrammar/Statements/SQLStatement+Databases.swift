extension SQLStatement {
    /// The databases that it names; nil among them: the session's own.
    public var databases: [String?] {
        switch self {
        case .createDatabase(let name, _), .dropDatabase(let name, _, _), .showCreateDatabase(let name), .use(let name):
            [name]
        case .createTable(let definition): [definition.name.database]
        case .dropTable(let table, _), .truncateTable(let table), .alterTable(let table, _),
            .cancelAlterTable(let table),
            .showCreateTable(let table), .describe(let table), .showColumns(let table, _, _), .showIndex(let table),
            .showPartitions(let table), .showTablets(let table, _), .delete(let table, _),
            .showReplicaStatus(let table, _), .showReplicaDistribution(let table), .repairTable(let table),
            .cancelRepairTable(let table):
            [table.database]
        case .showData(let table): [table?.database]
        case .select(let selection): [selection.table.database]
        case .showTables(let database, _, _), .showTableStatus(let database, _), .showAlterTable(let database, _),
            .showLoad(let database, _, _), .cancelLoad(let database, _), .showBackup(let database, _),
            .showRestore(let database, _), .cancelBackup(let database), .cancelRestore(let database):
            [database]
        case .backup(let request), .restore(let request): [request.snapshot.database]
        default: []
        }
    }
}
