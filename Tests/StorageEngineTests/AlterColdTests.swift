import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

/// A base whose rows are in the object store.
@Suite struct AlterColdTests {
    private static func request(_ id: TabletID, base: TabletID?) -> CreateTabletRequest {
        var request = CreateTabletRequest.sample(id, replica: 101, policy: "hot10")
        request.schema =
            base == nil ? AlterFixture.schema(7, AlterFixture.base) : AlterFixture.changed
        request.baseTabletID = base
        return request
    }

    /// Tablet 1 with a cold version 2 and a local version 3, and tablet 2 to be filled from it.
    private static func cluster() throws -> ColdCluster {
        let cluster = try ColdCluster(nodes: 1)
        let node = cluster.nodes[0]
        _ = try node.cooldown.policies.apply([ColdCluster.policy])
        _ = try node.engine.createTablet(request(1, base: nil))
        try cluster.load(AlterFixture.rows(2, 12))
        try cluster.push(cluster.conf(0, term: 1))
        try cluster.settle()
        #expect(node.tablet.rowsets.allSatisfy { $0.meta.isRemote })
        try cluster.load(AlterFixture.rows(3, 5))
        _ = try node.engine.createTablet(request(2, base: 1))
        return cluster
    }

    private static let rows = AlterFixture.altered(AlterFixture.rows(2, 12) + AlterFixture.rows(3, 5))

    @Test func coldRowsAreTaken() throws {
        let cluster = try Self.cluster()
        let node = cluster.nodes[0]
        let objects = cluster.store.keys
        _ = try node.engine.alter(AlterFixture.alter(3))
        #expect(try readRows(node.engine, 2) == Self.rows)
        #expect(cluster.store.keys == objects)
        // It cools anew, under its own name.
        let conf = CooldownConf(tabletID: 2, cooldownReplicaID: 101, term: 1)
        #expect(try node.cooldown.apply(conf) == .applied)
        try cluster.settle()
        #expect(try node.engine.tablet(2).rowsets.allSatisfy { $0.meta.isRemote })
        #expect(cluster.store.keys.contains { $0.hasPrefix("data/2/") })
        // The old one goes with its objects, and nothing of the new one does.
        try node.engine.dropTablet(DropTabletRequest(tabletID: 1, isDropTableOrPartition: true))
        node.cooldown.sweepRemoteGarbage()
        #expect(cluster.store.keys.allSatisfy { $0.hasPrefix("data/2/") })
        #expect(try readRows(node.engine, 2) == Self.rows)
    }

    @Test func oneThatIsNotReadyDoesNotCool() throws {
        let cluster = try Self.cluster()
        let node = cluster.nodes[0]
        #expect(try node.cooldown.apply(CooldownConf(tabletID: 2, cooldownReplicaID: 101, term: 1)) == .applied)
        try cluster.settle()
        #expect(cluster.store.keys.allSatisfy { !$0.hasPrefix("data/2/") })
        #expect(try node.engine.tablet(2).header.state == .notReady)
    }

    @Test func aStoreThatCanNotBeReadEndsItAndLeavesNothing() throws {
        let cluster = try Self.cluster()
        let node = cluster.nodes[0]
        let files = node.segmentFiles
        for key in cluster.store.keys where key.hasSuffix(".dat") { try cluster.store.delete([key]) }
        #expect(throws: (any Error).self) { try node.engine.alter(AlterFixture.alter(3)) }
        #expect(try node.engine.tablet(2).header.state == .notReady)
        #expect(node.segmentFiles == files)
    }
}
