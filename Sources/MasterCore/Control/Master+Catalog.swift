internal import AccessControl
internal import ClusterMetadata
internal import DataLoading
public import HTTPAPI
internal import MasterServices
internal import ReplicaRepair
internal import SchemaChange
internal import TableCatalog
public import TabletModel

extension Master {
    public func createDatabase(_ name: String) throws -> DatabaseView {
        try TableRequestCheck.name(name, of: "database")
        let database = try environment.commit { state, ids in
            try state.checkNotOlder()
            guard state.database(named: name) == nil else {
                throw MasterError(.alreadyExists, "database \(name) exists", nextStep: "use it, or choose another name")
            }
            let database = Database(id: DatabaseID(ids.take()), name: name)
            return ([.createDatabase(database)], database)
        }
        return DatabaseView(id: database.id, name: name, tableCount: 0)
    }

    public func dropDatabase(_ name: String, force: Bool) throws {
        let tables = try environment.store.read { state in
            let database = try state.requireDatabase(name)
            try state.checkNotOlder()
            return state.tables.filter { $0.databaseID == database.id }
        }
        guard force || tables.isEmpty else {
            throw MasterError(
                .conflict, "database \(name) has \(tables.count) tables", nextStep: "drop them first, or use force")
        }
        for table in tables { try drop(table.id) }
        try environment.commit { state, _ in
            let database = try state.requireDatabase(name)
            guard !state.tables.contains(where: { $0.databaseID == database.id }) else {
                throw MasterError(
                    .conflict, "a table was created in \(name) meanwhile", nextStep: "drop the database again")
            }
            return ([.dropDatabase(database.id)], ())
        }
    }

    public func databases() throws -> [DatabaseView] {
        environment.store.read { state in
            state.databases.map { database in
                DatabaseView(
                    id: database.id, name: database.name,
                    tableCount: Int64(state.tables.count { $0.databaseID == database.id && $0.state != .restoring }))
            }
        }
    }

    public func createTable(_ request: CreateTableRequest) throws -> JobView { try creator.create(request) }

    public func dropTable(_ table: TableName) throws {
        let id = try environment.store.read { state in
            // One table that is held may go: a person names it, and what is lost with it.
            try state.checkNotOlder()
            return try state.requireTable(table).id
        }
        try drop(id)
    }

    public func alterTable(_ table: TableName, _ request: AlterTableRequest) throws -> AlterView {
        try alters.alter(table, request)
    }

    public func cancelAlter(_ table: TableName) throws -> AlterView { try alters.cancel(table) }

    public func alterViews() throws -> [AlterView] { alters.views() }

    private func drop(_ id: TableID) throws {
        try dropper.drop(id)
        creator.cancel(id, "the table was dropped")
        loadManager.tableDropped(id)
    }

    public func tables(inDatabase database: String?) throws -> [TableView] {
        let state = environment.store.snapshot()
        let wanted = try database.map { try state.requireDatabase($0).id }
        return state.tables.filter { (wanted == nil || $0.databaseID == wanted) && $0.state != .restoring }.map {
            TableView($0, in: state)
        }
    }

    public func table(_ table: TableName) throws -> TableView {
        let state = environment.store.snapshot()
        return TableView(try state.requireTable(table), in: state)
    }

    public func tablets(of table: TableName) throws -> [TabletView] {
        let state = environment.store.snapshot()
        return try state.requireTable(table).readableTabletIDs.compactMap {
            TabletView($0, in: state).map { moves.noted(repairs.dated($0)) }
        }
    }

    public func tablet(_ id: TabletID) throws -> TabletView {
        guard let view = TabletView(id, in: environment.store.snapshot()) else {
            throw MasterError(.notFound, "there is no tablet \(id)", nextStep: "list the tablets of a table")
        }
        return moves.noted(repairs.dated(view))
    }

    public func job(_ id: Int64) throws -> JobView {
        guard let job = jobRegistry.job(id) else {
            throw MasterError(
                .notFound, "there is no job \(id)",
                nextStep: "jobs are forgotten when the FE restarts: look at the table itself")
        }
        return job
    }

    public func jobs() throws -> [JobView] { jobRegistry.jobs }

    public func readPlan(_ name: TableName, backend: BackendID?, version: Version?) throws -> ReadPlan {
        var plan = try ReadPlan(name, backend: backend, version: version, in: environment.store.snapshot())
        let secret = environment.store.identity.token
        let end = environment.wallNow + RowToken.lifetime
        for place in plan.tablets.indices {
            let tablet = plan.tablets[place]
            plan.tablets[place].token = RowToken.make(
                tablet: tablet.tabletID, version: tablet.version, until: end, secret: secret)
        }
        return plan
    }
}
