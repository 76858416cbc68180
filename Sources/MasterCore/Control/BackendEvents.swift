internal import AgentTasks
internal import ClusterMembership
internal import ClusterMetadata
internal import ColdStorage
internal import DataLoading
internal import MasterServices
internal import ReplicaRepair
internal import TableCatalog
internal import TabletModel
internal import TabletReports

/// Tells the parts of the master when a backend comes, restarts or goes.
struct BackendEvents: Sendable {
    let environment: MasterEnvironment
    let creator: TableCreator
    let loads: LoadManager
    let cooldown: CooldownManager
    let repairs: RepairManager
    let moves: DiskMover
    let consistency: ConsistencyChecker
    let trials: StorageTrials
    let touched: TouchedTablets
    let surplus: SurplusBook
    let reports: ReportProcessor

    @Sendable func take(_ backend: Backend, _ event: LivenessTransition.Event) {
        switch event {
        case .becameAlive:
            loads.backendCameBack(backend.id)
            loads.startHeldPushes()
            repairs.backendIsAlive(backend.id)
            environment.dispatcher.kick(backend.id)
        case .restarted:
            touched.forgetAll(of: backend.id)
            reports.restarted(backend.id)
            environment.tasks.forgetSent(for: backend.id)
            environment.dispatcher.kick(backend.id)
        // Reports say what is not there any more.
        case .replaced: break
        case .becameLate: loads.becameLate(backend.id)
        case .isHeardAgain: repairs.backendIsHeard()
        case .becameDead:
            lost(backend.id)
            repairs.backendDied(backend.id)
        }
    }

    /// It is dead, or was dropped.
    func lost(_ backend: BackendID) {
        creator.lost(backend)
        loads.lost(backend)
        cooldown.lost(backend)
        consistency.lost(backend)
        trials.lost(backend)
        moves.lost(backend)
    }

    @Sendable func dropped(_ backend: BackendID) {
        lost(backend)
        environment.tasks.removeAll(of: backend)
        environment.signs.forget(backend)
        touched.forgetAll(of: backend)
        surplus.forget(backend)
        repairs.backendDropped(backend)
    }
}
