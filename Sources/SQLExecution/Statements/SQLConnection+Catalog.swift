internal import AccessControl
internal import HTTPAPI
internal import MasterCore
internal import SQLGrammar
internal import SQLSessions
internal import TabletModel

extension SQLConnection {
    /// Databases and tables; nil: the statement is about something else.
    func answerCatalog(_ statement: SQLStatement) throws -> SQLReply? {
        let control = try control()
        switch statement {
        case .createDatabase(let name, let ifNotExists):
            return try unless(.alreadyExists, ifNotExists) { _ = try control.createDatabase(name) }
        case .dropDatabase(let name, let ifExists, let isForced):
            return try unless(.notFound, ifExists) { try control.dropDatabase(name, force: isForced) }
        case .createTable(let definition): return try createTable(definition)
        case .dropTable(let table, let ifExists):
            let name = try tableName(table)
            return try unless(.notFound, ifExists) { try control.dropTable(name) }
        case .truncateTable(let table): return try truncate(try tableName(table))
        case .alterTable(let table, let changes): return try alter(try tableName(table), changes)
        case .cancelAlterTable(let table):
            _ = try control.cancelAlter(try tableName(table))
            return .done()
        default: return try showCatalog(statement)
        }
    }

    /// With the session's database where the statement names none.
    func tableName(_ table: SQLTableName) throws(SQLError) -> TableName {
        TableName(database: try databaseName(table.database), table: table.table)
    }

    func databaseName(_ named: String?) throws(SQLError) -> String {
        guard let name = named ?? database else { throw .noDatabase("no database is chosen: USE one, or name it") }
        return name
    }

    func view(of table: SQLTableName) throws -> TableView {
        let name = try tableName(table)
        do { return try control().table(name) } catch let error as MasterError where error.code == .notFound {
            throw SQLError.unknownTable(error.message)
        }
    }

    private func showCatalog(_ statement: SQLStatement) throws -> SQLReply? {
        let control = try control()
        switch statement {
        case .showDatabases(let filter):
            let names = try control.databases().map(\.name).filter { name in
                may(.read, on: name) && (filter?.holds(for: name) ?? true)
            }
            return ResultTable(["Database"], names.sorted().map { [$0] }).reply
        case .showCreateDatabase(let name):
            try require(name)
            return ResultTable(
                ["Database", "Create Database"], [[name, "CREATE DATABASE \(name.quotedAsSQLName)"]]
            ).reply
        case .showTables(let named, let isFull, let filter):
            let name = try databaseName(named)
            return CatalogTables.tables(try tables(of: name, filter), of: name, isFull: isFull).reply
        case .showTableStatus(let named, let filter):
            return CatalogTables.status(try tables(of: try databaseName(named), filter)).reply
        case .showCreateTable(let table):
            let view = try view(of: table)
            return ResultTable(["Table", "Create Table"], [[view.name.table, CreateTableText.text(view)]]).reply
        case .describe(let table): return CatalogTables.columns(try view(of: table), isFull: false, nil).reply
        case .showColumns(let table, let isFull, let filter):
            return CatalogTables.columns(try view(of: table), isFull: isFull, filter).reply
        case .showIndex(let table):
            _ = try view(of: table)
            return CatalogTables.noIndexes.reply
        case .showPartitions(let table): return PartitionsTable.table([try view(of: table)]).reply
        case .showTablets(let table, let limit):
            _ = try view(of: table)
            return .rows(
                TabletsTable.columns.map { SQLColumn($0) },
                try TabletRows(
                    control, of: try tableName(table), limit: limit?.count, offset: limit?.offset ?? 0,
                    checkWanted: { [interruption] in try interruption.check() }, rows: TabletsTable.rows))
        case .showTablet(let id): return try showTablet(id)
        case .showData(let table): return try showData(table)
        case .showAlterTable(let named, let limit):
            let name = try databaseName(named)
            var shown = AlterJobsTable.table(try control.alterViews().filter { $0.table.database == name })
            if let limit { shown.limit(limit.count, offset: limit.offset) }
            return shown.reply
        default: return nil
        }
    }

    private func require(_ database: String) throws {
        guard try control().databases().contains(where: { $0.name == database }) else {
            throw SQLError.unknownDatabase("there is no database '\(database)'")
        }
    }

    private func tables(of database: String, _ filter: SQLFilter?) throws -> [TableView] {
        try require(database)
        return try control().tables(inDatabase: database).filter { filter?.holds(for: $0.name.table) ?? true }
            .sorted { $0.name.table < $1.name.table }
    }

    private func showTablet(_ id: Int64) throws -> SQLReply {
        let control = try control()
        let tablet = try control.tablet(TabletID(id))
        let table = try control.table(tablet.table)
        let database = try control.databases().first { $0.name == tablet.table.database }
        return TabletsTable.place(of: tablet, table, databaseID: database?.id.rawValue ?? -1).reply
    }

    private func showData(_ table: SQLTableName?) throws -> SQLReply {
        if let table { return DataTable.table(try view(of: table)).reply }
        let name = try databaseName(nil)
        return DataTable.database(try tables(of: name, nil)).reply
    }
}
