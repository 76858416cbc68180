public import BackendCore
public import ClusterMetadata
public import FrontendElection
public import Logging
internal import MasterCore
public import MasterServices
public import StorageEngine

/// What a simulated cluster is made of, and how its daemons are set.
public struct SimulationSettings: Sendable {
    public var backends = 3
    /// More than one share a log, and elect who leads.
    public var frontends = 1
    /// Further FEs, which follow and never lead.
    public var observers = 0
    public var election = ElectionTiming()
    /// Calls among daemons take up to so long, which must be less than half of an election's margin; nil: no time.
    public var callsTake: Duration?
    public var flaws: Set<SimulatedFlaw> = []
    public var dataDirsPerBackend = 1
    public var engine = EngineOptions()
    public var cooldown = CooldownSettings()
    public var backend = BackendOptions()
    /// Runs on the FE's configuration at each of its starts.
    public var configureMaster: @Sendable (inout MasterConfiguration) -> Void = { _ in }
    public var checkpoints = CheckpointTrigger()
    /// Faults can hit calls that only read, too.
    public var faultsHitReads = false
    public var logLevel = Logger.Level.debug
    /// Also called with each line of the event log.
    public var echo: (@Sendable (String) -> Void)?

    /// Small segments and blocks, so that few rows make several of each.
    public init() {
        engine.targetBlockBytes = 512
        engine.maxSegmentBytes = 2048
        backend.cooldownFailurePause = .seconds(40)
    }
}
