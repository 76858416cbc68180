import ClusterSimulation
import ClusterTestKit
import MasterCore
import Platform
import TabletModel
import Testing

@testable import StorageEngine

/// Machines go down in the middle of every phase of the demo and come back. Whatever was acknowledged stays, and in the
/// end the cluster is whole and cold.
@Suite struct KillTests {
    enum Phase: String, CaseIterable, Sendable {
        case create, push, publish, conf, upload, follow, report

        /// It is under way: something of it has happened, `count` times more than at first.
        func hasBegun(_ cluster: SimulatedCluster, count: Int) -> Bool {
            let engines = cluster.backends.compactMap(\.engine)
            switch self {
            case .create: return engines.reduce(0) { $0 + $1.tabletCount } >= count
            case .push: return engines.reduce(0) { $0 + $1.pending.count } >= count
            case .publish:
                return engines.contains { engine in
                    engine.allTablets.count { $0.snapshot.maxVersion > 2 } >= min(count, 4)
                }
            case .conf:
                return engines.reduce(0) { $0 + $1.allTablets.count { $0.header.cooldownTerm > 0 } } >= count
            case .upload: return cluster.objects.puts.count >= count
            case .follow:
                return cluster.backends.reduce(0) { $0 + ($1.cooldown?.counters.values.followedRowsets ?? 0) } >= count
            case .report: return (cluster.network.callCounts["report"] ?? 0) >= 20 + count
            }
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let phase: Phase
        let seed: UInt64
        var testDescription: String { "\(phase.rawValue), seed \(seed)" }
    }

    static let cases = Phase.allCases.flatMap { phase in
        Seeds.chosen(default: 1...8).map { Case(phase: phase, seed: $0) }
    }

    @Test(arguments: cases) func nothingAcknowledgedIsLostAndTheClusterRecovers(_ test: Case) throws {
        let cluster = Seeds.cluster(test.seed)
        let random = cluster.random
        cluster.restartsWithin = .seconds(20)
        cluster.losesInPart = test.seed % 2 == 0
        // The same BE at all times: with a second one away, versions may be missed that only a clone can bring back.
        let victim = cluster.backends[Int(random.next(below: 3))]
        let victims: [any SimulatedProcess] =
            switch random.next(below: 4) {
            case 0: [victim, cluster.frontend]
            case 1: [cluster.frontend]
            default: [victim]
            }
        for process in victims {
            let count = Int(random.next(below: 6)) + 1
            // The FE writes little after the loads: there it goes down between two jobs.
            let isIdle = process === cluster.frontend && ![.create, .push, .publish].contains(test.phase)
            let index = Int(random.next(below: process === cluster.frontend ? 3 : 12))
            let fault: FaultPlan.Fault? =
                switch random.next(below: 3) {
                case 1 where !isIdle: .crashBefore(index)
                case 2 where !isIdle: .crashAfter(index)
                default: nil
                }
            cluster.arm(process, fault) { [unowned cluster] in test.phase.hasBegun(cluster, count: count) }
        }
        try Self.play(cluster)
        #expect(cluster.crashCount > 0, "TABLETD_SEED=\(test.seed): nothing went down")
    }

    /// The demo's scenario by a client that does not give up.
    static func play(
        _ cluster: SimulatedCluster, beforeEachStep arm: () -> Void = {}, afterEachStep calm: () -> Void = {}
    ) throws {
        try cluster.startAll()
        let steps: [() throws -> Void] = [
            { try cluster.addBackends() },
            { try cluster.createTable() },
            { try cluster.load("first", SampleRows(100, label: "first", random: cluster.random)) },
            { try cluster.load("second", SampleRows(100, label: "second", random: cluster.random)) },
            { try cluster.attachPolicy() },
            { try cluster.load("third", SampleRows(40, label: "third", random: cluster.random)) },
            { try cluster.pass(.seconds(120)) },
        ]
        for step in steps {
            arm()
            try step()
            calm()
            try cluster.check()
        }
        cluster.disarm()
        try cluster.converge()
        try cluster.waitUntilCold()
        try cluster.converge()
        let rows = try cluster.readThroughFollowers()
        #expect(rows == cluster.acknowledgedRows, "TABLETD_SEED=\(cluster.seed)")
    }

    /// The FE and one BE go down again and again, calls get lost, and the object store refuses now and then.
    @Test(arguments: Seeds.chosen(default: 1...40)) func aClusterUnderConstantTroubleLosesNothing(seed: UInt64) throws {
        let cluster = Seeds.cluster(seed)
        let random = cluster.random
        cluster.restartsWithin = .seconds(15)
        cluster.losesInPart = true
        let victim = cluster.backends[Int(random.next(below: 3))]
        let store = cluster.objects.stores.memoryStore(for: SimulatedCluster.resource)
        let refusals = random.fork("store")
        let (losesCalls, refusesObjects) = (random.oneIn(2), random.oneIn(2))
        func setLinks(_ link: DirectNetwork.Link) {
            for backend in cluster.backends { cluster.network.setLink(from: backend.name, to: nil, link) }
            cluster.network.setLink(from: cluster.frontend.name, to: victim.heartbeatAddress, link)
            cluster.network.setLink(from: cluster.frontend.name, to: victim.agentAddress, link)
        }
        try Self.play(cluster) {
            if losesCalls { setLinks(.lossy(oneIn: 30)) }
            if refusesObjects {
                store.setHook { _ in
                    guard refusals.oneIn(10) else { return }
                    throw ObjectStoreError(.unavailable, operation: "any", key: "-", message: "503", isRetryable: true)
                }
            }
            for process in [victim, cluster.frontend] as [any SimulatedProcess] where random.oneIn(2) {
                process.plan.restart(.crashAfter(Int(random.next(below: 40))))
            }
        } afterEachStep: {
            setLinks(.up)
            store.setHook(nil)
        }
    }
}
