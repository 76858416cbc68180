internal import TabletModel

/// The one place that says whether a replica may be dropped. Every drop that repair makes asks here, inside the change that
/// journals it.
enum ReplicaSafety {
    /// Why the replica must stay; nil when it may go.
    ///
    /// A replica may go only while another one is whole, readable and not about to leave. One that was never finished holds
    /// nothing that is not elsewhere, so there it is enough that another living replica has data.
    /// - Parameter keeping: how many other whole replicas must remain, at least one.
    static func refusal(
        dropping replica: Replica, of replicas: [Replica], visible: Version, keeping: Int = 1, facts: RepairFacts
    ) -> String? {
        let others = replicas.filter { $0.id != replica.id }
        let whole = others.count { facts.condition(of: $0, visible: visible) == .good }
        if replica.state == .clone {
            let hasSource = whole > 0 || others.contains { facts.isSource($0) }
            return hasSource ? nil : "no other replica is left to copy from"
        }
        let needed = max(1, keeping)
        return whole >= needed ? nil : "only \(whole) other replicas are whole, \(needed) must be"
    }
}
