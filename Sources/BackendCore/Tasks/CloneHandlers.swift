internal import StorageEngine
internal import TabletModel

extension TaskHandlers {
    static func clone(_ task: AgentTask, _ context: TaskContext) throws -> TaskOutcome {
        guard case .clone(let request) = task.payload else { throw wrongPayload(task) }
        let outcome = try context.engine.clone(request)
        var result = TaskResult(sendsReportVersion: true, bumpsReportVersion: true)
        result.tablets = [outcome.row]
        result.copiedBytes = outcome.copiedBytes
        result.copyTimeMs = outcome.copyTimeMs
        return .finished(result)
    }

    static func makeSnapshot(_ task: AgentTask, _ context: TaskContext) throws -> TaskOutcome {
        guard case .makeSnapshot(let request) = task.payload else { throw wrongPayload(task) }
        let outcome = try context.engine.makeSnapshot(request)
        var result = TaskResult()
        result.snapshotPath = outcome.path
        result.snapshotFiles = request.listFiles ? outcome.files : nil
        return .finished(result)
    }

    static func releaseSnapshot(_ task: AgentTask, _ context: TaskContext) throws -> TaskOutcome {
        guard case .releaseSnapshot(let path) = task.payload else { throw wrongPayload(task) }
        try context.engine.releaseSnapshot(path: path)
        return .finished(TaskResult())
    }
}
