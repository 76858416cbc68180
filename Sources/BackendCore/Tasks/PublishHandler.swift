internal import Platform
internal import StorageEngine
internal import TabletModel

extension TaskHandlers {
    /// Publishes, waiting for the versions before by coming back: a tablet that lacks one does not hold a worker. What fails
    /// otherwise after `publishTries` goes into `error_tablet_ids` (`contract/behaviour.md` §2, §11 #37).
    ///
    /// Versions that are still missing after `publishWait` will not come by themselves: their publish failed here, or this
    /// backend was away. The tablets then take the version over the hole, as a Doris BE does at once, and it counts as
    /// published: the replica lacks exactly what it missed, says so in its report (`version_miss`), and is repaired by a clone
    /// of these versions alone. Failing it instead would make it miss this version too, and every later one.
    ///
    /// Every end, good or bad, names the tablets that have the version: a newer FE counts replicas by that alone.
    static func publish(_ request: PublishVersionRequest, _ context: TaskContext) throws -> TaskOutcome {
        var result = TaskResult(sendsReportVersion: true)
        let outcome: PublishOutcome
        do {
            outcome = try attempt(request, context)
        } catch {
            let status = TaskError(error).status
            if isPassing(status), context.earlierRuns + 1 < context.options.publishTries {
                return .again(after: context.options.publishRetryInterval)
            }
            result.status = status
            result.errorTabletIDs = []
            result.succeededTablets = context.engine.publishedTablets(request)
            return .finished(result)
        }
        if !outcome.waiting.isEmpty {
            return .again(after: pause(earlierRuns: context.earlierRuns))
        }
        if outcome.failures.contains(where: { isPassing($0.status) }),
            context.earlierRuns + 1 < context.options.publishTries
        {
            return .again(after: context.options.publishRetryInterval)
        }
        if !outcome.failures.isEmpty {
            result.status = status(of: outcome.failures, request)
            result.errorTabletIDs = outcome.failures.map(\.tabletID).sorted()
        }
        result.succeededTablets = context.engine.publishedTablets(request)
        for failure in outcome.failures { result.succeededTablets?[failure.tabletID] = nil }
        return .finished(result)
    }

    /// Nothing is left waiting once `publishWait` is over. Tablets whose version before is just coming take it first.
    private static func attempt(_ request: PublishVersionRequest, _ context: TaskContext) throws -> PublishOutcome {
        let outcome = try context.engine.publish(request, gaps: .wait)
        guard !outcome.waiting.isEmpty, context.age >= context.options.publishWait else { return outcome }
        return try context.engine.publish(request, gaps: .accept)
    }

    /// 10, 20, 40 … 640 ms: soon enough for the usual gap (the publish before runs right now), cheap for a long one.
    private static func pause(earlierRuns: Int) -> Duration {
        Backoff(base: .milliseconds(10), limit: .milliseconds(640)).ceiling(retry: earlierRuns)
    }

    private static func status(
        of failures: [PublishOutcome.Failure], _ request: PublishVersionRequest
    ) -> RPCStatus {
        let messages = failures.prefix(3).flatMap(\.status.messages)
        let summary = "transaction \(request.transactionID): \(failures.count) tablets not published"
        return RPCStatus(failures.first?.status.code ?? .internalError, [summary] + messages)
    }

    /// May go away by itself within seconds; what a tablet does not have, it will not have then either.
    private static func isPassing(_ status: RPCStatus) -> Bool {
        switch status.code {
        case .ioError, .internalError, .aborted, .serviceUnavailable, .timeout: true
        default: false
        }
    }
}
