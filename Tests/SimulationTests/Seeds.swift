import ClusterSimulation
import ClusterTestKit
import Foundation
import MasterCore
import Platform
import Testing

@testable import ClusterMetadata

enum Seeds {
    /// See `SeedRange`.
    static func chosen(default seeds: ClosedRange<UInt64>) -> [UInt64] { Array(SeedRange.chosen(default: seeds)) }

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

    /// One of the next `limit` operations fails, alone or with all after it, with its change made or not.
    static func failure(_ random: SeededRandom, below limit: UInt64) -> FaultPlan.Fault {
        let kinds: [(Int) -> FaultPlan.Fault] = [
            { .fail($0) }, { .failAfter($0) }, { .failFrom($0) }, { .failAfterAndFrom($0) },
        ]
        return kinds[Int(random.next(below: UInt64(kinds.count)))](Int(random.next(below: limit)))
    }

    /// Plays the seed twice: one seed is one run.
    /// - Returns: its log.
    static func expectSameLog(_ seed: UInt64, _ play: () throws -> EventLog) throws -> EventLog {
        let first = try play()
        let second = try play()
        let place = zip(first.lines, second.lines).enumerated().first { $0.element.0 != $0.element.1 }
        #expect(
            first.text == second.text,
            "TABLETD_SEED=\(seed): line \(place?.offset ?? -1): \(place.map { "\($0.element)" } ?? "one is longer")")
        return first
    }
}
