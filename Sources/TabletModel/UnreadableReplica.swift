/// A replica some of whose rows can't be read, although its versions are whole: an object of a cold rowset is gone, say.
/// In memory on both sides, and told with every tablet report, so that it goes away when the cause does.
public struct UnreadableReplica: Hashable, Sendable {
    public var tabletID: TabletID
    public var replicaID: ReplicaID
    /// For a person: which file or object, what is wrong with it.
    public var reason: String
    public var since: UnixTime
    /// The replica's own copy is damaged, so that a copy of another replica heals it. False: what is wrong is wrong for all
    /// replicas that depend on the same object, and copying it helps nobody.
    public var isHealedByCopy: Bool

    public init(
        tabletID: TabletID, replicaID: ReplicaID, reason: String, since: UnixTime, isHealedByCopy: Bool = false
    ) {
        self.tabletID = tabletID
        self.replicaID = replicaID
        self.reason = reason
        self.since = since
        self.isHealedByCopy = isHealedByCopy
    }
}
