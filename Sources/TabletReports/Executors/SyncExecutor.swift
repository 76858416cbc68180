internal import ClusterMetadata
internal import MasterServices
internal import TabletModel

/// Whole replicas whose version or health the state does not have: takes the report's word. A bad replica that is whole
/// at its version is good again (`contract/behaviour.md §11` defect 34).
struct SyncExecutor {
    let environment: MasterEnvironment

    func carryOut(_ syncs: [TabletReportDiff.Sync], at moment: ReportMoment) {
        ReportBatch(environment: environment, backend: moment.backend, step: "sync").commit(
            syncs, tablet: \.tabletID,
            judge: { moment.knows($0.tabletID) ? try update($0, moment.backend, in: $1) : nil },
            entries: { [.updateReplicas($0)] })
    }

    private func update(
        _ sync: TabletReportDiff.Sync, _ backend: BackendID, in state: ClusterState
    ) throws -> ReplicaUpdate? {
        let key = ReplicaKey(tabletID: sync.tabletID, backendID: backend)
        guard let (replica, partition) = try state.reportedReplica(key), replica.takesReports else { return nil }
        var versions = replica.versions
        versions.reportedWhole(sync.version, visible: partition.visibleVersion)
        let isBad = replica.isBad && sync.version < replica.versions.version
        guard versions != replica.versions || isBad != replica.isBad else { return nil }
        return ReplicaUpdate(key: key, versions: versions, isBad: isBad)
    }
}
