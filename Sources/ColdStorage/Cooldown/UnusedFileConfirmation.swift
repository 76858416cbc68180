internal import ClusterMetadata
internal import Logging
public import MasterServices
public import Platform
public import TabletModel

/// Which tablets' superseded remote objects may be deleted (`contract/behaviour.md §7`, confirmUnusedRemoteFiles): only
/// when no replica can still stand on them.
public struct UnusedFileConfirmation {
    let environment: MasterEnvironment

    public init(environment: MasterEnvironment) {
        self.environment = environment
    }

    /// Journals `cooldownDelete` before it confirms anything: an FE that lost its place can't write, and so confirms
    /// nothing.
    public func confirm(_ asked: [TabletCooldownState]) -> [TabletID] {
        let confirmed = environment.store.read { state in
            asked.filter { Self.isConfirmed($0, in: state) }.map(\.tabletID)
        }
        guard !confirmed.isEmpty else { return [] }
        do {
            try environment.commit([.cooldownDelete])
            return confirmed
        } catch {
            environment.logger.error(
                "unused remote files were not confirmed",
                metadata: ["tablets": "\(confirmed.count)", "error": "\(error)"])
            return []
        }
    }

    /// The asker is the uploader, every replica that the table wants is there and alive, and all say the same term and
    /// meta.
    static func isConfirmed(_ claim: TabletCooldownState, in state: ClusterState) -> Bool {
        guard let tablet = state.tablets.tablet(claim.tabletID), let table = state.table(tablet.tableID),
            !state.older.holds(table.id), tablet.cooldownReplicaID > 0,
            tablet.cooldownReplicaID == claim.cooldownReplicaID
        else { return false }
        let replicas = state.tablets.replicas(of: claim.tabletID)
        guard replicas.count >= Int(table.replicationCount) else { return false }
        return replicas.allSatisfy { replica in
            state.isAlive(replica.backendID) && !replica.isBad && replica.isReported
                && replica.reportedCooldownTerm == tablet.cooldownTerm && replica.cooldownMetaID == claim.cooldownMetaID
        }
    }
}
