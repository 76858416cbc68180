import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import TabletModel
import Testing

@testable import MasterServices

/// Replicas that missed a version while their backend was away.
@Suite struct MissedVersionTests {
    /// What is missing stays missing.
    private static var withoutRepair: SimulationSettings {
        var settings = SimulationSettings()
        settings.configureMaster = { $0.repair.isDisabled = true }
        return settings
    }

    private static func rows(_ label: String) -> SampleRows {
        SampleRows(40, label: label, random: SeededRandom(seed: 1).fork(label))
    }

    /// The load goes through while the backend is down and known to be.
    private static func load(_ label: String, without backend: SimulatedBackend, _ cluster: SimulatedCluster) throws {
        cluster.crash(backend)
        try cluster.pass(.seconds(12))
        try cluster.load(label, rows(label))
        try backend.start()
        try cluster.pass(.seconds(120))
    }

    /// Its publish would wait on the replica that lacks the version before, for ever, and every later load behind it.
    @Test func aLoadThatOnlyReplicasWithAHoleCouldCompleteIsAbortedAndBlocksNothing() throws {
        let cluster = SimulatedCluster(seed: 1, settings: Self.withoutRepair)
        try cluster.startAll()
        try cluster.addBackends()
        try cluster.createTable()
        try cluster.converge()
        let (first, second) = (cluster.backends[0], cluster.backends[1])
        try Self.load("one", without: first, cluster)

        cluster.crash(second)
        try cluster.pass(.seconds(12))
        let master = try #require(cluster.frontend.master)
        let load = try master.beginLoad(BeginLoadRequest(table: SimulatedCluster.table, label: "two"))
        let rows = Self.rows("two")
        try rows.bytes().withUnsafeBytes { try master.appendToLoad(load.transactionID, $0) }
        _ = try master.finishLoad(load.transactionID)
        try cluster.wait(for: "the load to end") { try master.load(load.transactionID).endedMs > 0 }
        let ended = try master.load(load.transactionID)
        #expect(ended.state == .aborted)
        #expect(ended.message.contains("lacks an earlier version"), "\(ended.message)")

        try second.start()
        try cluster.pass(.seconds(12))
        try cluster.load("two", rows)
        try cluster.load("three", Self.rows("three"))
        try cluster.converge()
        #expect(try cluster.readThroughFollowers() == cluster.acknowledgedRows)
    }

    /// The others go cold; the one with a hole keeps what it has and is told apart.
    @Test func aReplicaWithAHoleHoldsUpNoCooldown() throws {
        let cluster = SimulatedCluster(seed: 2, settings: Self.withoutRepair)
        try cluster.startAll()
        try cluster.addBackends()
        try cluster.createTable()
        try cluster.load("before", Self.rows("before"))
        try cluster.converge()
        try Self.load("one", without: cluster.backends[0], cluster)
        try cluster.load("two", Self.rows("two"))
        try cluster.attachPolicy()
        try cluster.waitUntilCold()
        try cluster.converge()
        let master = try #require(cluster.frontend.master)
        let replicas = try master.tablets(of: SimulatedCluster.table).flatMap(\.replicas)
        #expect(replicas.count(where: \.isCold) == 8)
        #expect(
            replicas.filter { !$0.isCold }.allSatisfy { $0.host == "10.0.0.1" && !$0.isHealthy && !$0.reason.isEmpty })
        #expect(try cluster.readThroughFollowers() == cluster.acknowledgedRows)
    }
}
