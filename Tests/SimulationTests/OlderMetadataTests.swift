import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import TabletModel
import Testing

/// An older copy of the FE's metadata is put back: found A3.
@Suite struct OlderMetadataTests {
    private static func rows(_ label: String, _ seed: UInt64) -> SampleRows {
        SampleRows(40, label: label, random: SeededRandom(seed: seed).fork(label))
    }

    /// Loads of the lost time are in no list of this FE, so `converge` would miss them.
    private static func waitUntilHealthy(_ cluster: SimulatedCluster) throws {
        try cluster.wait(for: "every replica to be healthy", limit: .seconds(1200)) {
            guard let master = cluster.frontend.master else { return false }
            return try master.tablets(of: SimulatedCluster.table).allSatisfy { tablet in
                tablet.replicas.count == 3 && tablet.replicas.allSatisfy(\.isHealthy)
            }
        }
    }

    private static func isRefused(_ cluster: SimulatedCluster) throws -> Bool {
        let master = try #require(cluster.frontend.master)
        do {
            _ = try master.beginLoad(BeginLoadRequest(table: SimulatedCluster.table, label: "refused"))
            return false
        } catch let error as MasterError {
            return error.code == .conflict && error.message.contains("older than the backends")
        }
    }

    /// Replicas were cooled by terms that the copy does not know, loads went on, another table was made.
    @Test(arguments: Seeds.chosen(default: 1...4))
    func nothingIsLostAndAdoptingBringsAllBack(seed: UInt64) throws {
        let cluster = Seeds.cluster(seed)
        try cluster.startAll()
        try cluster.addBackends()
        try cluster.createTable()
        try cluster.load("before", Self.rows("before", seed))
        try cluster.attachPolicy()
        let copy = cluster.frontend.machine.copy()
        try cluster.load("one", Self.rows("one", seed))
        try cluster.load("two", Self.rows("two", seed))
        try cluster.waitUntilCold()
        let master = try #require(cluster.frontend.master)
        let later = TableName(database: SimulatedCluster.table.database, table: "later")
        _ = try master.createTable(CreateTableRequest(name: later, buckets: 2, replicas: 3, columns: ["k", "v"]))
        try cluster.wait(for: "the other table") { try master.table(later).state == "normal" }
        try cluster.pass(.seconds(10))
        let (drops, tablets) = (cluster.dropTasks, cluster.tabletCounts)

        try cluster.putBackMetadata(copy)
        try cluster.pass(.seconds(400))
        #expect(try cluster.frontend.master?.metadataStatus().isHeld == true)
        #expect(cluster.dropTasks == drops)
        #expect(cluster.tabletCounts == tablets)
        #expect(try Self.isRefused(cluster))

        try cluster.adoptMetadata()
        try cluster.load("three", Self.rows("three", seed))
        try Self.waitUntilHealthy(cluster)
        #expect(try cluster.readThroughFollowers() == cluster.acknowledgedRows)
        #expect(cluster.tabletCounts == tablets)

        // The other table can't be taken over: its tablets stay until a person gives them up.
        let now = try #require(cluster.frontend.master)
        _ = try now.discardMetadata(MetadataChoice(tabletReplicas: 6))
        try cluster.wait(for: "the other table's tablets to go") {
            cluster.tabletCounts == [4, 4, 4]
        }
        #expect(try cluster.readThroughFollowers() == cluster.acknowledgedRows)
    }

    /// The backends were last heard before the copy was made: what they remember does not tell. Their reports, or the
    /// publish of a version that was given before, do.
    @Test(arguments: Seeds.chosen(default: 1...6))
    func aVersionThatIsGivenTwiceShowsNobodyElsesRows(seed: UInt64) throws {
        let cluster = Seeds.cluster(seed)
        try cluster.startAll()
        try cluster.addBackends()
        try cluster.createTable()
        try cluster.load("before", Self.rows("before", seed))
        try cluster.converge()
        let master = try #require(cluster.frontend.master)
        let beats = try master.backends().map(\.lastHeartbeatMs)
        try cluster.wait(for: "a heartbeat of every backend") {
            try zip(master.backends().map(\.lastHeartbeatMs), beats).allSatisfy { $0 > $1 }
        }
        let copy = cluster.frontend.machine.copy()
        try cluster.load("lost", Self.rows("lost", seed))
        try cluster.putBackMetadata(copy)
        try cluster.wait(for: "the backends") {
            try cluster.frontend.master?.backends().allSatisfy(\.isAlive) == true
        }
        let again = try #require(cluster.frontend.master)
        // A person loads at once, if the FE lets them.
        var load: TransactionID?
        do {
            let begun = try again.beginLoad(BeginLoadRequest(table: SimulatedCluster.table, label: "new"))
            let rows = Self.rows("new", seed)
            try rows.bytes().withUnsafeBytes { try again.appendToLoad(begun.transactionID, $0) }
            load = try again.finishLoad(begun.transactionID).transactionID
        } catch let error as MasterError {
            #expect(error.message.contains("older than the backends"))
        }
        try cluster.wait(for: "the table to be held") {
            let status = try again.metadataStatus()
            return status.isHeld || !status.tables.isEmpty
        }
        try cluster.pass(.seconds(100))
        if let load { #expect(try again.load(load).state != .visible) }
        let isHeld = try again.metadataStatus().isHeld
        try cluster.adoptMetadata(table: isHeld ? nil : SimulatedCluster.table)
        try cluster.load("new", Self.rows("new", seed))
        try cluster.load("last", Self.rows("last", seed))
        try Self.waitUntilHealthy(cluster)
        #expect(try cluster.readThroughFollowers() == cluster.acknowledgedRows)
    }
}
