import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

/// Policies and resources as an FE of 2026 pushes them: by id, with versions that rise.
@Suite struct PushedRulesTests {
    private func s3(_ bucket: String, secret: String = "s") -> S3Resource {
        S3Resource(endpoint: "http://s3:9000", accessKey: "k", secretKey: secret, bucket: bucket)
    }

    private func rules(
        _ policy: (id: Int64, version: Int64, ttl: Int64), at resource: (id: Int64, version: Int64),
        secret: String = "s",
        bucket: String = "a"
    ) -> PushedRules {
        PushedRules(
            policies: [
                PushedPolicy(
                    id: policy.id, name: "p", version: policy.version, cooldownTTLSeconds: policy.ttl,
                    resourceID: resource.id)
            ],
            resources: [
                StorageResourceEntry(
                    id: resource.id, name: "r", version: resource.version, s3: s3(bucket, secret: secret))
            ])
    }

    private func catalog(_ pushed: PushedRules...) -> StorageCatalog {
        var catalog = StorageCatalog()
        for rules in pushed { catalog.apply(catalog.changes(by: rules)) }
        return catalog
    }

    @Test func onlyWhatIsNewerIsTaken() {
        var catalog = catalog(rules((5, 1, 10), at: (7, 1)))
        #expect(catalog.known == KnownRules(policies: [5: 1], resources: [7: 1]))
        // The same again, and older ones, that come late.
        for older in [rules((5, 1, 99), at: (7, 1), secret: "x"), rules((5, 0, 99), at: (7, 0), secret: "x")] {
            #expect(catalog.changes(by: older).isEmpty)
        }
        catalog.apply(catalog.changes(by: rules((5, 2, 20), at: (7, 3), secret: "new")))
        #expect(catalog.known == KnownRules(policies: [5: 2], resources: [7: 3]))
        #expect(catalog.policies["5"]?.cooldownTTLSeconds == 20)
        #expect(catalog.resource(ofPolicy: "5")?.s3.secretKey == "new")
    }

    @Test func aDroppedPolicyGoesAndItsResourceStays() {
        let catalog = catalog(rules((5, 1, 10), at: (7, 1)), PushedRules(droppedPolicies: [5, 6]))
        #expect(catalog.known == KnownRules(resources: [7: 1]))
        #expect(catalog.policies.isEmpty)
        #expect(catalog.resource(for: "7") != nil)
    }

    /// What its FE says is another bucket would lose every cold rowset.
    @Test func aResourceDoesNotMoveToAnotherBucket() {
        let catalog = catalog(rules((5, 1, 10), at: (7, 1)))
        let changes = catalog.changes(by: rules((5, 1, 10), at: (7, 2), bucket: "b"))
        #expect(changes.isEmpty && changes.refusals.count == 1)
    }

    /// The FE was upgraded: tablets name the policy by its name still. And went back: what it says of the name counts again.
    @Test func aPolicyThatWasKnownByItsNameFollows() {
        var catalog = StorageCatalog()
        func told(_ ttl: Int64) -> StorageRules {
            StorageRules(policies: [
                StoragePolicyEntry(name: "p", cooldownTTLSeconds: ttl, resource: s3("a"), checksum: "c\(ttl)")
            ])
        }
        catalog.apply(catalog.changes(by: told(10), isWhole: true))
        catalog.apply(catalog.changes(by: rules((5, 1, 20), at: (7, 1), secret: "new")))
        #expect(catalog.policies["p"]?.cooldownTTLSeconds == 20)
        #expect(catalog.resource(ofPolicy: "p")?.s3.secretKey == "new")
        catalog.apply(catalog.changes(by: told(10), isWhole: true))
        #expect(catalog.policies["p"]?.cooldownTTLSeconds == 10)
        // Another cluster's policy of that name, in another bucket, is not followed.
        catalog.apply(catalog.changes(by: rules((6, 1, 30), at: (8, 1), bucket: "b")))
        #expect(catalog.policies["p"]?.cooldownTTLSeconds == 10)
    }

    @Test func theyAreKeptAcrossARestart() throws {
        let cluster = try ColdCluster()
        let node = cluster.nodes[0]
        #expect(try node.cooldown.policies.apply(rules((5, 1, 10), at: (7, 1))) == ["5"])
        try node.crashAndRestart()
        #expect(node.cooldown.policies.known == KnownRules(policies: [5: 1], resources: [7: 1]))
        #expect(node.cooldown.policies.entry("5")?.cooldownTTLSeconds == 10)
        #expect(try node.cooldown.policies.apply(PushedRules(droppedPolicies: [5])) == ["5"])
        try node.crashAndRestart()
        #expect(node.cooldown.policies.known == KnownRules(resources: [7: 1]))
    }

    /// CREATE and UPDATE_TABLET_META_INFO of 2026 name the policy by its id, and a tablet cools by it.
    @Test func aTabletHasAPolicyByItsID() throws {
        let cluster = try ColdCluster()
        let rows = sampleRows(20, "row")
        for node in cluster.nodes {
            _ = try node.cooldown.policies.apply(rules((5, 1, 10), at: (7, 1), bucket: "cold"))
            var create = CreateTabletRequest.sample(1, replica: node.replicaID, policy: "")
            create.storagePolicyID = 5
            _ = try node.engine.createTablet(create)
            #expect(node.tablet.header.storagePolicy == "5")
        }
        try cluster.load(rows)
        try cluster.push(cluster.conf(0, term: 1))
        try cluster.settle()
        for node in cluster.nodes {
            #expect(node.tablet.resourceNames == ["7"])
            #expect(try readRows(node.engine, 1) == rows)
            _ = try node.engine.updateTabletMeta([TabletMetaUpdate(tabletID: 1, storagePolicyID: 0)])
            #expect(node.tablet.header.storagePolicy.isEmpty)
            _ = try node.engine.updateTabletMeta([TabletMetaUpdate(tabletID: 1, storagePolicyID: 9)])
            #expect(node.tablet.header.storagePolicy == "9")
        }
    }
}
