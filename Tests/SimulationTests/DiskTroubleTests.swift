import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import StorageEngine
import TabletModel
import Testing

/// The disk of a living backend is full, read-only, failing, away, or its process short of descriptors. // found A8, D8
@Suite struct DiskTroubleTests {
    typealias Cluster = SimulatedCluster

    private func scene(_ seed: UInt64) throws -> Cluster {
        let cluster = try RepairScene.cluster(seed, backends: 4) { settings in
            // What the disk itself says is asked here, and not how much is left on it.
            settings.engine.floodStageUsagePercent = 100
            settings.engine.floodStageLeftBytes = 0
        }
        // The fourth holds what the others don't: a place for clones.
        return cluster
    }

    /// Whatever stands on it is as good as it was: nothing is cloned, dropped or given up for it, and all of it is read.
    @Test(arguments: Seeds.chosen(default: 1...4), [Cluster.DiskFault.full, .readOnly, .exhausted])
    func aDiskThatTakesNoWritesKeepsItsReplicas(seed: UInt64, fault: Cluster.DiskFault) throws {
        let cluster = try scene(seed)
        let victim = try #require(cluster.backends.first { !($0.engine?.allTablets ?? []).isEmpty })
        let before = try RepairScene.tablets(cluster)
        let (drops, clones) = (cluster.dropTasks, cluster.cloneTasks)
        cluster.trouble(victim, fault)
        try cluster.pass(.seconds(900))
        #expect(cluster.dropTasks == drops && cluster.cloneTasks == clones)
        let during = try RepairScene.tablets(cluster)
        #expect(during.map { $0.replicas.map(\.id) } == before.map { $0.replicas.map(\.id) })
        #expect(during.allSatisfy { $0.replicas.allSatisfy(\.isHealthy) })
        if fault != .exhausted {
            let disk = try #require(
                try RepairScene.master(cluster).backends().first { $0.host == victim.heartbeatAddress.host }?.disks
                    .first)
            #expect(disk.isOnline && disk.state == (fault == .full ? "full" : "read-only") && !disk.stateReason.isEmpty)
            try cluster.expectEveryReplicaWhole()
        }
        cluster.calmDisk(of: victim)
        try RepairScene.finish(cluster)
        #expect(cluster.dropTasks == drops && cluster.cloneTasks == clones)
    }

    /// A load goes on by majority, and nothing is lost when there is room again.
    @Test(arguments: Seeds.chosen(default: 1...4), [Cluster.DiskFault.full, .readOnly])
    func loadsGoOnBesideADiskThatTakesNone(seed: UInt64, fault: Cluster.DiskFault) throws {
        let cluster = try scene(seed)
        let victim = cluster.backends[Int(seed % 4)]
        // What is behind there is made anew elsewhere, as a fourth replica: a majority of those that are wanted counts.
        cluster.readableReplicas = 2
        cluster.trouble(victim, fault)
        try cluster.pass(.seconds(20))
        for number in 0..<3 { try RepairScene.load("beside-\(number)", cluster) }
        try cluster.pass(.seconds(120))
        cluster.calmDisk(of: victim)
        try cluster.heal()
        cluster.readableReplicas = nil
        try RepairScene.finish(cluster)
    }

    /// Its replicas are made anew elsewhere; when it is back, nothing is there twice and nothing is lost.
    @Test(arguments: Seeds.chosen(default: 1...4), [Cluster.DiskFault.failed, .away])
    func replicasOfAFailedDiskAreMadeAnewAndItsBackendLives(seed: UInt64, fault: Cluster.DiskFault) throws {
        let cluster = try scene(seed)
        let victim = try #require(cluster.backends.first { !($0.engine?.allTablets ?? []).isEmpty })
        let lives = victim.incarnation
        cluster.readableReplicas = 1
        cluster.trouble(victim, fault)
        try cluster.wait(for: "replicas away from the bad disk", limit: .seconds(3600)) {
            try RepairScene.tablets(cluster).allSatisfy { tablet in
                tablet.replicas.count { $0.isHealthy && $0.host != victim.heartbeatAddress.host } >= 3
            }
        }
        try RepairScene.load("beside", cluster)
        #expect(victim.isRunning && victim.incarnation == lives)
        cluster.calmDisk(of: victim)
        cluster.readableReplicas = nil
        try RepairScene.finish(cluster)
        #expect(victim.incarnation == lives)
    }
}
