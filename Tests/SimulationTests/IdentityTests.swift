import BackendCore
import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import Platform
import StorageEngine
import TabletModel
import Testing

@testable import MasterServices

/// Machines with copied disks, and backends that hear the FE and are not heard.
@Suite struct IdentityTests {
    typealias Cluster = SimulatedCluster

    /// Four registered backends of which the last is down, and a table that cools. Nothing is moved off a dead backend.
    private static func cluster(_ seed: UInt64) throws -> Cluster {
        let cluster = Seeds.cluster(seed) { settings in
            settings.backends = 4
            settings.configureMaster = { $0.repair.deadBackendGrace = .seconds(100_000) }
        }
        cluster.retired = ["be4"]
        try cluster.startAll()
        try cluster.addBackends()
        try cluster.createTable(buckets: 3)
        for number in 0..<2 { try RepairScene.load("first-\(number)", cluster) }
        try cluster.attachPolicy(ttlSeconds: 30)
        try cluster.converge()
        return cluster
    }

    private static func view(_ cluster: Cluster, _ backend: SimulatedBackend) throws -> BackendView {
        let host = backend.heartbeatAddress.host
        return try #require(try RepairScene.master(cluster).backends().first { $0.host == host })
    }

    // found A5
    @Test(arguments: Seeds.chosen(default: 1...6)) func aCopyOfABackendIsNeverTakenForItNorTakenIn(seed: UInt64) throws
    {
        let cluster = try Self.cluster(seed)
        let (original, copy) = (cluster.backends[0], cluster.backends[3])
        if seed % 2 == 0 { try cluster.waitUntilCold() }
        let ids = try RepairScene.tablets(cluster).map { $0.replicas.map(\.id).sorted() }
        cluster.crash(original)
        copy.machine.restore(original.machine.copy())
        try cluster.pass(.seconds(seed % 3 == 0 ? 0 : 12))
        try copy.start()
        try cluster.pass(.seconds(40))
        try RepairScene.load("second", cluster)
        if seed % 3 == 1 {
            cluster.crash(cluster.frontend)
            try cluster.frontend.start()
        }
        try cluster.pass(.seconds(40))
        try original.start()
        try cluster.pass(.seconds(60))
        try RepairScene.load("third", cluster)
        let (known, refused) = (try Self.view(cluster, original), try Self.view(cluster, copy))
        #expect(known.isAlive, "TABLETD_SEED=\(seed)")
        #expect(known.warnings.contains { $0.contains("backend \(refused.id)") }, "TABLETD_SEED=\(seed)")
        #expect(!refused.isAlive && refused.heartbeatError.contains("backend \(known.id)"), "TABLETD_SEED=\(seed)")
        cluster.crash(copy)
        try cluster.waitUntilCold()
        #expect(cluster.objects.puts.allSatisfy { $0.backend != copy.name }, "TABLETD_SEED=\(seed)")
        #expect(cluster.dropTasks == 0, "TABLETD_SEED=\(seed)")
        #expect(try RepairScene.tablets(cluster).map { $0.replicas.map(\.id).sorted() } == ids, "TABLETD_SEED=\(seed)")
        try cluster.check()
    }

    // found A5: of an earlier build, whose data dirs have no uuid when they are copied.
    @Test(arguments: Seeds.chosen(default: 1...4)) func aReplicaIDIsHeldByOneBackend(seed: UInt64) throws {
        let cluster = try Self.cluster(seed)
        let (original, copy) = (cluster.backends[0], cluster.backends[3])
        cluster.crash(original)
        copy.machine.restore(original.machine.copy())
        for number in 1...2 where try copy.machine.fileSystem.exists("/data\(number)/backend_uuid") {
            try copy.machine.fileSystem.remove("/data\(number)/backend_uuid")
            try copy.machine.fileSystem.syncDirectory("/data\(number)")
        }
        try copy.start()
        try cluster.pass(.seconds(150))
        #expect(try Self.view(cluster, copy).isAlive, "TABLETD_SEED=\(seed)")
        try original.start()
        try cluster.pass(.seconds(150))
        let replicas = try RepairScene.tablets(cluster).flatMap(\.replicas)
        #expect(replicas.count == 9 && Set(replicas.map(\.id)).count == 9, "TABLETD_SEED=\(seed)")
        #expect(replicas.allSatisfy { $0.host != copy.heartbeatAddress.host }, "TABLETD_SEED=\(seed)")
    }

    // found C9
    @Test(arguments: Seeds.chosen(default: 1...4)) func aBackendThatIsNotHeardHoldsNobodyUp(seed: UInt64) throws {
        let cluster = try RepairScene.cluster(seed, backends: 4)
        let silent = cluster.backends[Int(cluster.random.next() % 4)]
        let frontend = SimulatedFrontend.rpcAddress
        cluster.network.setLink(from: silent.name, to: frontend, .lostRequest)
        func time(_ label: String) throws -> Duration {
            let start = cluster.scheduler.monotonicNow
            try RepairScene.load(label, cluster)
            return cluster.scheduler.monotonicNow - start
        }
        #expect(try time("early") < .seconds(20), "TABLETD_SEED=\(seed)")
        try cluster.pass(.seconds(75))
        let late = try Self.view(cluster, silent)
        #expect(late.isAlive && late.reportLateMs > 60_000, "TABLETD_SEED=\(seed)")
        #expect(try time("late") < .seconds(2), "TABLETD_SEED=\(seed)")
        // Its replicas are made anew on the others, and go when it is heard again.
        try cluster.wait(for: "three healthy replicas elsewhere") {
            try RepairScene.tablets(cluster).allSatisfy { tablet in
                tablet.replicas.count { $0.isHealthy && $0.host != silent.heartbeatAddress.host } == 3
            }
        }
        cluster.network.setLink(from: silent.name, to: frontend, .up)
        try RepairScene.finish(cluster)
        #expect(try Self.view(cluster, silent).reportLateMs == 0, "TABLETD_SEED=\(seed)")
    }
}
