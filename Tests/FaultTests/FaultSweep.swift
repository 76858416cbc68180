import BackendCore
import ClusterSimulation
import ClusterTestKit
import Foundation
import Logging
import Testing

/// One piece of work whose every operation on one machine fails or crashes in turn, each time in a new cluster of the same
/// seed: up to the fault all runs are the same.
struct FaultSweep {
    typealias Cluster = SimulatedCluster
    /// Brings a started cluster to where the work begins; returns whose operations are hit.
    var prepare: (Cluster) throws -> any SimulatedProcess
    /// What is hit. Called with a client that does not give up: it succeeds in the end.
    var work: (Cluster) throws -> Void
    /// Of a daemon that came back: its state is the one before the work, or the one after it, or that of a whole step
    /// between. Throws otherwise.
    var checkRestarted: (Cluster, any SimulatedProcess) throws -> Void = { _, _ in }
    /// When the work is done after all.
    var checkDone: (Cluster) throws -> Void = { _ in }
    /// Every n-th operation is hit: `TABLETD_SWEEP_STRIDE`, 1 by default.
    static let stride = ProcessInfo.processInfo.environment["TABLETD_SWEEP_STRIDE"].flatMap { Int($0) } ?? 1
    private static let seed: UInt64 = 11

    /// - Returns: operations hit.
    @discardableResult
    func run(_ name: String, _ kind: FaultKind) throws -> Int {
        let operations = try countOperations(kind)
        var hit = 0
        for index in Swift.stride(from: 0, to: operations, by: max(1, Self.stride)) {
            let place = "\(name), \(kind.rawValue) \(index)"
            do {
                if try runOne(kind, index) != nil {
                    hit += 1
                } else {
                    Issue.record("\(place): the operation was not met")
                }
            } catch {
                Issue.record("\(place): \(error)")
            }
        }
        print("fault sweep: \(name), \(kind.rawValue): \(hit) of \(operations) operations")
        return hit
    }

    private func cluster(_ kind: FaultKind) throws -> (Cluster, any SimulatedProcess) {
        var settings = SimulationSettings()
        settings.faultsHitReads = kind == .failReadsToo
        // Probes of the disk are not part of the work.
        settings.backend.diskCheckInterval = .seconds(100_000)
        // Most of a run's log is read by nobody: TABLETD_ECHO=1 writes it all.
        settings.logLevel = .warning
        if ProcessInfo.processInfo.environment["TABLETD_ECHO"] != nil {
            settings.logLevel = .debug
            settings.echo = { print($0) }
        }
        let cluster = SimulatedCluster(seed: Self.seed, settings: settings)
        cluster.restartsWithin = .seconds(10)
        cluster.losesInPart = kind == .crashKeepingSome
        try cluster.startAll()
        return (cluster, try prepare(cluster))
    }

    private func countOperations(_ kind: FaultKind) throws -> Int {
        let (cluster, victim) = try cluster(kind)
        victim.plan.restart()
        try work(cluster)
        let count = victim.plan.count
        try checkDone(cluster)
        return count
    }

    /// - Returns: the operation that was hit.
    private func runOne(_ kind: FaultKind, _ index: Int) throws -> FaultOperation? {
        let (cluster, victim) = try cluster(kind)
        var operation: FaultOperation?
        cluster.onRestart = { process in
            // One that came up although a start's operation failed may lack what comes back by itself.
            guard !process.plan.wasTouched else { return }
            try checkRestarted(cluster, process)
            try cluster.check()
        }
        victim.plan.restart(kind.fault(index))
        do {
            try work(cluster)
            operation = victim.plan.touchedOperation ?? victim.lastFault
            cluster.disarm()
            cluster.onRestart = nil
            try checkDone(cluster)
            try cluster.check()
        } catch {
            throw SweepFailure(operation: victim.plan.touchedOperation ?? victim.lastFault, reason: error)
        }
        return operation
    }
}

struct SweepFailure: Error, CustomStringConvertible {
    let operation: FaultOperation?
    let reason: any Error
    var description: String { "at \(operation?.description ?? "no operation"): \(reason)" }
}
