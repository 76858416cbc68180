internal import ClusterMetadata
internal import Logging
internal import MasterServices
internal import Synchronization
internal import TabletModel

/// Replicas that are older than the master believes get the version that they have, durably, so that nobody reads from
/// them until they have caught up. Doris ignores lower versions; with it such a replica fails its readers for ever.
///
/// A report may have been made before a publish whose end the master has seen. For our own backends `TouchedTablets`
/// tells which tablets that concerns, and they are not handed in. Doris' backends don't say when a publish was: there
/// the second report in a row must show the same. Should a lower version be taken by mistake all the same (the master
/// restarted between), the next report shows the replica whole and heals it.
final class RegressionExecutor: Sendable {
    private let environment: MasterEnvironment
    /// What the newest report of a foreign backend showed, and no report before.
    private let seenOnce = Mutex<[BackendID: [TabletID: Version]]>([:])

    init(environment: MasterEnvironment) { self.environment = environment }

    func carryOut(_ regressions: [TabletReportDiff.Regression], at moment: ReportMoment, isOurs: Bool) {
        let backend = moment.backend
        let confirmed = isOurs ? regressions : regressions.filter(confirmedBy(previous(regressions, backend)))
        let batch = ReportBatch(environment: environment, backend: backend, step: "regress")
        let updates = batch.commit(
            confirmed, tablet: \.tabletID,
            judge: { moment.knows($0.tabletID) ? try update($0, backend, in: $1) : nil },
            entries: { [.updateReplicas($0)] })
        batch.tell(
            updates, .warning, "a replica is older than it was", more: "more replicas are older than they were",
            tablet: \.key.tabletID
        ) { ["version": "\($0.versions.version)"] }
    }

    /// What the report before this one showed; remembers this one.
    private func previous(
        _ regressions: [TabletReportDiff.Regression], _ backend: BackendID
    ) -> [TabletID: Version] {
        let now = Dictionary(regressions.map { ($0.tabletID, $0.version) }, uniquingKeysWith: min)
        return seenOnce.withLock { seen in
            let before = seen[backend] ?? [:]
            seen[backend] = now.isEmpty ? nil : now
            return before
        }
    }

    private func confirmedBy(
        _ previous: [TabletID: Version]
    ) -> (TabletReportDiff.Regression) -> Bool {
        { regression in previous[regression.tabletID] == regression.version }
    }

    private func update(
        _ regression: TabletReportDiff.Regression, _ backend: BackendID, in state: ClusterState
    ) throws -> ReplicaUpdate? {
        let key = ReplicaKey(tabletID: regression.tabletID, backendID: backend)
        guard let (replica, partition) = try state.reportedReplica(key), replica.takesReports,
            regression.version < replica.versions.version
        else { return nil }
        var versions = replica.versions
        versions.regressed(
            to: regression.version, isMissing: regression.isMissing, visible: partition.visibleVersion)
        // It can be read up to where it is: what was bad about it is no more.
        return ReplicaUpdate(key: key, versions: versions, isBad: false)
    }
}
