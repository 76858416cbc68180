internal import TabletModel

/// What became of a call so far: pure.
struct CallAttempts {
    private let members: Int
    let until: MonotonicTime
    private var failures = 0
    private var renewals = 0
    /// Some member may have carried it out.
    private var mayBeDone = false

    init(members: Int, until: MonotonicTime) {
        self.members = members
        self.until = until
    }

    /// What the next member may take.
    func limit(now: MonotonicTime, memberDeadline: Duration) -> Duration {
        let left = max(until - now, .milliseconds(1))
        return members == 1 ? left : min(left, memberDeadline)
    }

    /// True when all members have failed once more: a moment's pause is due.
    mutating func failed(_ error: EtcdError) -> Bool {
        failures += 1
        mayBeDone = mayBeDone || error.isOutcomeUnknown
        return failures % members == 0
    }

    /// A token ends by itself, and members learn of new ones late; who is refused again and again is no user.
    mutating func mayRenewToken() -> Bool {
        renewals += 1
        return renewals <= 2
    }

    /// What the caller gets: a refusal tells of this try only.
    func final(_ error: EtcdError) -> EtcdError {
        var error = error
        error.isOutcomeUnknown = error.isOutcomeUnknown || mayBeDone
        if failures > 1 { error.message += " (\(failures) tries failed)" }
        return error
    }
}
