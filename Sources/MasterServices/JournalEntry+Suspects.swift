public import ClusterMetadata
public import TabletModel

extension JournalEntry {
    /// Tablets that this change may leave with a replica too few, too many or behind.
    public var suspectTablets: [TabletID] {
        switch self {
        case .addReplica(let tablet, _): [tablet]
        case .deleteReplica(let key): [key.tabletID]
        case .updateReplicas(let updates):
            updates.filter { $0.isBad || $0.versions.lastFailed != .none }.map(\.key.tabletID)
        case .backendTabletsBad(_, let marks): marks.map(\.tabletID)
        case .backendReplicasInfo(_, let marks): marks.map(\.tabletID)
        case .stageFailedReplicas(let failed): failed.keys.map(\.tabletID)
        case .upsertTransaction(let transaction):
            transaction.state == .visible ? transaction.failedReplicas.map(\.tabletID) : []
        default: []
        }
    }
}
