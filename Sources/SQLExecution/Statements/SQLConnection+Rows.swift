internal import HTTPAPI
internal import MasterCore
internal import Platform
internal import RowConditions
internal import SQLGrammar
internal import SQLSessions
internal import TabletModel

extension SQLConnection {
    /// Rows, loads and deletes; nil: the statement is about something else.
    func answerRows(_ statement: SQLStatement) throws -> SQLReply? {
        switch statement {
        case .select(let selection): return try select(selection)
        case .delete(let table, let conditions): return try delete(table, conditions)
        case .showLoad(let named, let filter, let limit):
            let name = try databaseName(named)
            let loads = try control().loads().filter { load in
                load.table.database == name && (filter?.holds(for: load.label) ?? true)
            }
            var table = LoadsTable.table(loads)
            if let limit { table.limit(limit.count, offset: limit.offset) }
            return table.reply
        case .cancelLoad(let named, let filter): return try cancelLoads(of: try databaseName(named), filter)
        default: return nil
        }
    }

    // MARK: SELECT

    private func select(_ selection: Selection) throws -> SQLReply {
        let table = try view(of: selection.table)
        let schema = try RowSchema(table)
        let conditions = schema.spelled(selection.conditions)
        if !conditions.isEmpty {
            do { _ = try RowTest(conditions, schema: schema.schema) } catch { throw Self.refused(error) }
        }
        var read = TableRead(
            plan: try control().readPlan(table.name, backend: nil, version: nil), schema: schema.schema, columns: [],
            conditions: conditions, limit: selection.limit?.count, offset: selection.limit?.offset ?? 0,
            checkWanted: { [interruption] in try interruption.check() })
        if selection.items.first?.value == .count {
            return try count(selection, read, title: selection.items[0].title)
        }
        var columns: [SQLColumn] = []
        for item in selection.items {
            switch item.value {
            case .all:
                for place in schema.schema.columns.indices {
                    columns.append(schema.column(place, table, title: nil))
                    read.columns.append(place)
                }
            case .column(let name):
                guard let place = schema.place(of: name) else { throw Self.unknownColumn(name, table) }
                columns.append(schema.column(place, table, title: item.title))
                read.columns.append(place)
            case .count: break
            }
        }
        guard columns.count <= RowSchema.columnLimit else {
            throw SQLError.notSupported("an answer has \(RowSchema.columnLimit) columns at most")
        }
        if read.limit == 0 { return ResultTable(columns, []).reply }
        return .rows(columns, try environment.rows.open(read))
    }

    private func count(_ selection: Selection, _ read: TableRead, title: String) throws -> SQLReply {
        var read = read
        // They are of the one row that holds the count.
        read.limit = nil
        read.offset = 0
        var table = ResultTable([SQLColumn(title, .integer)], [["\(try environment.rows.count(read))"]])
        if let limit = selection.limit { table.limit(limit.count, offset: limit.offset) }
        return table.reply
    }

    private static func refused(_ error: ConditionError) -> SQLError { SQLError(1054, "42S22", "\(error)") }

    // MARK: DELETE

    /// Waits until no reader sees the rows any more.
    private func delete(_ table: SQLTableName, _ conditions: [DeleteCondition]) throws -> SQLReply {
        let view = try view(of: table)
        let (name, conditions) = (view.name, try RowSchema(view).spelled(conditions))
        let label =
            "sql-delete-\(environment.time.wallNow.milliseconds)-\(environment.time.monotonicNow.nanoseconds)"
            + "-\(login.connection)"
        let begun = try control().deleteRows(
            DeleteRowsRequest(table: name, condition: DeleteCondition.words(conditions, limit: .max), label: label))
        let ended = try wait("the delete \(label) runs") {
            let load = try control().load(begun.transactionID)
            return load.state == .visible || load.state == .aborted ? load : nil
        }
        guard ended.state == .visible else { throw SQLError.unknown("nothing was deleted: \(ended.message)") }
        return .done(
            affectedRows: 0, warnings: 0,
            note: "{'label':'\(label)', 'status':'VISIBLE', 'txnId':'\(ended.transactionID)'}")
    }

    private func cancelLoads(of database: String, _ filter: SQLFilter) throws -> SQLReply {
        let control = try control()
        let running = try control.loads().filter {
            $0.table.database == database && filter.holds(for: $0.label) && $0.state != .visible && $0.state != .aborted
        }
        guard !running.isEmpty else {
            throw SQLError.unknown("no load of database \(database) that runs has this label: SHOW LOAD lists them")
        }
        for load in running { _ = try control.abortLoad(load.transactionID, reason: "cancelled by user \(user)") }
        return .done(affectedRows: UInt64(running.count))
    }
}

/// A table's columns as conditions and readers of rows want them.
struct RowSchema {
    static let columnLimit = 4096

    let schema: TabletSchema

    init(_ table: TableView) throws {
        // Rows without names are one text.
        let names = table.columns.isEmpty ? ["row"] : table.columns
        let types = table.columnTypes ?? names.map { _ in "VARCHAR" }
        schema = TabletSchema(
            schemaHash: SchemaHash(0),
            columns: zip(names, types).enumerated().map { place, column in
                TabletSchema.Column(
                    name: column.0, type: PrimitiveType(name: column.1) ?? .varchar, isKey: place == 0,
                    isNullable: place != 0)
            },
            delimiter: table.columns.isEmpty ? nil : table.delimiter == "\\t" ? 9 : table.delimiter.utf8.first)
    }

    /// A column by its name; in another case of letters, too, when that means one column alone.
    func place(of name: String) -> Int? {
        if let place = schema.columns.firstIndex(where: { $0.name == name }) { return place }
        let places = schema.columns.indices.filter { schema.columns[$0].name.lowercased() == name.lowercased() }
        return places.count == 1 ? places[0] : nil
    }

    /// With the columns' own names.
    func spelled(_ conditions: [DeleteCondition]) -> [DeleteCondition] {
        conditions.map { condition in
            var condition = condition
            if let place = place(of: condition.column) { condition.column = schema.columns[place].name }
            return condition
        }
    }

    func column(_ place: Int, _ table: TableView, title: String?) -> SQLColumn {
        let column = schema.columns[place]
        return SQLColumn(
            title ?? column.name, ColumnTypes.kind(column.type.description), table: table.name.table,
            database: table.name.database)
    }
}
