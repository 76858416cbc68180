public import TabletModel

/// What becomes of a cooldown conf (design.md, cooldown protocol 1).
public enum CooldownConfVerdict: Hashable, Sendable {
    /// Persisted before this was returned.
    case applied
    /// The same conf was persisted before.
    case unchanged
    case staleTerm(current: Int64)
    /// The term is known with another replica: two masters, or a broken one. Nothing was changed.
    case conflict(current: ReplicaID)
    /// No replica is chosen yet: the FE will send another conf.
    case noReplica
    case unknownTablet
    /// A run under the old conf was told to stop: try again shortly.
    case busy

    /// The decision alone; `applied` stands for "to be persisted". Pure.
    init(_ conf: CooldownConf, current: TabletHeader) {
        if conf.cooldownReplicaID.rawValue <= 0 {
            self = .noReplica
        } else if conf.term < current.cooldownTerm {
            self = .staleTerm(current: current.cooldownTerm)
        } else if conf.term > current.cooldownTerm {
            self = .applied
        } else {
            self =
                conf.cooldownReplicaID == current.cooldownReplicaID
                ? .unchanged : .conflict(current: current.cooldownReplicaID)
        }
    }
}

extension TabletHeader {
    /// The conf that the tablet stands under.
    public var cooldownConf: CooldownConf {
        CooldownConf(tabletID: tabletID, cooldownReplicaID: cooldownReplicaID, term: cooldownTerm)
    }

    /// The conf names this replica.
    var isUploader: Bool { cooldownReplicaID == replicaID && replicaID.rawValue > 0 }
}
