public import ClusterMetadata
internal import HTTPAPI
internal import Logging
internal import MasterServices
internal import TabletModel

/// What becomes of loads when the journal can't be written, and when it can again.
extension LoadManager {
    /// Nobody knows whether the journal took the load's step: it stays in its phase, and nothing is told or sent.
    func hold(_ session: LoadSession, _ error: MasterError) {
        session.with { state in
            let step = state.phase == .committing ? "commit" : "end"
            state.message = "its \(step) may be written or not: \(error.message)"
        }
        environment.logger.error(
            "a load waits until it is known what the journal took",
            metadata: ["txn": "\(session.id)", "error": "\(error)"])
    }

    /// Nothing of the commit is there, and the replicas keep their rows: it is tried again once metadata can be written, or
    /// given up when its time is over.
    func commitWasNotWritten(_ session: LoadSession, _ reason: String) {
        session.with { state in
            state.phase = .pushing
            state.message = "its rows are on the backends, the commit could not be written: \(reason)"
        }
        environment.logger.warning(
            "a load's commit was not written", metadata: ["txn": "\(session.id)", "reason": "\(reason)"])
        // Its deadline was passed over while the commit was being written.
        if let deadline = session.commitBy, deadline <= environment.monotonicNow {
            abort(session, "not committed within \(session.with { $0.transaction.timeoutMs }) ms: \(reason)")
            return
        }
        watchDeadline(of: session)
        environment.after(.seconds(1)) { [self] in
            // With a trouble, its end has all loads judged.
            if environment.store.trouble == nil { judgePush(session) }
        }
    }

    /// Metadata can be written again: what was open goes on as it turned out, what was held goes on, and what could not be
    /// ended is ended.
    public func settled(_ settlement: MetadataSettlement) {
        for entry in settlement.entries {
            switch entry {
            case .upsertTransaction(let transaction), .upsertStagedTransaction(let transaction):
                guard let session = session(transaction.id) else { break }
                // With the replicas that were staged.
                let known = environment.store.read { $0.transaction(transaction.id) }
                take(
                    settlement.isDurable ? known ?? transaction : transaction, isDurable: settlement.isDurable, session)
            default: break
            }
        }
        goOn()
    }

    /// Metadata may be written again: what could not be ended is ended, and what waits is looked at.
    public func goOn() {
        takeUp()
        for session in runningSessions {
            judgePush(session)
            judgePublish(session)
        }
    }

    private func take(_ transaction: Transaction, isDurable: Bool, _ session: LoadSession) {
        switch (session.with { $0.phase }, transaction.state) {
        case (.committing, .committed):
            if isDurable {
                wasCommitted(session, transaction)
            } else {
                commitWasNotWritten(session, "the edit log does not hold it")
            }
        case (.showing, .visible):
            if isDurable {
                becameVisible(session, transaction)
            } else {
                session.with { $0.phase = .publishing }
            }
        default: break
        }
    }
}
