internal import Platform
internal import StorageEngine
internal import TabletModel

extension TaskHandlers {
    /// Applies the confs; each accepted one is persisted before the FE hears of it (`design.md`, cooldown protocol 1).
    ///
    /// Tablets that are not here are skipped, as in Doris, and only a task that found none of its tablets is NOT_FOUND. A
    /// conf with an older term than the tablet's makes the task ABORTED after the others were applied. A conf that an
    /// upload holds up is tried again until `cooldownConfWait`.
    static func cooldownConfs(_ confs: [CooldownConf], _ context: TaskContext) -> TaskOutcome {
        var tally = Tally()
        for conf in confs {
            do {
                tally.count(conf, try context.engine.apply(conf))
            } catch {
                tally.fail(TaskError(error).status)
            }
        }
        if tally.applied > 0 { context.upkeep.cooldownConfsApplied() }
        if tally.busy > 0, tally.failure == nil, context.age < context.options.cooldownConfWait {
            let backoff = Backoff(base: .milliseconds(10), limit: .milliseconds(1280))
            return .again(after: backoff.ceiling(retry: context.earlierRuns))
        }
        return .finished(TaskResult(status: tally.status(confs.count)))
    }

    private struct Tally {
        var applied = 0
        var busy = 0
        var unknown = 0
        /// The first real failure wins over the first stale term, that over an unfinished upload.
        var failure: RPCStatus?
        var stale: String?
        var busyTablet: TabletID?

        mutating func fail(_ status: RPCStatus) { failure = failure ?? status }

        mutating func count(_ conf: CooldownConf, _ verdict: CooldownConfVerdict) {
            switch verdict {
            case .applied, .unchanged: applied += 1
            case .unknownTablet: unknown += 1
            case .busy:
                busy += 1
                busyTablet = busyTablet ?? conf.tabletID
            case .staleTerm(let current):
                stale = stale ?? "\(conf): this replica already follows term \(current)"
            case .noReplica: fail(RPCStatus(.invalidArgument, "\(conf): it chooses no replica"))
            case .conflict(let current):
                fail(RPCStatus(.aborted, "\(conf): under this term the uploader is replica \(current)"))
            }
        }

        func status(_ total: Int) -> RPCStatus {
            if let failure { return failure }
            if let stale { return RPCStatus(.aborted, stale) }
            if let busyTablet {
                return RPCStatus(.aborted, "tablet \(busyTablet): an upload under the old conf is still running")
            }
            if total > 0, unknown == total {
                return RPCStatus(.notFound, "none of the \(total) tablets is on this backend")
            }
            return .ok
        }
    }
}
