import Checksums
import ClusterSimulation
import HTTPAPI
import MasterCore
import TabletModel
import Testing

/// The demo's scenario, whole, in one process and one thread.
@Suite struct DemoTests {
    /// Three BEs, one FE: create, load, publish, cool, read through followers, restart everything, read again.
    static func play(seed: UInt64) throws -> SimulatedCluster {
        let cluster = Seeds.cluster(seed)
        try cluster.startAll()
        try cluster.addBackends()
        try cluster.createTable()
        try cluster.check()
        for number in 1...3 {
            try cluster.load("day-\(number)", SampleRows(200, label: "day-\(number)", random: cluster.random))
            try cluster.check()
        }
        try cluster.converge()
        try cluster.attachPolicy()
        try cluster.waitUntilCold()
        try cluster.converge()
        try expectAllRows(cluster)
        for process in cluster.processes { cluster.crash(process) }
        try cluster.startAll()
        try cluster.converge()
        try cluster.waitUntilCold()
        try expectAllRows(cluster)
        return cluster
    }

    static func expectAllRows(_ cluster: SimulatedCluster) throws {
        let rows = try cluster.readThroughFollowers()
        #expect(rows == cluster.acknowledgedRows, "TABLETD_SEED=\(cluster.seed)")
        #expect(rows.rowCount == 600, "TABLETD_SEED=\(cluster.seed)")
    }

    @Test(arguments: Seeds.chosen(default: 1...6)) func everyReplicaIsColdAndEveryRowIsReadBack(seed: UInt64) throws {
        let cluster = try Self.play(seed: seed)
        let master = try #require(cluster.frontend.master)
        let table = try master.table(SimulatedCluster.table)
        #expect(table.coldReplicaCount == 12 && table.localBytes == 0)
        let tablets = try master.tablets(of: SimulatedCluster.table)
        #expect(tablets.allSatisfy { $0.cooldownTerm == 1 })
    }
}
