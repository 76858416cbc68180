internal import ClusterMetadata
internal import HTTPAPI
internal import MasterServices
internal import TabletModel

/// Which replica of each tablet is copied: pure.
enum BackupPlan {
    /// One healthy replica, whole at the visible version, of each tablet in bucket order; work is spread over backends.
    /// - Parameters:
    ///   - avoided: backends that failed before: only where there is no other.
    ///   - folder: where the tablet's files go.
    /// - Throws: `.unavailable` when a tablet has none.
    static func units(
        of table: Table, in state: ClusterState, avoiding avoided: Set<BackendID>, folder: (TabletID) -> String
    ) throws(MasterError) -> [BackupJob.Unit] {
        guard let partition = table.partitions.first, let index = partition.baseIndex else {
            throw MasterError(
                .conflict, "table \(state.name(of: table)) has no partition", nextStep: "describe the table")
        }
        var load: [BackendID: Int] = [:]
        var units: [BackupJob.Unit] = []
        units.reserveCapacity(index.tabletIDs.count)
        for id in index.tabletIDs {
            let fit = state.tablets.replicas(of: id).filter {
                state.isHealthy($0, visible: partition.visibleVersion) && state.isHeard($0.backendID)
            }
            let preferred = fit.filter { !avoided.contains($0.backendID) }
            let chosen = (preferred.isEmpty ? fit : preferred)
                .min { (load[$0.backendID] ?? 0, $0.id) < (load[$1.backendID] ?? 0, $1.id) }
            guard let chosen else {
                throw MasterError(
                    .unavailable,
                    "tablet \(id) of \(state.name(of: table)) has no healthy replica to be copied",
                    nextStep: "see tabletctl replicas --unhealthy, and try again once one is whole")
            }
            load[chosen.backendID, default: 0] += 1
            units.append(BackupJob.Unit(tabletID: id, backendID: chosen.backendID, folder: folder(id)))
        }
        return units
    }
}
