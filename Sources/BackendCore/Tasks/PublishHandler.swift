internal import TabletModel

extension TaskHandlers {
    /// Publishes, waiting for the versions before by coming back: a tablet that lacks one does not hold a worker. What is
    /// still missing after `publishWait` goes into `error_tablet_ids` (`contract/behaviour.md` §2, §11 #37), and so does
    /// what fails otherwise after `publishTries`.
    static func publish(_ task: AgentTask, _ context: TaskContext) throws -> TaskOutcome {
        guard case .publishVersion(let request) = task.payload else {
            throw TaskError(.invalidArgument, "task \(task.type) holds another type's request")
        }
        var result = TaskResult(sendsReportVersion: true)
        let outcome: PublishOutcome
        do {
            outcome = try context.engine.publish(request)
        } catch {
            let status = TaskError(error).status
            if isPassing(status), context.earlierRuns + 1 < context.options.publishTries {
                return .again(after: context.options.publishRetryInterval)
            }
            result.status = status
            result.errorTabletIDs = []
            return .finished(result)
        }
        if !outcome.waiting.isEmpty, context.age < context.options.publishWait {
            return .again(after: pause(earlierRuns: context.earlierRuns))
        }
        if outcome.failures.contains(where: { isPassing($0.status) }),
            context.earlierRuns + 1 < context.options.publishTries
        {
            return .again(after: context.options.publishRetryInterval)
        }
        if !outcome.failures.isEmpty || !outcome.waiting.isEmpty {
            result.status = status(of: outcome, request)
            result.errorTabletIDs = (outcome.failures.map(\.tabletID) + outcome.waiting).sorted()
        }
        return .finished(result)
    }

    /// 10, 20, 40 … 640 ms: soon enough for the usual gap (the publish before runs right now), cheap for a long one.
    private static func pause(earlierRuns: Int) -> Duration { .milliseconds(10 << min(earlierRuns, 6)) }

    private static func status(of outcome: PublishOutcome, _ request: PublishVersionRequest) -> RPCStatus {
        if let first = outcome.failures.first {
            let messages = outcome.failures.prefix(3).flatMap(\.status.messages)
            let count = outcome.failures.count + outcome.waiting.count
            return RPCStatus(
                first.status.code, ["transaction \(request.transactionID): \(count) tablets not published"] + messages)
        }
        let tablets = outcome.waiting.prefix(3).map(\.description).joined(separator: ", ")
        return RPCStatus(
            .publishTimeout,
            "transaction \(request.transactionID): \(outcome.waiting.count) tablets still lack the version before "
                + "(\(tablets)\(outcome.waiting.count > 3 ? ", …" : ""))")
    }

    /// May go away by itself within seconds; what a tablet does not have, it will not have then either.
    private static func isPassing(_ status: RPCStatus) -> Bool {
        switch status.code {
        case .ioError, .internalError, .aborted, .serviceUnavailable, .timeout: true
        default: false
        }
    }
}
