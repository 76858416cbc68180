internal import Logging
internal import TabletModel

/// Carries out what a tablet report's diff found: each list by its executor, in the order of `contract/behaviour.md
/// §7`. Executors judge everything once more against the state at that moment, and item by item: what fails is logged
/// with its tablet, everything else goes on, and the next report brings it again.
struct TabletReportActions {
    private let environment: MasterEnvironment
    private let cooldown: CooldownManager
    private let policies: PolicyManager
    private let regressions: RegressionExecutor

    init(
        environment: MasterEnvironment, loads: LoadManager, cooldown: CooldownManager, policies: PolicyManager
    ) {
        self.environment = environment
        self.cooldown = cooldown
        self.policies = policies
        regressions = RegressionExecutor(environment: environment)
    }

    /// - Parameters:
    ///   - isOurs: the backend's report versions tell tablets apart.
    ///   - fresh: tablets that tasks have changed since the report was made; it says nothing of their versions.
    func carryOut(
        _ diff: TabletReportDiff, from backend: BackendID, isOurs: Bool, except fresh: Set<TabletID>
    ) {
        FactsExecutor(environment: environment, cooldown: cooldown).carryOut(diff.changes, from: backend)
        ContradictionExecutor(environment: environment).carryOut(diff, from: backend)
        SyncExecutor(environment: environment).carryOut(
            diff.syncs.filter { !fresh.contains($0.tabletID) }, from: backend)
        MissingExecutor(environment: environment).carryOut(
            diff.missing.filter { !fresh.contains($0) }, from: backend)
        UnknownExecutor(environment: environment).carryOut(
            diff.unknown.filter { !fresh.contains($0.tabletID) }, from: backend)
        ClearTransactionExecutor(environment: environment).carryOut(diff.clears, from: backend)
        PublishAgainExecutor(environment: environment).carryOut(diff.publishAgain, from: backend)
        regressions.carryOut(
            diff.regressions.filter { !fresh.contains($0.tabletID) }, from: backend, isOurs: isOurs)
        RecoverExecutor(environment: environment).carryOut(
            diff.recoveries.filter { !fresh.contains($0.tabletID) }, from: backend)
        if !diff.policyMismatches.isEmpty { policies.reported(diff.policyMismatches, by: backend) }
        if !diff.cooldownMismatches.isEmpty { cooldown.reported(diff.cooldownMismatches, by: backend) }
        logCounts(diff, backend)
    }

    private func logCounts(_ diff: TabletReportDiff, _ backend: BackendID) {
        environment.logger.debug(
            "tablet report taken in",
            metadata: [
                "backend": "\(backend)", "found": "\(diff.foundCount)", "changed": "\(diff.changes.count)",
                "sync": "\(diff.syncs.count)", "missing": "\(diff.missing.count)", "unknown": "\(diff.unknown.count)",
                "regressed": "\(diff.regressions.count)", "recover": "\(diff.recoveries.count)",
                "clear": "\(diff.clears.count)", "publish": "\(diff.publishAgain.count)",
                "cooldown": "\(diff.cooldownMismatches.count)", "policy": "\(diff.policyMismatches.count)",
            ])
    }
}
