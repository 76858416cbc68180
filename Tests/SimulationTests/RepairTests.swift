import BackendCore
import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import StorageEngine
import TabletModel
import Testing

/// Replicas that lose something are brought back from others, while loads go on.
@Suite struct RepairTests {
    typealias Cluster = SimulatedCluster

    @Test(arguments: Seeds.chosen(default: 1...4)) func aBackendThatWasAwayIsClonedInPlaceWhileLoadsGoOn(seed: UInt64)
        throws
    {
        let cluster = try RepairScene.cluster(seed)
        let victim = cluster.backends[Int(cluster.random.next() % 3)]
        cluster.crash(victim)
        try cluster.pass(.seconds(12))
        for number in 0..<3 { try RepairScene.load("away-\(number)", cluster) }
        try victim.start()
        for number in 0..<3 {
            try RepairScene.load("back-\(number)", cluster)
            try cluster.pass(.seconds(4))
        }
        try RepairScene.finish(cluster)
        #expect(cluster.cloneTasks > 0, "TABLETD_SEED=\(seed)")
        #expect(cluster.dropTasks == 0, "TABLETD_SEED=\(seed)")
    }

    /// A hole has exactly the versions of the lost rowset, and nothing but that rowset is fetched.
    @Test(arguments: Seeds.chosen(default: 1...4)) func aDeletedRowsetIsFetchedAloneAgain(seed: UInt64) throws {
        let cluster = try RepairScene.cluster(seed, loads: 5) { $0.backend.compactsByItself = false }
        let victim = cluster.backends[1]
        let tablet = try #require(try RepairScene.tablets(cluster).first).id
        let lost = try #require(try cluster.deleteRowset(holding: 4, of: tablet, on: victim))
        try victim.start()
        let held = try #require(victim.engine?.allTablets.first { $0.id == tablet })
        #expect(!held.snapshot.isComplete && held.snapshot.maxContinuousVersion == 3, "TABLETD_SEED=\(seed)")
        try cluster.wait(for: "the gap in the FE") {
            try cluster.frontend.master?.tablet(tablet).replicas.contains { !$0.isHealthy && $0.host == "10.0.0.2" }
                ?? false
        }
        try RepairScene.finish(cluster)
        let sent = cluster.sentFiles.filter(\.isSegment)
        #expect(
            sent.count == lost.files && sent.allSatisfy { $0.isWhole && $0.destination == victim.name },
            "TABLETD_SEED=\(seed)")
        #expect(sent.reduce(0) { $0 + $1.bytes } == lost.bytes, "TABLETD_SEED=\(seed)")
        #expect(lost.versions == VersionRange(4, 4), "TABLETD_SEED=\(seed)")
    }

    /// A compaction's output is lost while its inputs are still there as stale rowsets: nothing is fetched.
    @Test(arguments: Seeds.chosen(default: 1...2)) func aLostCompactionFallsBackToItsInputs(seed: UInt64) throws {
        let cluster = try RepairScene.cluster(seed, loads: 6)
        let victim = cluster.backends[1]
        let tablet = try #require(try RepairScene.tablets(cluster).first).id
        try cluster.wait(for: "a compaction") {
            victim.engine?.allTablets.first { $0.id == tablet }.map { $0.rowsets.count < 4 } ?? false
        }
        let lost = try #require(try cluster.deleteRowset(holding: 4, of: tablet, on: victim))
        #expect(lost.versions.count > 1, "TABLETD_SEED=\(seed)")
        try victim.start()
        try RepairScene.finish(cluster)
        #expect(cluster.cloneTasks == 0, "TABLETD_SEED=\(seed)")
    }

    /// Its replicas end lower than the FE believes: nobody may go on reading there.
    @Test(arguments: Seeds.chosen(default: 1...4)) func aBackendWithAnOldDiskCatchesUp(seed: UInt64) throws {
        let cluster = try RepairScene.cluster(seed, loads: 2)
        let victim = cluster.backends[2]
        let old = victim.machine.copy()
        for number in 0..<3 { try RepairScene.load("later-\(number)", cluster) }
        try cluster.converge()
        cluster.restoreDisk(of: victim, old)
        if seed % 2 == 0 { try cluster.pass(.seconds(15)) }
        try victim.start()
        try cluster.pass(.seconds(seed % 3 == 0 ? 0 : 5))
        try RepairScene.load("after", cluster)
        try RepairScene.finish(cluster)
        #expect(cluster.dropTasks == 0, "TABLETD_SEED=\(seed)")
    }

    /// Dead for longer than the grace: others take its replicas over, and when it returns there is one too many of each.
    @Test(arguments: Seeds.chosen(default: 1...4)) func aDeadBackendIsReplacedAndItsReplicasAreSurplusWhenItReturns(
        seed: UInt64
    ) throws {
        let cluster = try RepairScene.cluster(seed, backends: 4, buckets: 4)
        let victim = cluster.backends[Int(cluster.random.next() % 4)]
        let had = victim.engine?.tabletCount ?? 0
        cluster.crash(victim)
        try cluster.pass(.seconds(40))
        #expect(cluster.cloneTasks == 0, "TABLETD_SEED=\(seed): it was within its grace")
        try RepairScene.load("without", cluster)
        cluster.retired = [victim.name]
        try cluster.heal()
        #expect(
            try RepairScene.tablets(cluster).allSatisfy {
                !$0.replicas.contains { $0.host == victim.heartbeatAddress.host }
            })
        #expect(had == 0 || cluster.cloneTasks > 0, "TABLETD_SEED=\(seed)")
        if seed % 2 == 0 { try RepairScene.load("before", cluster) }
        cluster.retired = []
        try victim.start()
        try RepairScene.finish(cluster)
        try cluster.wait(for: "the surplus to go") { victim.engine?.tabletCount == 0 || cluster.dropTasks > 0 }
    }

    @Test(arguments: Seeds.chosen(default: 1...4)) func twoOfThreeEmptiedDisksAreFilledFromTheLast(seed: UInt64) throws
    {
        let cluster = try RepairScene.cluster(seed)
        cluster.readableReplicas = 1
        let last = Int(cluster.random.next() % 3)
        let victims = cluster.backends.indices.filter { $0 != last }.map { cluster.backends[$0] }
        for victim in victims { cluster.emptyDisk(of: victim) }
        if seed % 2 == 0 { try cluster.pass(.seconds(15)) }
        for victim in victims { try victim.start() }
        try cluster.heal()
        cluster.readableReplicas = nil
        try RepairScene.load("after", cluster)
        try RepairScene.finish(cluster)
    }

    /// No replica can be read, and together they hold everything.
    @Test(arguments: Seeds.chosen(default: 1...6)) func replicasWithDifferentGapsAreMadeWholeOfOneAnother(seed: UInt64)
        throws
    {
        let cluster = try RepairScene.cluster(seed, loads: 6) { $0.backend.compactsByItself = false }
        cluster.readableReplicas = 0
        for tablet in try RepairScene.tablets(cluster) {
            for (place, backend) in cluster.backends.enumerated() {
                let version = Version(Int64(3 + 2 * place) - (seed % 2 == 0 ? 1 : 0))
                #expect(try cluster.deleteRowset(holding: version, of: tablet.id, on: backend) != nil || version == 1)
                if !backend.isRunning { try backend.start() }
            }
        }
        try cluster.heal()
        cluster.readableReplicas = nil
        try RepairScene.load("after", cluster)
        try RepairScene.finish(cluster)
    }

    /// One is lost for good on every replica: it stays visible that it is, and nothing else is touched.
    @Test func whatNoReplicaHoldsAnyMoreIsReportedAndNothingIsDropped() throws {
        let cluster = try RepairScene.cluster(7)
        cluster.readableReplicas = 0
        let tablet = try #require(try RepairScene.tablets(cluster).first).id
        for backend in cluster.backends {
            #expect(try cluster.deleteRowset(holding: 3, of: tablet, on: backend) != nil)
        }
        try cluster.startAll()
        try cluster.pass(.seconds(600))
        let master = try RepairScene.master(cluster)
        let view = try master.tablet(tablet)
        #expect(view.replicas.count == 3 && view.replicas.allSatisfy { !$0.isHealthy && !$0.reason.isEmpty })
        #expect(cluster.dropTasks == 0)
        let unhealthy = try master.unhealthyReplicas(of: Cluster.table, limit: 10)
        #expect(
            unhealthy.count == 3 && unhealthy.allSatisfy { $0.tabletID == tablet && !($0.repair + $0.note).isEmpty })
        #expect(try RepairScene.tablets(cluster).filter { $0.id != tablet }.flatMap(\.replicas).allSatisfy(\.isHealthy))
    }

    @Test(arguments: Seeds.chosen(default: 1...4)) func aDecommissionedBackendIsDrainedAndForgotten(seed: UInt64) throws
    {
        let cluster = try RepairScene.cluster(seed, backends: 4, buckets: 4)
        let victim = cluster.backends[Int(cluster.random.next() % 4)]
        let master = try RepairScene.master(cluster)
        _ = try master.setDecommissioned(victim.heartbeatAddress, true)
        try RepairScene.load("draining", cluster)
        try cluster.wait(for: "the drain") { try master.backends().count == 3 }
        cluster.retired = [victim.name]
        try RepairScene.finish(cluster)
        #expect(
            try RepairScene.tablets(cluster).flatMap(\.replicas).allSatisfy { $0.host != victim.heartbeatAddress.host })
        #expect(victim.engine?.tabletCount == 0, "TABLETD_SEED=\(seed)")
    }

    @Test(arguments: Seeds.chosen(default: 1...4)) func aDecommissionThatIsTakenBackLeavesThreeReplicasOfEach(
        seed: UInt64
    ) throws {
        let cluster = try RepairScene.cluster(seed, backends: 4, buckets: 6)
        let victim = cluster.backends[Int(cluster.random.next() % 4)]
        let master = try RepairScene.master(cluster)
        _ = try master.setDecommissioned(victim.heartbeatAddress, true)
        try cluster.wait(for: "the drain to begin") { cluster.cloneTasks > 0 }
        _ = try master.setDecommissioned(victim.heartbeatAddress, false)
        try RepairScene.load("afterwards", cluster)
        try RepairScene.finish(cluster)
        #expect(try master.backends().count == 4)
    }
}
