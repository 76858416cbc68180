/// A lease: keys that are put with it go when it ends.
public struct EtcdLease: Hashable, Sendable {
    public let id: Int64
    /// How long it lives from when the request was sent: etcd counts from later on.
    public let life: Duration
}

extension EtcdClient {
    /// etcd may grant a longer life than was asked for. One whose answer was lost ends by itself.
    public func grantLease(life: Duration, deadline: Duration? = nil) throws(EtcdError) -> EtcdLease {
        let path = "/v3/lease/grant"
        let body = JSONBody { $0.member("TTL", max(1, life.components.seconds)) }
        let node = try gateway.call(path, body, deadline: deadline)
        guard let id = node["ID"]?.int64, let seconds = node["TTL"]?.int64, seconds > 0 else {
            throw EtcdError(
                .badAnswer, call: path, message: "the answer names no lease", isOutcomeUnknown: true)
        }
        return EtcdLease(id: id, life: .seconds(seconds))
    }

    /// How long the lease lives from when this was sent. - Throws: `leaseGone` when there is none of that id.
    public func keepLeaseAlive(_ id: Int64, deadline: Duration? = nil) throws(EtcdError) -> Duration {
        let path = "/v3/lease/keepalive"
        let node = try gateway.call(path, JSONBody { $0.member("ID", id) }, deadline: deadline)
        guard let seconds = node["result"]?["TTL"]?.int64, seconds > 0 else {
            throw EtcdError(.leaseGone, call: path, message: "lease \(id) has ended")
        }
        return .seconds(seconds)
    }

    /// Ends the lease now, and deletes its keys. One that is gone already is well.
    public func revokeLease(_ id: Int64, deadline: Duration? = nil) throws(EtcdError) {
        do {
            _ = try gateway.call("/v3/lease/revoke", JSONBody { $0.member("ID", id) }, deadline: deadline)
        } catch {
            guard error.code == .leaseGone else { throw error }
        }
    }
}
