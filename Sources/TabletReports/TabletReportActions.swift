internal import ClusterMetadata
internal import Logging
public import MasterServices
internal import TabletModel

/// Carries out what a tablet report's diff found: each list by its executor, in the order of `contract/behaviour.md
/// §7`. Executors judge everything once more against the state at that moment, and item by item: what fails is logged
/// with its tablet, everything else goes on, and the next report brings it again.
public struct TabletReportActions: Sendable {
    private let environment: MasterEnvironment
    let listeners: ReportListeners
    private let regressions: RegressionExecutor
    private let surplus: SurplusBook

    public init(
        environment: MasterEnvironment, listeners: ReportListeners, surplus: SurplusBook
    ) {
        self.surplus = surplus
        self.environment = environment
        self.listeners = listeners
        regressions = RegressionExecutor(environment: environment)
    }

    /// - Parameter isOurs: the backend's report versions tell tablets apart.
    func carryOut(_ diff: TabletReportDiff, at moment: ReportMoment, isOurs: Bool) {
        let backend = moment.backend
        OlderExecutor(environment: environment, surplus: surplus).carryOut(diff, at: moment)
        FactsExecutor(environment: environment, taken: listeners.factsTaken).carryOut(diff.changes, from: backend)
        ContradictionExecutor(environment: environment).carryOut(diff, from: backend)
        SyncExecutor(environment: environment).carryOut(diff.syncs, at: moment)
        MissingExecutor(environment: environment).carryOut(diff.missing, at: moment)
        UnknownExecutor(environment: environment).carryOut(diff.unknown, at: moment)
        ClearTransactionExecutor(environment: environment).carryOut(diff.clears, from: backend)
        PublishAgainExecutor(environment: environment).carryOut(diff.publishAgain, from: backend)
        regressions.carryOut(diff.regressions, at: moment, isOurs: isOurs)
        RecoverExecutor(environment: environment).carryOut(diff.recoveries, at: moment)
        let withoutPolicy = cooling(diff.policyMismatches)
        if !withoutPolicy.isEmpty { listeners.lacksPolicy(withoutPolicy, backend) }
        // A newer term than was ever given is a finding of `OlderExecutor`.
        let unfit = cooling(diff.cooldownMismatches.filter { $0.reason != .newerThanMaster }.map(\.tabletID))
        if !unfit.isEmpty { listeners.needsConf(unfit) }
        logCounts(diff, backend)
    }

    /// Without those that an alter fills: they cool once they are the table's.
    private func cooling(_ tablets: [TabletID]) -> [TabletID] {
        guard !tablets.isEmpty else { return [] }
        return environment.store.read { state in
            tablets.filter { id in
                guard let tablet = state.tablets.tablet(id) else { return true }
                return state.table(tablet.tableID)?.isShadow(tablet.indexID) != true
            }
        }
    }

    private func logCounts(_ diff: TabletReportDiff, _ backend: BackendID) {
        environment.logger.debug(
            "tablet report taken in",
            metadata: [
                "backend": "\(backend)", "found": "\(diff.foundCount)", "changed": "\(diff.changes.count)",
                "sync": "\(diff.syncs.count)", "missing": "\(diff.missing.count)", "unknown": "\(diff.unknown.count)",
                "regressed": "\(diff.regressions.count)", "recover": "\(diff.recoveries.count)",
                "ahead": "\(diff.aheads.count)",
                "clear": "\(diff.clears.count)", "publish": "\(diff.publishAgain.count)",
                "cooldown": "\(diff.cooldownMismatches.count)", "policy": "\(diff.policyMismatches.count)",
            ])
    }
}
