import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import TabletModel
import Testing

/// The log of several FEs refuses appends for a moment, with no doubt about any: nothing is to be settled then, and what could not be
/// written is written all the same once the log takes it.
@Suite struct RefusingLogTests {
    typealias Cluster = SimulatedCluster

    private static func cluster(_ seed: UInt64) throws -> Cluster {
        let cluster = Seeds.cluster(seed) { $0.frontends = 3 }
        try cluster.startAll()
        try cluster.addFrontends()
        try cluster.addBackends()
        return cluster
    }

    private static func begin(_ label: String, _ cluster: Cluster, _ master: Master) throws -> TransactionID {
        let load = try master.beginLoad(BeginLoadRequest(table: Cluster.table, label: label)).transactionID
        let rows = SampleRows(20, label: label, random: cluster.random).bytes()
        try rows.withUnsafeBytes { try master.appendToLoad(load, $0) }
        return try master.finishLoad(load).transactionID
    }

    /// Everything is refused for a while.
    private static func refuse(_ cluster: Cluster) throws {
        cluster.refuseAppends(oneIn: 1)
        try cluster.pass(.seconds(12))
        cluster.refuseAppends(oneIn: nil)
    }

    @Test(arguments: Seeds.chosen(default: 1...4)) func anAbortThatWasRefusedGivesItsLabelBack(seed: UInt64) throws {
        let cluster = try Self.cluster(seed)
        try cluster.createTable(buckets: 2)
        let master = try #require(cluster.frontend.master)
        let load = try master.beginLoad(BeginLoadRequest(table: Cluster.table, label: "again")).transactionID
        cluster.refuseAppends(oneIn: 1)
        _ = try master.abortLoad(load, reason: "changed my mind")
        try cluster.pass(.seconds(3))
        cluster.refuseAppends(oneIn: nil)
        try cluster.pass(.seconds(5))
        #expect(cluster.frontend.master === master, "TABLETD_SEED=\(seed)")
        try cluster.load("again", SampleRows(20, label: "again", random: cluster.random))
        try cluster.check()
        try cluster.settleFrontends()
    }

    @Test(arguments: Seeds.chosen(default: 1...4)) func aLoadWhoseEndWasRefusedBecomesVisible(seed: UInt64) throws {
        let cluster = try Self.cluster(seed)
        try cluster.createTable(buckets: 2)
        let master = try #require(cluster.frontend.master)
        let load = try Self.begin("late", cluster, master)
        try cluster.wait(for: "the commit") { try master.load(load).state == .committed }
        try Self.refuse(cluster)
        try cluster.pass(.seconds(5))
        #expect(try master.load(load).state == .visible, "TABLETD_SEED=\(seed)")
        try cluster.settleFrontends()
    }

    @Test(arguments: Seeds.chosen(default: 1...4)) func aTableThatCouldNotBeDroppedIsGone(seed: UInt64) throws {
        let cluster = try Self.cluster(seed)
        let master = try #require(cluster.frontend.master)
        _ = try master.createDatabase(Cluster.table.database)
        for backend in cluster.backends { cluster.part(cluster.frontend, backend) }
        _ = try master.createTable(
            CreateTableRequest(name: Cluster.table, buckets: 2, replicas: 3, columns: SampleRows.columns))
        // Its backends die meanwhile.
        try Self.refuse(cluster)
        try cluster.pass(.seconds(5))
        #expect(try master.tables(inDatabase: nil).isEmpty, "TABLETD_SEED=\(seed)")
        cluster.mend()
        try cluster.createTable(buckets: 2)
        try cluster.settleFrontends()
    }

    @Test(arguments: Seeds.chosen(default: 1...4)) func aTableWhoseEndWasRefusedIsMade(seed: UInt64) throws {
        let cluster = try Self.cluster(seed)
        let master = try #require(cluster.frontend.master)
        _ = try master.createDatabase(Cluster.table.database)
        _ = try master.createTable(
            CreateTableRequest(name: Cluster.table, buckets: 2, replicas: 3, columns: SampleRows.columns))
        try Self.refuse(cluster)
        try cluster.pass(.seconds(5))
        #expect(try master.table(Cluster.table).state == "normal", "TABLETD_SEED=\(seed)")
        try cluster.settleFrontends()
    }
}
