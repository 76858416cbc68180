internal import TabletModel

extension TaskHandlers {
    static func compact(_ task: AgentTask, _ context: TaskContext) throws -> TaskOutcome {
        guard case .compaction(let request) = task.payload else { throw wrongPayload(task) }
        try context.engine.compact(request)
        return .finished(TaskResult())
    }

    static func checkConsistency(_ task: AgentTask, _ context: TaskContext) throws -> TaskOutcome {
        guard case .checkConsistency(let request) = task.payload else { throw wrongPayload(task) }
        var result = TaskResult()
        result.requestVersion = request.version
        result.tabletChecksum = try context.engine.checksum(request)
        return .finished(result)
    }
}
