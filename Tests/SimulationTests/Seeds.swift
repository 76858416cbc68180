import ClusterSimulation
import Foundation
import MasterCore

/// Which seeds are played: those of the test, or what the environment says: `TABLETD_SEED=7`, or `TABLETD_SEED=1-500`.
enum Seeds {
    static func chosen(default seeds: ClosedRange<UInt64>) -> [UInt64] {
        guard let text = ProcessInfo.processInfo.environment["TABLETD_SEED"] else { return Array(seeds) }
        let ends = text.split(separator: "-").map { UInt64($0) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else {
            preconditionFailure("TABLETD_SEED is neither a number nor a range of two: \(text)")
        }
        return Array(first...last)
    }

    /// Some seeds have two data dirs a BE, some write images after a few journal entries.
    /// With `TABLETD_ECHO=1` the event log is printed while it is written.
    static func cluster(
        _ seed: UInt64, configure: (inout SimulationSettings) -> Void = { _ in }
    ) -> SimulatedCluster {
        var settings = SimulationSettings()
        if seed % 3 == 0 { settings.dataDirsPerBackend = 2 }
        if seed % 4 == 1 { settings.checkpoints = CheckpointTrigger(rollEntries: 4, interval: .seconds(20)) }
        if ProcessInfo.processInfo.environment["TABLETD_ECHO"] != nil { settings.echo = { print($0) } }
        configure(&settings)
        return SimulatedCluster(seed: seed, settings: settings)
    }
}
