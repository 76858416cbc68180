internal import HTTPAPI
internal import MasterCore
internal import Platform
internal import SQLSessions
internal import TabletModel

extension SQLConnection {
    /// Makes such a table anew beside the old one and, once its replicas are there, has it take the old one's place in one change.
    /// What fails before leaves the old table as it is.
    func truncate(_ name: TableName) throws -> SQLReply {
        let old = try control().table(name)
        let new = TableName(
            database: name.database,
            table: "\(name.table.prefix(30))_truncated_\(environment.time.wallNow.milliseconds)")
        var request = CreateTableRequest(
            name: new, buckets: Int(clamping: old.buckets), replicas: Int(clamping: old.replicationNum),
            columns: old.columns, distributionColumn: Int(clamping: old.distributionColumn),
            delimiter: old.delimiter, hasHeader: old.hasHeader, storagePolicy: old.storagePolicy,
            columnTypes: old.columnTypes)
        request.cluster = old.cluster
        let job = try control().createTable(request)
        do {
            try wait(for: job, "an empty table is made to take the place of \(name)")
            try control().replaceTable(name, by: new)
        } catch {
            do { try control().dropTable(new) } catch let other as MasterError where other.code != .notFound {
                throw SQLError.unknown(
                    "\(error); and table \(new), made to take its place, is still there: \(other.message)")
            }
            throw error
        }
        return .done()
    }
}
