public import EtcdClient
internal import Foundation
public import FrontendElection

/// Leases of etcd, and the leader key below the cluster's prefix, which lives as long as the lease it was written under. Blocking,
/// any thread.
public struct EtcdElection: LeaderElection {
    private let client: EtcdClient
    private let key: String

    /// - Parameter prefix: as the journal's.
    public init(_ client: EtcdClient, prefix: String) {
        self.client = client
        key = EtcdLogLayout(prefix: prefix).leader
    }

    /// One whose answer is lost ends by itself. etcd counts whole seconds, and may make more of few.
    public func grant(ttl: Duration, within limit: Duration) throws(ElectionError) -> LeaseGrant {
        try asked { () throws(EtcdError) in
            let lease = try client.grantLease(life: ttl, deadline: limit)
            return LeaseGrant(lease: LeaseID(lease.id), ttl: lease.life)
        }
    }

    public func keepAlive(_ lease: LeaseID, within limit: Duration) throws(ElectionError) -> Duration? {
        try asked { () throws(EtcdError) in
            do throws(EtcdError) {
                return try client.keepLeaseAlive(lease.rawValue, deadline: limit)
            } catch {
                guard error.code == .leaseGone else { throw error }
                return nil
            }
        }
    }

    public func campaign(
        _ lease: LeaseID, as leader: LeaderRecord, within limit: Duration
    ) throws(ElectionError) -> LeaderObservation {
        try asked { () throws(EtcdError) in
            let answer = try client.transaction(
                EtcdTransaction(
                    compares: [.isAbsent(key)], success: [.put(key, leader.text, leaseID: lease.rawValue)],
                    failure: [.get(EtcdRangeQuery(.key(key)))]), deadline: limit)
            if answer.succeeded {
                let own = LeaderKey(record: leader, lease: lease, fence: Fence(answer.revision))
                return LeaderObservation(revision: answer.revision, holder: own)
            }
            guard let found = answer.reads.first?.first else {
                throw EtcdError(.badAnswer, call: "campaign", message: "\(key) is neither absent nor there")
            }
            return LeaderObservation(revision: answer.revision, holder: holder(found))
        }
    }

    public func observe(within limit: Duration) throws(ElectionError) -> LeaderObservation {
        try asked { () throws(EtcdError) in
            let range = try client.range(EtcdRangeQuery(.key(key)), deadline: limit)
            return LeaderObservation(revision: range.revision, holder: range.values.first.map(holder))
        }
    }

    /// The leader key goes at once, if it hangs on the lease.
    public func resign(_ lease: LeaseID, within limit: Duration) throws(ElectionError) {
        try asked { () throws(EtcdError) in try client.revokeLease(lease.rawValue, deadline: limit) }
    }

    /// What becomes of the leader key from a revision on: a delete says that nobody leads.
    public func watch(from revision: Int64) throws(EtcdError) -> EtcdWatch {
        try client.watch(.key(key), from: revision)
    }

    /// What a change of the key says.
    func observation(_ event: EtcdEvent) -> LeaderObservation {
        switch event {
        case .put(let pair): LeaderObservation(revision: pair.modifyRevision, holder: holder(pair))
        case .delete(_, let revision): LeaderObservation(revision: revision, holder: nil)
        }
    }

    private func holder(_ pair: EtcdKeyValue) -> LeaderKey {
        LeaderKey(
            record: LeaderRecord(text: pair.value), lease: LeaseID(pair.leaseID), fence: Fence(pair.createRevision))
    }

    private func asked<R>(_ call: () throws(EtcdError) -> R) throws(ElectionError) -> R {
        do throws(EtcdError) {
            return try call()
        } catch {
            throw error.isOutcomeUnknown
                ? .outcomeUnknown(reason: "\(error)") : .refused(reason: "\(error)")
        }
    }
}

/// What stands in the key, JSON: for people with `etcdctl` too.
private struct LeaderText: Codable {
    var name: String
    var host: String
    var editLogPort: Int32
    var httpPort: Int32
    var rpcPort: Int32
    var epoch: Int64
}

extension LeaderRecord {
    var text: [UInt8] {
        let text = LeaderText(
            name: nodeName, host: host, editLogPort: editLogPort, httpPort: httpPort, rpcPort: rpcPort, epoch: epoch)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Texts and whole numbers: nothing that JSON can't say.
        return (try? encoder.encode(text)).map { Array($0) } ?? []
    }

    /// Of what is no such text it is empty: the key's lease and revision decide who leads, and this tells where that is.
    init(text: [UInt8]) {
        let found = try? JSONDecoder().decode(LeaderText.self, from: Data(text))
        self.init(
            nodeName: found?.name ?? "", host: found?.host ?? "", editLogPort: found?.editLogPort ?? 0,
            httpPort: found?.httpPort ?? 0, rpcPort: found?.rpcPort ?? 0, epoch: found?.epoch ?? 0)
    }
}
