internal import TabletModel

extension TaskHandlers {
    /// However long it has waited: a Doris BE drops one that is older than 20 report intervals without a word, and its FE
    /// waits for the end until the job's own timeout.
    static func alter(_ request: AlterRequest, _ context: TaskContext) throws -> TaskOutcome {
        var result = TaskResult(sendsReportVersion: true, bumpsReportVersion: true)
        do {
            result.tablets = [try context.engine.alter(request)]
        } catch {
            result.status = TaskError(error).status
        }
        return .finished(result)
    }

    static func clearAlter(_ request: ClearAlterRequest, _ context: TaskContext) throws -> TaskOutcome {
        try context.engine.clearAlter(request)
        return .finished(TaskResult())
    }
}
