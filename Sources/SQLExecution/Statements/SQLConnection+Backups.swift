internal import HTTPAPI
internal import MasterCore
internal import SQLGrammar
internal import SQLSessions

extension SQLConnection {
    /// nil: the statement is about something else.
    func answerBackups(_ statement: SQLStatement) throws -> SQLReply? {
        switch statement {
        case .backup(let request): return try backUp(request)
        case .restore(let request): return try restore(request)
        case .showBackup(let named, let filter):
            return BackupTables.backups(try jobs("backup", try databaseName(named), filter)).reply
        case .showRestore(let named, let filter):
            return BackupTables.restores(try jobs("restore", try databaseName(named), filter)).reply
        case .cancelBackup(let named): return try cancel("backup", try databaseName(named))
        case .cancelRestore(let named): return try cancel("restore", try databaseName(named))
        default: return nil
        }
    }

    private func backUp(_ request: SnapshotRequest) throws -> SQLReply {
        let table = try onlyTable(of: request)
        var properties = Properties(request.properties)
        let prefix = try properties.take("prefix")
        var notes: [String] = []
        if let type = try properties.take("type"), type.lowercased() != "full" {
            throw SQLError.notSupported("a backup is of type full")
        }
        if try properties.take("timeout") != nil { notes.append("a backup has no timeout: CANCEL BACKUP ends it") }
        try properties.end("prefix")
        let name = TableName(database: try databaseName(request.snapshot.database), table: table.table)
        _ = try control().backUp(
            BackupRequest(table: name, resource: request.repository, prefix: prefix, label: request.snapshot.label))
        return done(warnings: notes)
    }

    private func restore(_ request: SnapshotRequest) throws -> SQLReply {
        let table = try onlyTable(of: request)
        var properties = Properties(request.properties)
        let prefix = try properties.take("prefix")
        let replicas = try properties.number("replication_num")
        let replaces = try properties.bool("replace")
        var notes: [String] = []
        for key in ["backup_timestamp", "timeout", "allow_load", "meta_version", "reserve_replica"]
        where try properties.take(key) != nil {
            notes.append("the property \"\(key)\" means nothing here")
        }
        try properties.end("prefix, replication_num and replace")
        let kept = try control().backups(from: request.repository, prefix: prefix).backups
        guard let backup = kept.first(where: { $0.label == request.snapshot.label }) else {
            throw SQLError.unknown(
                "there is no backup '\(request.snapshot.label)' in \(request.repository): SHOW BACKUP lists those made here"
            )
        }
        guard backup.table.table == table.table else {
            throw SQLError.unknown("backup '\(backup.label)' is of table \(backup.table), not of \(table.table)")
        }
        let target = TableName(
            database: try databaseName(request.snapshot.database), table: table.newName ?? table.table)
        _ = try control().restore(
            RestoreRequest(
                label: backup.label, resource: request.repository, prefix: prefix, table: target,
                replicas: replicas.map { Int(clamping: $0) }, replaces: replaces))
        return done(warnings: notes)
    }

    private func onlyTable(of request: SnapshotRequest) throws -> SnapshotTable {
        guard request.tables.count == 1 else {
            throw SQLError.notSupported("a backup is of one table: name one in ON (…), and a label for each")
        }
        return request.tables[0]
    }

    private func jobs(_ kind: String, _ database: String, _ filter: SQLFilter?) throws -> [BackupJobView] {
        try control().backups(from: nil, prefix: nil).jobs.filter {
            $0.kind == kind && $0.table.database == database && (filter?.holds(for: $0.label) ?? true)
        }
    }

    private func cancel(_ kind: String, _ database: String) throws -> SQLReply {
        let running = try jobs(kind, database, nil).filter { $0.endedMs == 0 }
        guard !running.isEmpty else { throw SQLError.unknown("no \(kind) of database \(database) runs") }
        for job in running { _ = try control().cancelBackup(job.id) }
        return .done(affectedRows: UInt64(running.count))
    }
}
