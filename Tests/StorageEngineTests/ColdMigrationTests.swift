import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

/// Tablets that cool, and move between the data dirs of their backends meanwhile.
@Suite struct ColdMigrationTests {
    private func move(_ node: ColdNode) throws {
        let here = node.tablet.dataDir
        let target = try #require(node.engine.dataDirs.first { $0 !== here })
        _ = try MigrationService(engine: node.engine).migrate(
            MigrateRequest(tabletID: 1, schemaHash: 7, dataDir: target.path))
        #expect(node.tablet.dataDir === target)
    }

    /// Conf, meta id and remote rowsets go along: the uploader uploads on, followers follow on, and nobody uploads anew.
    @Test func uploaderAndFollowersGoOnInTheirNewDirs() throws {
        var rows = sampleRows(8, "a")
        let cluster = try ColdCluster(dirs: ["/be/d1", "/be/d2"], loads: [rows])
        try cluster.push(cluster.conf(0, term: 1))
        try cluster.settle()
        try cluster.checkCold()
        let metaID = cluster.nodes[0].tablet.header.cooldownMetaID
        for node in cluster.nodes {
            let before = node.tablet.header
            try move(node)
            let after = node.tablet.header
            #expect(after.cooldownMetaID == metaID && after.cooldownTerm == 1)
            #expect(after.cooldownReplicaID == before.cooldownReplicaID)
            try cluster.checkAlways(rows: rows)
        }
        // Nothing local is left to copy, and nothing was uploaded for it.
        try cluster.checkCold()
        for (number, node) in cluster.nodes.enumerated() {
            let more = sampleRows(5, "b\(number)")
            try cluster.load(more)
            rows += more
            try move(node)
            try cluster.checkAlways(rows: rows)
            try cluster.settle()
            try cluster.checkAlways(rows: rows)
        }
        try cluster.checkCold()
        for node in cluster.nodes {
            try node.engine.sweepTrash(all: true)
            try node.crashAndRestart()
        }
        try cluster.checkAlways(rows: rows)
        try cluster.checkCold()
        // The dirs count what is remote where the tablet is.
        for node in cluster.nodes {
            for dir in node.engine.dataDirs {
                #expect((dir.report.remoteUsedBytes > 0) == (dir === node.tablet.dataDir))
            }
        }
    }

    /// A conf that comes while the tablet moves is kept, or was refused to the FE, which sends it again.
    @Test func aConfBesideAMoveIsNotLost() throws {
        let cluster = try ColdCluster(nodes: 1, dirs: ["/be/d1", "/be/d2"], loads: [sampleRows(8, "a")])
        let node = cluster.nodes[0]
        for term in 1...4 as ClosedRange<Int64> {
            #expect(try node.cooldown.apply(cluster.conf(0, term: term)) == .applied)
            try move(node)
            #expect(node.tablet.header.cooldownTerm == term)
        }
        try node.crashAndRestart()
        #expect(node.tablet.header.cooldownTerm == 4)
    }
}
