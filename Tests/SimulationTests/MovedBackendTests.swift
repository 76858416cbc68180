import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import TabletModel
import Testing

/// Backends whose address changes (`move-backend`), cold ones too.
@Suite struct MovedBackendTests {
    typealias Cluster = SimulatedCluster

    private static func cluster(_ seed: UInt64) throws -> Cluster {
        let cluster = try RepairScene.cluster(seed, loads: 2)
        try cluster.attachPolicy(ttlSeconds: 30)
        if seed % 2 == 0 { try cluster.waitUntilCold() }
        return cluster
    }

    /// It is the same backend with the same replicas; what it uploads goes on under the same term.
    private static func finish(_ cluster: Cluster, _ replicas: [[ReplicaID]]) throws {
        try RepairScene.load("after", cluster)
        try cluster.heal()
        try cluster.waitUntilCold()
        try RepairScene.finish(cluster)
        #expect(cluster.cloneTasks == 0 && cluster.dropTasks == 0, "TABLETD_SEED=\(cluster.seed)")
        let tablets = try RepairScene.tablets(cluster)
        #expect(tablets.map { $0.replicas.map(\.id) } == replicas, "TABLETD_SEED=\(cluster.seed)")
        #expect(tablets.allSatisfy { $0.cooldownTerm == 1 }, "TABLETD_SEED=\(cluster.seed)")
    }

    @Test(arguments: Seeds.chosen(default: 1...4)) func aBackendAtAnotherAddressGoesOnWithItsReplicas(seed: UInt64)
        throws
    {
        let cluster = try Self.cluster(seed)
        let replicas = try RepairScene.tablets(cluster).map { $0.replicas.map(\.id) }
        let backend = cluster.backends[Int(cluster.random.next() % 3)]
        try cluster.move(backend, to: "10.0.7.7")
        if seed % 3 == 0 {
            cluster.crash(cluster.frontend)
            try cluster.frontend.start()
        }
        let views = try RepairScene.master(cluster).backends()
        #expect(views.count == 3 && views.contains { $0.host == "10.0.7.7" }, "TABLETD_SEED=\(seed)")
        try Self.finish(cluster, replicas)
    }

    @Test(arguments: Seeds.chosen(default: 1...4)) func twoBackendsChangeAddresses(seed: UInt64) throws {
        let cluster = try Self.cluster(seed)
        let replicas = try RepairScene.tablets(cluster).map { $0.replicas.map(\.id) }
        try cluster.swapAddresses(cluster.backends[0], cluster.backends[2])
        try Self.finish(cluster, replicas)
    }
}
