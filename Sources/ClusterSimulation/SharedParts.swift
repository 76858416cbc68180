internal import ClusterTestKit
internal import Synchronization

/// What all processes of a simulated cluster share.
struct SharedParts: Sendable {
    let settings: SimulationSettings
    let scheduler: ManualScheduler
    let network: DirectNetwork
    let objects: WatchedObjectStores
    let log: EventLog
    let random: SeededRandom
    let observation: Observation
    let peers = PeerDirectory()
    let interleaving: Interleaving
    let watch: RepairWatch
    let confLoss: ConfLoss
    let frontends = FrontendDirectory()
    let masters = MasterWatch()
    /// nil: the only FE has a log of its own.
    let replicated: SharedLog?

    func makeFaultPlan() -> FaultPlan {
        let (reads, observation) = (settings.faultsHitReads, observation)
        return FaultPlan(counts: { ($0.isChange || reads) && !observation.isUnderWay })
    }
}

/// Somebody looks at the cluster from outside: what that reads must not use up a fault.
final class Observation: Sendable {
    private let underWay = Atomic(false)

    var isUnderWay: Bool { underWay.load(ordering: .relaxed) }

    func during<Result>(_ body: () throws -> Result) rethrows -> Result {
        let before = underWay.exchange(true, ordering: .relaxed)
        defer { underWay.store(before, ordering: .relaxed) }
        return try body()
    }
}
