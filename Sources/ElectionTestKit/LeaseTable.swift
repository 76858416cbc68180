public import FrontendElection
public import TabletModel

/// The leases and the leader key of one service, as a value: what etcd does, to the nanosecond. Times are the service's own.
public struct LeaseTable: Sendable {
    public private(set) var revision: Int64 = 1
    public private(set) var key: LeaderKey?
    private var leases: [LeaseID: Lease] = [:]
    private var lastLease: Int64 = 0
    /// Every leader there was, in order.
    public private(set) var history: [LeaderKey] = []

    private struct Lease: Sendable {
        var ttl: Duration
        var end: MonotonicTime
    }

    public init() {}

    /// Ends what was not kept alive until now.
    public mutating func expire(at now: MonotonicTime) {
        for (id, lease) in leases where lease.end <= now { end(id) }
    }

    public mutating func grant(ttl: Duration, at now: MonotonicTime) -> LeaseGrant {
        expire(at: now)
        lastLease += 1
        leases[LeaseID(lastLease)] = Lease(ttl: ttl, end: now + ttl)
        return LeaseGrant(lease: LeaseID(lastLease), ttl: ttl)
    }

    /// - Returns: nil: there is no such lease.
    public mutating func campaign(
        _ lease: LeaseID, as record: LeaderRecord, at now: MonotonicTime
    ) -> LeaderObservation? {
        expire(at: now)
        if key == nil {
            guard leases[lease] != nil else { return nil }
            revision += 1
            let new = LeaderKey(record: record, lease: lease, fence: Fence(revision))
            key = new
            history.append(new)
        }
        return LeaderObservation(revision: revision, holder: key)
    }

    /// - Returns: nil: there is no such lease.
    public mutating func keepAlive(_ lease: LeaseID, at now: MonotonicTime) -> Duration? {
        expire(at: now)
        guard let ttl = leases[lease]?.ttl else { return nil }
        leases[lease]?.end = now + ttl
        return ttl
    }

    public mutating func observe(at now: MonotonicTime) -> LeaderObservation {
        expire(at: now)
        return LeaderObservation(revision: revision, holder: key)
    }

    public mutating func resign(_ lease: LeaseID, at now: MonotonicTime) {
        expire(at: now)
        end(lease)
    }

    /// As a person with `etcdctl` does.
    public mutating func deleteKey() {
        revision += 1
        key = nil
    }

    private mutating func end(_ id: LeaseID) {
        leases[id] = nil
        if key?.lease == id { deleteKey() }
    }
}
