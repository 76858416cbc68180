import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import TabletModel
import Testing

/// Somebody sets the FE's clock back.
@Suite struct ClockTests {
    /// Ids, epochs, labels and timeouts go on: nothing is given twice, no load ends early or hangs, across a restart too.
    @Test(arguments: Seeds.chosen(default: 1...4))
    func anFEWhoseClockGoesBackAnHourGoesOn(seed: UInt64) throws {
        func rows(_ label: String) -> SampleRows {
            SampleRows(40, label: label, random: SeededRandom(seed: seed).fork(label))
        }
        let cluster = Seeds.cluster(seed)
        try cluster.startAll()
        try cluster.addBackends()
        try cluster.createTable()
        try cluster.load("before", rows("before"))
        let status = try #require(cluster.frontend.master).status()
        let known = try #require(cluster.frontend.master).loads().map(\.transactionID)

        cluster.setClock(of: cluster.frontend, ahead: .seconds(-3600))
        try cluster.load("behind", rows("behind"))
        // Images go on by a clock that does not jump.
        try cluster.pass(.seconds(130))
        #expect(try #require(cluster.frontend.master).status().imageLogID > status.imageLogID)
        cluster.restartsWithin = nil
        cluster.crash(cluster.frontend)
        try cluster.frontend.start()
        try cluster.load("restarted", rows("restarted"))
        cluster.setClock(of: cluster.frontend, ahead: .zero)
        try cluster.load("right", rows("right"))
        try cluster.converge()

        let master = try #require(cluster.frontend.master)
        #expect(try master.status().epoch > status.epoch)
        #expect(try master.metadataStatus().isHeld == false)
        let loads = try master.loads()
        #expect(Set(loads.map(\.transactionID)).count == loads.count)
        #expect(Set(loads.map(\.transactionID)).isSuperset(of: known))
        #expect(loads.allSatisfy { $0.state == .visible })
        #expect(try cluster.readThroughFollowers() == cluster.acknowledgedRows)
    }
}
