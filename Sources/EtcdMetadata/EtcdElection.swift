public import EtcdClient
public import Platform
public import TabletModel

/// A master as the leader key names it.
public struct EtcdLeader: Hashable, Sendable {
    /// What it put there.
    public var value: [UInt8]
    public var fence: EtcdFence
    public var leaseID: Int64
}

/// A lease, and until when its holder may believe in it.
public struct EtcdLeaseTerm: Hashable, Sendable {
    public var id: Int64
    /// Counted from before the request was sent, on the monotonic clock: the lease does not end in etcd before that.
    public var endsAt: MonotonicTime
}

/// The leader key under a lease: the calls that an election is made of, and no decision. Blocking, each with a deadline; any
/// thread. `EtcdError.isOutcomeUnknown` tells whether a call that failed may have been carried out all the same.
public final class EtcdElection: Sendable {
    private let client: EtcdClient
    private let key: String
    private let time: any TimeSource

    public enum Campaign: Hashable, Sendable {
        case won(EtcdFence)
        case lost(to: EtcdLeader)
    }

    /// - Parameter prefix: as the journal's.
    public init(_ client: EtcdClient, prefix: String, time: any TimeSource) {
        self.client = client
        key = EtcdLogLayout(prefix: prefix).leader
        self.time = time
    }

    /// A new lease. One whose answer is lost ends by itself.
    /// - Parameter life: whole seconds; etcd may make more of few.
    public func grant(life: Duration, deadline: Duration? = nil) throws(EtcdError) -> EtcdLeaseTerm {
        let sentAt = time.monotonicNow
        let lease = try client.grantLease(life: life, deadline: deadline)
        return EtcdLeaseTerm(id: lease.id, endsAt: sentAt + lease.life)
    }

    /// - Throws: `leaseGone`: it has ended, and whatever hung on it.
    public func keepAlive(_ leaseID: Int64, deadline: Duration? = nil) throws(EtcdError) -> EtcdLeaseTerm {
        let sentAt = time.monotonicNow
        let life = try client.keepLeaseAlive(leaseID, deadline: deadline)
        return EtcdLeaseTerm(id: leaseID, endsAt: sentAt + life)
    }

    /// Becomes master if nobody is. - Throws: `leaseGone`, too.
    public func campaign(
        _ leaseID: Int64, value: [UInt8], deadline: Duration? = nil
    ) throws(EtcdError) -> Campaign {
        let answer = try client.transaction(
            EtcdTransaction(
                compares: [.isAbsent(key)], success: [.put(key, value, leaseID: leaseID)],
                failure: [.get(EtcdRangeQuery(.key(key)))]), deadline: deadline)
        if answer.succeeded { return .won(EtcdFence(key: key, createRevision: answer.revision)) }
        guard let leader = answer.reads.first?.first.map(leader) else {
            throw EtcdError(.badAnswer, call: "campaign", message: "\(key) is neither absent nor there")
        }
        // Ours: the answer to a try before was lost.
        return leader.leaseID == leaseID ? .won(leader.fence) : .lost(to: leader)
    }

    /// Who is master, and the revision of etcd in which it is so; watch from the one behind it.
    public func observe(deadline: Duration? = nil) throws(EtcdError) -> (leader: EtcdLeader?, revision: Int64) {
        let range = try client.range(EtcdRangeQuery(.key(key)), deadline: deadline)
        return (range.values.first.map(leader), range.revision)
    }

    /// What becomes of the leader key from a revision on: a delete says that nobody is master.
    public func watch(from revision: Int64) throws(EtcdError) -> EtcdWatch {
        try client.watch(.key(key), from: revision)
    }

    /// Gives the lease back: the leader key goes at once, if it hangs on it.
    public func resign(_ leaseID: Int64, deadline: Duration? = nil) throws(EtcdError) {
        try client.revokeLease(leaseID, deadline: deadline)
    }

    private func leader(_ pair: EtcdKeyValue) -> EtcdLeader {
        EtcdLeader(
            value: pair.value, fence: EtcdFence(key: pair.key, createRevision: pair.createRevision),
            leaseID: pair.leaseID)
    }
}
