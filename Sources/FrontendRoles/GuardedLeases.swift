public import FrontendElection

/// Gives a lease back when this process has died, so that nobody waits for its end.
public protocol LeaseGuard: Sendable {
    /// The lease that counts from now on. Doesn't wait.
    func hold(_ lease: LeaseID)
}

/// Leases that a guard knows of from the moment they are granted. What it can't be told costs time at a failover, and nothing
/// else: a lease ends by itself.
public struct GuardedLeases: LeaderElection {
    private let leases: any LeaderElection
    private let leaseGuard: any LeaseGuard

    public init(_ leases: any LeaderElection, guard leaseGuard: any LeaseGuard) {
        self.leases = leases
        self.leaseGuard = leaseGuard
    }

    public func grant(ttl: Duration, within limit: Duration) throws(ElectionError) -> LeaseGrant {
        let grant = try leases.grant(ttl: ttl, within: limit)
        leaseGuard.hold(grant.lease)
        return grant
    }

    /// Tells the guard again: it may be another one by now.
    public func keepAlive(_ lease: LeaseID, within limit: Duration) throws(ElectionError) -> Duration? {
        let left = try leases.keepAlive(lease, within: limit)
        if left != nil { leaseGuard.hold(lease) }
        return left
    }

    public func campaign(
        _ lease: LeaseID, as leader: LeaderRecord, within limit: Duration
    ) throws(ElectionError) -> LeaderObservation {
        try leases.campaign(lease, as: leader, within: limit)
    }

    public func observe(within limit: Duration) throws(ElectionError) -> LeaderObservation {
        try leases.observe(within: limit)
    }

    public func resign(_ lease: LeaseID, within limit: Duration) throws(ElectionError) {
        try leases.resign(lease, within: limit)
    }
}
