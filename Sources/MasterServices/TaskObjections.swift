public import ClusterMetadata
public import TabletModel

/// Tasks are judged once more when they are sent: one may have waited for long while its backend was away.
extension ClusterState {
    public func allowsSending(_ task: AgentTask, to backend: BackendID) -> Bool {
        if let dialect = self.backend(backend)?.dialect, task.refusal(in: dialect) != nil { return false }
        switch task.payload {
        case .drop(let drop): return allowsDrop(drop, on: backend)
        case .clearTransaction(let clear):
            guard !older.isClusterHeld, !older.isOfLostTimeline(clear.transactionID.rawValue) else { return false }
            let known = transaction(clear.transactionID)
            return (known == nil || known?.state == .aborted) && !older.holds(known?.tableID)
        case .publishVersion(let publish): return !older.holds(transaction(publish.transactionID)?.tableID)
        case .create(let create): return tablets.contains(create.tabletID) && !isHeld(create.tabletID)
        case .push(let push): return !isHeld(push.tabletID)
        // Its alter may be over, or cancelled.
        case .alter(let alter): return tablets.contains(alter.newTabletID) && !isHeld(alter.newTabletID)
        case .clone(let clone): return !isHeld(clone.tabletID)
        case .migrate(let migrate): return !isHeld(migrate.tabletID)
        case .cooldownConfs(let confs): return !confs.contains { isHeld($0.tabletID) }
        case .updateTabletMeta(let updates): return !updates.contains { isHeld($0.tabletID) }
        default: return true
        }
    }

    /// The replica may have been taken in since, under the same id; the table may be there (again).
    private func allowsDrop(_ drop: DropTabletRequest, on backend: BackendID) -> Bool {
        guard let tablet = tablets.tablet(drop.tabletID) else {
            return !older.isClusterHeld && !older.isOfLostTimeline(drop.tabletID.rawValue)
        }
        if older.holds(tablet.tableID) || drop.isDropTableOrPartition { return false }
        guard let replica = tablets.replica(ReplicaKey(tabletID: drop.tabletID, backendID: backend)) else {
            return true
        }
        return replica.id != drop.replicaID
    }
}
