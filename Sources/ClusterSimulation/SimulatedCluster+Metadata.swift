public import ClusterTestKit
public import HTTPAPI
internal import MasterCore
internal import StorageEngine

/// An FE whose metadata are older than its backends.
extension SimulatedCluster {
    /// The FE's machine goes down and comes up with the metadata that it had when the copy was made.
    public func putBackMetadata(_ copy: MemoryMachineCopy) throws {
        if frontend.isRunning { crash(frontend) }
        frontend.machine.restore(copy)
        log.note("put older metadata back")
        try frontend.start()
    }

    /// How many tablets each running backend has, in order.
    public var tabletCounts: [Int] { backends.compactMap { $0.engine?.allTablets.count } }

    /// A person adopts what the backends have, as soon as all have reported.
    public func adoptMetadata(table: TableName? = nil) throws {
        var last = ""
        for _ in 0..<60 {
            guard let master = frontend.master else { throw SimulationFailure(seed: seed, "the FE is down") }
            do {
                let settled = try master.adoptMetadata(MetadataChoice(table: table))
                guard settled.left.isEmpty else { throw SimulationFailure(seed: seed, "not adopted: \(settled.left)") }
                return
            } catch let error as MasterError where error.code == .unavailable {
                last = error.description
            }
            try pass(.seconds(5))
        }
        throw SimulationFailure(seed: seed, "gave up to adopt: \(last)")
    }
}
