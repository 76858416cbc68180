public import ClusterMetadata
public import ClusterTestKit
internal import Logging
internal import Platform

/// A master's metadata on a simulated machine, opened as the daemon does.
public struct MetadataMachine {
    public let machine = MemoryMachine()
    public let time = ManualScheduler()
    public let plan: FaultPlan

    public init(_ fault: FaultPlan.Fault = .none) { plan = FaultPlan(fault) }

    /// - Parameter journal: nil: one on the machine's own disk.
    public func open(
        seed: UInt64 = 1, clusterID: Int32? = nil, checkpoints: CheckpointTrigger = CheckpointTrigger(),
        journal: (any Journal)? = nil
    ) throws -> MetadataStore {
        let stores = FaultyKeyValueStoreOpener(machine.keyValueStores, plan: plan)
        return try MetadataStore.open(
            folder: "/meta/image", files: FaultyFileSystem(machine.fileSystem, plan: plan),
            journal: try journal ?? KeyValueJournal(try ReopeningStore(stores, path: "/meta/journal")),
            nodeName: "fe1_9010_1",
            clusterID: clusterID, random: SeededRandom(seed: seed), checkpoints: checkpoints, time: time,
            gates: DispatchGates(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    public func crash(_ loss: CrashLoss = .everything) {
        machine.crash(loss)
        plan.restart()
    }
}
