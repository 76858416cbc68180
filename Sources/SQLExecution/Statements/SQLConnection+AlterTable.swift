internal import HTTPAPI
internal import MasterCore
internal import SQLGrammar
internal import SQLSessions

extension SQLConnection {
    func alter(_ table: TableName, _ changes: [TableChange]) throws -> SQLReply {
        for change in changes {
            if case .set(let properties) = change {
                try set(properties, of: table)
            } else {
                _ = try control().alterTable(table, try request(change, of: table))
            }
        }
        return .done()
    }

    /// ALTER TABLE … SET.
    private func set(_ given: [SQLProperty], of table: TableName) throws {
        var properties = Properties(given)
        let policy = try properties.require("storage_policy")
        try properties.end("storage_policy")
        _ = try control().attachStoragePolicy(policy.isEmpty ? nil : policy, to: table)
    }

    private func request(_ change: TableChange, of table: TableName) throws -> AlterTableRequest {
        switch change {
        case .set: preconditionFailure("no change of columns")
        case .addColumn(let column, let place):
            var request = AlterTableRequest(
                action: .addColumn, column: column.name, type: try ColumnTypes.kept(column.type),
                defaultValue: column.defaultValue?.string)
            switch place {
            case .atEnd: break
            case .first: request.isFirst = true
            case .after(let other): request.after = other
            }
            return request
        case .dropColumn(let name): return AlterTableRequest(action: .dropColumn, column: name)
        case .renameColumn(let name, let new):
            return AlterTableRequest(action: .renameColumn, column: name, newName: new)
        case .orderColumns(let names): return AlterTableRequest(action: .orderColumns, order: names)
        case .modifyColumn(let column, let place): return try moved(column, place, in: try control().table(table))
        }
    }

    /// MODIFY COLUMN: its type stays, its place changes.
    private func moved(
        _ column: ColumnDefinition, _ place: TableChange.Place, in table: TableView
    ) throws -> AlterTableRequest {
        guard let old = table.columns.firstIndex(of: column.name) else { throw Self.unknownColumn(column.name, table) }
        let type = table.columnTypes?[old] ?? "VARCHAR"
        guard try ColumnTypes.kept(column.type) == type else {
            throw SQLError.notSupported(
                "column \(column.name) is \(ColumnTypes.shown(type)) and stays so: add another column, and drop this one"
            )
        }
        var order = table.columns
        order.remove(at: old)
        switch place {
        case .atEnd: throw SQLError.notSupported("only a column's place can be modified: FIRST or AFTER another column")
        case .first: order.insert(column.name, at: 0)
        case .after(let other):
            guard let index = order.firstIndex(of: other) else { throw Self.unknownColumn(other, table) }
            order.insert(column.name, at: index + 1)
        }
        return AlterTableRequest(action: .orderColumns, order: order)
    }

    static func unknownColumn(_ name: String, _ table: TableView) -> SQLError {
        SQLError(
            1054, "42S22",
            "there is no column '\(name)' in \(table.name); there are \(table.columns.joined(separator: ", "))")
    }
}
