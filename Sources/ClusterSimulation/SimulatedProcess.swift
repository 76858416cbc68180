public import ClusterTestKit
internal import Platform

/// A machine of the cluster and the daemon that runs on it, now and then: what an FE and a BE have in common.
///
/// All of the daemon's I/O counts in `plan`. A fault that takes the machine down shows in `plan.hasCrashed`; the cluster then
/// ends the daemon after the job that met it, and until then none of its calls reaches anybody.
public protocol SimulatedProcess: AnyObject, Sendable {
    var name: String { get }
    /// Where it is reached.
    var host: String { get }
    /// How far its machine's clock is ahead of the true time; may be changed at any time.
    var clockAhead: Duration { get set }
    var machine: MemoryMachine { get }
    var plan: FaultPlan { get }
    /// Between a start and a crash or stop.
    var isRunning: Bool { get }
    /// How often it was started.
    var incarnation: Int { get }
    /// The fault that its machine met in the last life, if it met one.
    var lastFault: FaultOperation? { get }
    /// Something happened after which the real daemon ends itself.
    var mustExit: Bool { get }
    /// Starts the daemon from what its machine holds.
    /// - Throws: why the daemon would not have started, or `CrashedError` when its machine went down meanwhile; it is down
    ///   in both cases.
    func start() throws
    /// The machine goes down now: jobs end, ports close, and what was not synced is lost as `loss` says.
    func crash(_ loss: CrashLoss)
}

extension SimulatedProcess {
    /// Random bits of one life of the daemon: another life draws others, or it would give its ids twice.
    func random(_ seed: SeededRandom) -> SeededRandom { seed.fork("\(name) life \(incarnation)") }
}
