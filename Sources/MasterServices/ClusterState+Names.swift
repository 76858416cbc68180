public import ClusterMetadata
public import HTTPAPI
public import TabletModel

extension ClusterState {
    public func requireDatabase(_ name: String) throws(MasterError) -> Database {
        guard let database = database(named: name) else {
            throw MasterError(.notFound, "there is no database \(name)", nextStep: "create it, or list databases")
        }
        return database
    }

    public func requireTable(_ name: TableName) throws(MasterError) -> Table {
        let database = try requireDatabase(name.database)
        guard let table = table(named: name.table, in: database.id), table.state != .restoring else {
            throw MasterError(.notFound, "there is no table \(name)", nextStep: "list tables for those there are")
        }
        return table
    }

    public func requirePolicy(_ name: String) throws(MasterError) -> StoragePolicy {
        guard let policy = policy(named: name) else {
            throw MasterError(
                .notFound, "there is no storage policy \(name)", nextStep: "create it, or list storage policies")
        }
        return policy
    }

    public func name(of table: Table) -> TableName {
        TableName(database: database(table.databaseID)?.name ?? "?", table: table.name)
    }

    /// `?` where the name is not known any more.
    public func tableName(_ id: TableID) -> TableName {
        table(id).map { name(of: $0) } ?? TableName(database: "?", table: "?")
    }
}

extension ClusterState {
    /// By which a backend of 2026 names the table's policy; nil: it has none.
    public func policyID(of table: Table) -> Int64? { table.storagePolicy.flatMap { policy(named: $0)?.id } }
}
