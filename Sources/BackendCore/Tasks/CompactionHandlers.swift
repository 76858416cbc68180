internal import TabletModel

extension TaskHandlers {
    static func compact(_ request: CompactionRequest, _ context: TaskContext) throws -> TaskOutcome {
        try context.engine.compact(request)
        return .finished(TaskResult())
    }

    static func checkConsistency(_ request: CheckConsistencyRequest, _ context: TaskContext) throws -> TaskOutcome {
        var result = TaskResult()
        result.requestVersion = request.version
        result.tabletChecksum = try context.engine.checksum(request)
        return .finished(result)
    }
}
