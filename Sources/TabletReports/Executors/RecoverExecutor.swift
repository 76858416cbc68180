internal import ClusterMetadata
internal import Logging
internal import MasterServices
internal import TabletModel

/// Replicas that can't serve, or that lack a version, are marked so, durably: as bad, or with the version after their
/// newest as the one they failed, since a report does not say which is missing.
struct RecoverExecutor {
    let environment: MasterEnvironment

    func carryOut(_ recoveries: [TabletReportDiff.Recovery], at moment: ReportMoment) {
        let backend = moment.backend
        let batch = ReportBatch(environment: environment, backend: backend, step: "recover")
        let marks = batch.commit(
            recoveries, tablet: \.tabletID,
            judge: { moment.knows($0.tabletID) ? try mark($0, backend, in: $1) : nil },
            entries: { [.backendReplicasInfo(backend, $0)] })
        batch.tell(
            marks, .warning, "a replica needs recovery", more: "more replicas need recovery", tablet: \.tabletID
        ) { ["mark": "\($0.mark)"] }
    }

    private func mark(
        _ recovery: TabletReportDiff.Recovery, _ backend: BackendID, in state: ClusterState
    ) throws -> ReplicaMark? {
        let key = ReplicaKey(tabletID: recovery.tabletID, backendID: backend)
        guard let (replica, _) = try state.reportedReplica(key), replica.takesReports else { return nil }
        switch recovery.reason {
        case .bad: return replica.isBad ? nil : ReplicaMark(tabletID: recovery.tabletID, mark: .bad)
        case .versionMiss:
            var versions = replica.versions
            versions.reportedMissing()
            guard versions != replica.versions else { return nil }
            return ReplicaMark(tabletID: recovery.tabletID, mark: .missing(lastFailed: versions.lastFailed))
        }
    }
}
