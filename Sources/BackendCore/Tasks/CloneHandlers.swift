internal import StorageEngine
internal import TabletModel

extension TaskHandlers {
    static func clone(_ request: CloneRequest, _ context: TaskContext) throws -> TaskOutcome {
        let outcome = try context.engine.clone(request)
        var result = TaskResult(sendsReportVersion: true, bumpsReportVersion: true)
        result.tablets = [outcome.row]
        result.copiedBytes = outcome.copiedBytes
        result.copyTimeMs = outcome.copyTimeMs
        return .finished(result)
    }

    /// The row tells the FE the tablet's new place; Doris' FEs learn it from the next report, and pass over the row.
    static func migrate(_ request: MigrateRequest, _ context: TaskContext) throws -> TaskOutcome {
        let row = try context.engine.migrate(request)
        var result = TaskResult(sendsReportVersion: true, bumpsReportVersion: true)
        result.tablets = [row]
        return .finished(result)
    }

    static func makeSnapshot(_ request: SnapshotRequest, _ context: TaskContext) throws -> TaskOutcome {
        let outcome = try context.engine.makeSnapshot(request)
        var result = TaskResult()
        result.snapshotPath = outcome.path
        result.snapshotFiles = request.listFiles ? outcome.files : nil
        return .finished(result)
    }

    static func releaseSnapshot(_ path: String, _ context: TaskContext) throws -> TaskOutcome {
        try context.engine.releaseSnapshot(path: path)
        return .finished(TaskResult())
    }
}
