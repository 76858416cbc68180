internal import TabletModel

/// A lease as its owner may count on it.
struct LeaseHold: Hashable, Sendable {
    let lease: LeaseID
    /// From here on it is as if it had ended.
    private(set) var end: MonotonicTime

    /// - Parameter asked: before the request was sent: the lease began no earlier.
    init(_ grant: LeaseGrant, asked: MonotonicTime, _ timing: ElectionTiming) {
        lease = grant.lease
        end = asked + timing.span(of: grant.ttl)
    }

    mutating func renew(_ ttl: Duration, asked: MonotonicTime, _ timing: ElectionTiming) {
        end = max(end, asked + timing.span(of: ttl))
    }

    func isOver(at now: MonotonicTime) -> Bool { now >= end }
}
