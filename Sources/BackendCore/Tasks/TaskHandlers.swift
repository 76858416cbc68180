internal import TabletModel

/// What each task type does (`contract/behaviour.md` §2). What a handler throws becomes the task's status.
enum TaskHandlers {
    /// One outcome a request, in their order.
    static func create(_ requests: [CreateTabletRequest], _ engine: any AgentEngine) -> [TaskOutcome] {
        engine.createTablets(requests).map { created in
            var result = TaskResult(sendsReportVersion: true, bumpsReportVersion: true)
            switch created {
            case .success(let row): result.tablets = [row]
            case .failure(let error): result.status = TaskError(error).status
            }
            return .finished(result)
        }
    }

    static func drop(_ request: DropTabletRequest, _ context: TaskContext) throws -> TaskOutcome {
        try context.engine.dropTablet(request)
        return .finished(TaskResult())
    }

    static func push(_ request: PushRequest, _ context: TaskContext) throws -> TaskOutcome {
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
    static func clearTransaction(_ request: ClearTransactionRequest, _ context: TaskContext) throws -> TaskOutcome {
        if request.transactionID.rawValue > 0 { try context.engine.clearTransaction(request) }
        return .finished(TaskResult())
    }

    /// Tablets that are not here are skipped, as in Doris: the FE sends these to backends that may have lost one.
    static func updateTabletMeta(_ updates: [TabletMetaUpdate], _ context: TaskContext) throws -> TaskOutcome {
        _ = try context.engine.updateTabletMeta(updates)
        return .finished(TaskResult())
    }

    static func cleanTrash(_ context: TaskContext) throws -> TaskOutcome {
        try context.engine.sweepTrash(all: true)
        return .finished(TaskResult())
    }

    static func visibleVersions(_ versions: [PartitionID: Version], _ context: TaskContext) throws -> TaskOutcome {
        try context.engine.updateVisibleVersions(versions)
        return .finished(TaskResult())
    }

    static func indexPolicies(_ pushed: PushedIndexPolicies, _ context: TaskContext) throws -> TaskOutcome {
        try context.engine.keepIndexPolicies(pushed)
        return .finished(TaskResult())
    }

    static func storagePolicy(_ entry: StoragePolicyEntry, _ context: TaskContext) throws -> TaskOutcome {
        let rules = StorageRules(policies: [entry])
        if try context.engine.applyStorageRules(rules, isWhole: false) { context.upkeep.storageRulesChanged() }
        return .finished(TaskResult())
    }

    static func pushedRules(_ rules: PushedRules, _ context: TaskContext) throws -> TaskOutcome {
        if try context.engine.applyPushedRules(rules) { context.upkeep.storageRulesChanged() }
        return .finished(TaskResult())
    }

    static func checkStorage(_ entry: StoragePolicyEntry, _ context: TaskContext) throws -> TaskOutcome {
        try context.engine.tryStorage(entry)
        return .finished(TaskResult())
    }
}
