internal import TabletModel

/// What each task type does (`contract/behaviour.md` §2). What a handler throws becomes the task's status.
enum TaskHandlers {
    static func create(_ task: AgentTask, _ context: TaskContext) throws -> TaskOutcome {
        guard case .create(let request) = task.payload else { throw wrongPayload(task) }
        var result = TaskResult(sendsReportVersion: true, bumpsReportVersion: true)
        do {
            result.tablets = [try context.engine.createTablet(request)]
        } catch {
            result.status = TaskError(error).status
        }
        return .finished(result)
    }

    static func drop(_ task: AgentTask, _ context: TaskContext) throws -> TaskOutcome {
        guard case .drop(let request) = task.payload else { throw wrongPayload(task) }
        try context.engine.dropTablet(request)
        return .finished(TaskResult())
    }

    static func push(_ task: AgentTask, _ context: TaskContext) throws -> TaskOutcome {
        guard case .push(let request) = task.payload else { throw wrongPayload(task) }
        var result = TaskResult(sendsReportVersion: true, bumpsReportVersion: true)
        if request.pushType == .delete { result.requestVersion = request.version }
        do {
            result.tablets = [try context.engine.push(request)]
        } catch {
            result.status = TaskError(error).status
        }
        return .finished(result)
    }

    /// An id that is not positive is ignored, as in Doris.
    static func clearTransaction(_ task: AgentTask, _ context: TaskContext) throws -> TaskOutcome {
        guard case .clearTransaction(let request) = task.payload else { throw wrongPayload(task) }
        if request.transactionID.rawValue > 0 { try context.engine.clearTransaction(request) }
        return .finished(TaskResult())
    }

    /// Tablets that are not here are skipped, as in Doris: the FE sends these to backends that may have lost one.
    static func updateTabletMeta(_ task: AgentTask, _ context: TaskContext) throws -> TaskOutcome {
        guard case .updateTabletMeta(let updates) = task.payload else { throw wrongPayload(task) }
        _ = try context.engine.updateTabletMeta(updates)
        return .finished(TaskResult())
    }

    static func storagePolicy(_ task: AgentTask, _ context: TaskContext) throws -> TaskOutcome {
        guard case .storagePolicy(let entry) = task.payload else { throw wrongPayload(task) }
        let rules = StorageRules(policies: [entry])
        if try context.engine.applyStorageRules(rules, isWhole: false) { context.upkeep.storageRulesChanged() }
        return .finished(TaskResult())
    }

    static func checkStorage(_ task: AgentTask, _ context: TaskContext) throws -> TaskOutcome {
        guard case .storagePolicy(let entry) = task.payload else { throw wrongPayload(task) }
        try context.engine.tryStorage(entry)
        return .finished(TaskResult())
    }

    /// A payload that `TaskKind.check` should have refused.
    static func wrongPayload(_ task: AgentTask) -> TaskError {
        TaskError(.invalidArgument, "task \(task.type) (signature \(task.signature)) holds another type's request")
    }
}
