internal import ClusterMetadata
internal import MasterServices
internal import Platform
internal import TabletModel

/// Loads that are not committed in time. One timer, armed for the earliest deadline, serves all loads: a timer for each
/// would keep an ended load in memory for as long as its client once asked for.
extension LoadManager {
    /// The longest time a client may ask for: 3 days, as Doris' `max_load_timeout_second`.
    static let timeoutLimit = Duration.seconds(259_200)

    /// Arms the timer, unless it fires before this load's deadline anyway.
    func watchDeadline(of session: LoadSession) {
        guard let deadline = session.commitBy, armDeadline(deadline) else { return }
        environment.after(max(.zero, deadline - environment.monotonicNow)) { [weak self] in self?.abortOverdue() }
    }

    private func abortOverdue() {
        disarmDeadline()
        let now = environment.monotonicNow
        var next: LoadSession?
        for session in runningSessions {
            guard let deadline = session.commitBy, session.canTimeOut else { continue }
            if deadline <= now {
                abort(session, "not committed within \(session.with { $0.transaction.timeoutMs }) ms")
            } else if next?.commitBy.map({ deadline < $0 }) ?? true {
                next = session
            }
        }
        if let next { watchDeadline(of: next) }
    }
}

extension LoadSession {
    /// From the commit on a load has no deadline: it can't be taken back.
    fileprivate var canTimeOut: Bool {
        with { $0.phase == .receiving || $0.phase == .pushing }
    }
}
