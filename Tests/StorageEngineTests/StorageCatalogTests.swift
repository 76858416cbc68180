import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

/// What a name in a rowset stands for (found A6).
@Suite struct StorageCatalogTests {
    private func s3(_ bucket: String, secret: String = "s") -> S3Resource {
        S3Resource(endpoint: "http://s3:9000", accessKey: "k", secretKey: secret, bucket: bucket)
    }

    private func rules(
        _ resources: [StorageResourceEntry], _ policies: [StoragePolicyEntry] = []
    ) -> StorageRules { StorageRules(policies: policies, resources: resources) }

    private func entry(
        _ id: Int64, _ bucket: String, version: Int64 = 0, secret: String = "s", policies: [String] = []
    ) -> StorageResourceEntry {
        StorageResourceEntry(
            id: id, name: "r\(id)", version: version, s3: s3(bucket, secret: secret), policyNames: policies)
    }

    private func policy(_ name: String, _ id: Int64?, _ bucket: String) -> StoragePolicyEntry {
        StoragePolicyEntry(name: name, cooldownTTLSeconds: 1, resource: s3(bucket), resourceID: id)
    }

    private func catalog(_ told: StorageRules...) -> StorageCatalog {
        var catalog = StorageCatalog()
        for rules in told { catalog.apply(catalog.changes(by: rules, isWhole: true)) }
        return catalog
    }

    @Test func rowsetsNameAResourceWhateverBecomesOfItsPolicies() {
        let catalog = catalog(
            rules([entry(1, "a", policies: ["p1"])], [policy("p1", 1, "a")]),
            // p1 made anew on another bucket.
            rules([entry(1, "a", policies: ["p1"]), entry(2, "b", policies: ["p1"])], [policy("p1", 2, "b")]))
        #expect(catalog.resource(for: "1")?.s3.bucket == "a")
        #expect(catalog.resource(for: "2")?.s3.bucket == "b")
        #expect(catalog.resource(ofPolicy: "p1")?.key == "2")
        // By an older build's name it could be both: no guess.
        #expect(catalog.resource(for: "p1") == nil)
        #expect(catalog.resource(for: "unheard") == nil)
    }

    @Test func namesOfOlderBuildsAreKnownFromTheMasterAndFromWhatWasStoredHere() {
        var catalog = StorageCatalog()
        catalog.restore(StoragePolicyRecord(name: "p1", revision: 3), at: s3("a"))
        #expect(catalog.resource(for: "p1")?.s3.bucket == "a")
        // The master says what it is, with newer keys; then the policy points elsewhere.
        catalog.apply(
            catalog.changes(by: rules([entry(1, "a", version: 5, secret: "new", policies: ["p1"])]), isWhole: true))
        #expect(catalog.resource(for: "p1")?.key == "1")
        #expect(catalog.resource(for: s3("a").placeName)?.s3.secretKey == "new")
        #expect(catalog.resources.count == 1)
        catalog.apply(
            catalog.changes(by: rules([entry(2, "b", policies: ["p1"])], [policy("p1", 2, "b")]), isWhole: true))
        #expect(catalog.resource(for: "p1")?.key == "1")
        // A backend that never knew the policy hears of it from the master alone.
        #expect(self.catalog(rules([entry(1, "a", policies: ["p1"])])).resource(for: "p1")?.key == "1")
    }

    @Test func aDorisFrontendsPolicyNamesItsPlace() {
        let first = catalog(StorageRules(policies: [policy("p1", nil, "a")]))
        let key = first.resource(ofPolicy: "p1")?.key
        #expect(key == "s3://http://s3:9000/a/" && key == s3("a").placeName)
        let moved = catalog(
            StorageRules(policies: [policy("p1", nil, "a")]), StorageRules(policies: [policy("p1", nil, "b")]))
        #expect(moved.resource(for: s3("a").placeName)?.s3.bucket == "a")
        #expect(moved.resource(ofPolicy: "p1")?.s3.bucket == "b")
    }

    @Test func keysAreReplacedAndABucketNever() {
        var catalog = catalog(rules([entry(1, "a", version: 4)]))
        let moved = catalog.changes(by: rules([entry(1, "b", version: 5)]), isWhole: true)
        #expect(moved.isEmpty && moved.refusals.count == 1)
        #expect(!moved.refusals.joined().contains("secret"))
        // A task that was long on its way brings no old keys back; a master's whole answer counts.
        let old = rules([entry(1, "a", version: 3, secret: "old")])
        #expect(catalog.changes(by: old, isWhole: false).isEmpty)
        #expect(!catalog.changes(by: old, isWhole: true).isEmpty)
        catalog.apply(catalog.changes(by: rules([entry(1, "a", version: 5, secret: "new")]), isWhole: false))
        #expect(catalog.resource(for: "1")?.s3.secretKey == "new")
        #expect(catalog.changes(by: rules([entry(1, "a", version: 5, secret: "new")]), isWhole: true).isEmpty)
    }

    @Test func aResourceIsToldOfWithoutAPolicy() {
        let alone = StoragePolicyEntry(name: "", resource: s3("a"), resourceID: 1, resourceVersion: 2)
        let catalog = catalog(StorageRules(policies: [alone]))
        #expect(catalog.policies.isEmpty)
        #expect(catalog.resource(for: "1")?.version == 2)
    }
}
