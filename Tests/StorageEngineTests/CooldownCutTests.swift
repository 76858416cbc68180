import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

/// Followers whose rowsets end elsewhere than the remote prefix.
@Suite("A remote prefix that ends inside a follower's rowset")
struct CooldownCutTests {
    private let rows = sampleRows(30)
    private let more = sampleRows(25, "more")

    /// The first node has cooled versions 0 to 4 of five; the second has merged all five.
    private func cluster(tail: [String]) throws -> ColdCluster {
        let cluster = try ColdCluster(
            nodes: 2, loads: [Array(rows[..<10]), Array(rows[10..<20]), Array(rows[20...])])
        try cluster.push(cluster.conf(0, term: 1))
        try cluster.time.advance(by: .seconds(20))
        _ = try cluster.nodes[0].cooldown.runOnce(1)
        try cluster.load(tail)
        try cluster.mergeAll(cluster.nodes[1])
        #expect(cluster.nodes[1].tablet.rowsets.map(\.meta.versions) == [VersionRange(0, 5)])
        return cluster
    }

    // found B1
    @Test("is followed; the rows beyond it become a rowset of their own")
    func cut() throws {
        let cluster = try cluster(tail: more)
        let follower = cluster.nodes[1]
        #expect(try follower.cooldown.runOnce(1) == .followed(rowsets: 4))
        #expect(follower.tablet.rowsets.map(\.meta.versions) == cluster.nodes[0].tablet.rowsets.map(\.meta.versions))
        #expect(follower.tablet.rowsets.map(\.meta.isRemote) == [true, true, true, true, false])
        #expect(follower.tablet.rowsets.last?.meta.rowCount == Int64(more.count))
        try cluster.checkAlways(rows: rows + more)
        // The merged rowset had no boundary there, the remote prefix has.
        #expect(try readRows(follower.engine, 1, version: 3) == Array(rows[..<20]))
        try follower.crashAndRestart()
        try cluster.checkAlways(rows: rows + more)
        try cluster.settle()
        try cluster.checkAlways(rows: rows + more)
        try cluster.checkCold()
    }

    // found B2
    @Test("with nothing but empty versions beyond it is followed without another load")
    func cutBeforeEmptyVersions() throws {
        let cluster = try cluster(tail: [])
        try cluster.settle()
        try cluster.checkAlways(rows: rows)
        for node in cluster.nodes {
            #expect(node.tablet.rowsets.map(\.meta.isRemote) == [true, true, true, true, false])
            #expect(node.segmentFiles == [])
            #expect(node.cooldown.wait(of: 1) == nil)
        }
        #expect(cluster.nodes[0].tablet.header.cooldownMetaID == cluster.nodes[1].tablet.header.cooldownMetaID)
    }

    @Test("is waited for where much would be written anew; then the rowset is cut")
    func patience() throws {
        let cluster = try cluster(tail: more)
        let follower = cluster.nodes[1]
        var settings = CooldownSettings()
        settings.smallTailBytes = 10
        let cooldown = CooldownService(engine: follower.engine, stores: cluster.objects, settings: settings)
        try cluster.time.advance(by: .seconds(20))
        let since = cluster.time.wallNow
        let until = since + .seconds(300)
        let reason = CooldownWait.Reason.insideRowset(VersionRange(0, 5), remoteEnd: 4, until: until)
        #expect(try cooldown.runOnce(1) == .waiting(reason))
        try cluster.time.advance(by: .seconds(299))
        #expect(try cooldown.runOnce(1) == .waiting(reason))
        #expect(cooldown.wait(of: 1) == CooldownWait(tabletID: 1, reason: reason, since: since, runs: 2))
        #expect(follower.tablet.rowsets.count == 1)
        try cluster.time.advance(by: .seconds(1))
        #expect(try cooldown.runOnce(1) == .followed(rowsets: 4))
        try cluster.checkAlways(rows: rows + more)
    }

    @Test("is not followed by a replica with other rows, and nothing of it is lost")
    func otherRows() throws {
        let cluster = try ColdCluster(nodes: 2, loads: [Array(rows[..<10])])
        let follower = cluster.nodes[1]
        try cluster.nodes[0].load(Array(rows[10..<20]), version: 3, transaction: 9)
        try follower.load(Array(rows[10...]), version: 3, transaction: 9)
        try cluster.push(cluster.conf(0, term: 1))
        try cluster.time.advance(by: .seconds(20))
        _ = try cluster.nodes[0].cooldown.runOnce(1)
        #expect {
            try follower.cooldown.runOnce(1)
        } throws: {
            $0 as? CooldownError == .differs(1, upTo: 3, rows: 30, through: 3, remoteRows: 20)
        }
        #expect(try readRows(follower.engine, 1) == rows)
        let wait = try #require(follower.cooldown.wait(of: 1))
        #expect(wait.reason.kind == .failed && wait.reason.description.contains("hold different rows"))
    }
}
