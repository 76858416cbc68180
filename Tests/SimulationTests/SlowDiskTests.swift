import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import TabletModel
import Testing

@testable import StorageEngine

/// The disk of a living backend takes seconds for what others do at once. Slow is not broken: it holds nobody up for long,
/// and nothing is given up for it.
@Suite struct SlowDiskTests {
    typealias Cluster = SimulatedCluster

    @Test(arguments: Seeds.chosen(default: 1...6)) func aSlowDiskKeepsItsReplicasAndCools(seed: UInt64) throws {
        let cluster = try RepairScene.cluster(seed, backends: 4)
        let victim = try #require(cluster.backends.first { !($0.engine?.allTablets ?? []).isEmpty })
        let lives = victim.incarnation
        try cluster.attachPolicy(ttlSeconds: 30)
        cluster.trouble(victim, .slow)
        for number in 0..<3 {
            try RepairScene.load("slow-\(number)", cluster)
            try cluster.pass(.seconds(20))
        }
        try cluster.waitUntilCold()
        #expect(cluster.dropTasks == 0 && victim.incarnation == lives, "TABLETD_SEED=\(seed)")
        cluster.calmDisk(of: victim)
        try RepairScene.finish(cluster)
    }
}
