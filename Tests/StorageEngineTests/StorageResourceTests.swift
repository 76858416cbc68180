import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

/// Cold rowsets, what becomes of their policy, and of the keys of their resource (found A6, A7, B9, B16).
@Suite struct StorageResourceTests {
    private let rows = sampleRows(20, "row")

    private func s3(_ bucket: String = "cold", secret: String = "secret") -> S3Resource {
        S3Resource(endpoint: "s3:9000", accessKey: "key", secretKey: secret, bucket: bucket)
    }

    private func rules(
        _ resources: [(id: Int64, s3: S3Resource, version: Int64)], policy: String = "hot10", at id: Int64,
        dropped: [Int64] = []
    ) -> StorageRules {
        StorageRules(
            policies: resources.filter { $0.id == id }.map {
                StoragePolicyEntry(
                    name: policy, cooldownTTLSeconds: 10, resource: $0.s3, resourceID: $0.id,
                    resourceVersion: $0.version)
            },
            resources: resources.map {
                StorageResourceEntry(
                    id: $0.id, name: "r\($0.id)", version: $0.version, s3: $0.s3, policyNames: [policy])
            }, droppedResources: dropped)
    }

    private func tell(_ cluster: ColdCluster, _ rules: StorageRules) throws {
        for node in cluster.nodes { _ = try node.cooldown.policies.apply(rules, isWhole: true) }
    }

    /// Three replicas, cooled to resource 21.
    private func cooled() throws -> ColdCluster {
        let cluster = try ColdCluster()
        try tell(cluster, rules([(21, s3(), 0)], at: 21))
        for node in cluster.nodes {
            _ = try node.engine.createTablet(.sample(1, replica: node.replicaID, policy: "hot10"))
        }
        try cluster.load(rows)
        try cluster.push(cluster.conf(0, term: 1))
        try cluster.settle()
        try cluster.checkCold()
        return cluster
    }

    private func names(_ node: ColdNode) -> Set<String> { node.tablet.resourceNames }
    private func report(_ node: ColdNode) -> [TabletReportRow] {
        var rows: [TabletReportRow] = []
        node.engine.tabletReport().rows.forEachChunk { rows += Array($0) }
        return rows
    }

    @Test("a policy made anew on another bucket moves nothing that is cold, and later rows go to the new one")
    func reusedPolicyName() throws {
        let cluster = try cooled()
        #expect(cluster.nodes.allSatisfy { names($0) == ["21"] })
        try tell(cluster, rules([(21, s3(), 0), (22, s3("other"), 0)], at: 22))
        for node in cluster.nodes { #expect(try readRows(node.engine, 1) == rows) }
        try cluster.load(sampleRows(5, "more"))
        try cluster.settle()
        for node in cluster.nodes {
            #expect(names(node) == ["21", "22"])
            #expect(try readRows(node.engine, 1) == rows + sampleRows(5, "more"))
            try node.crashAndRestart()
            #expect(try readRows(node.engine, 1) == rows + sampleRows(5, "more"))
        }
    }

    @Test("rowsets and records of an older build, which name the policy, are read on by the resource it meant")
    func olderBuild() throws {
        let cluster = try cooled()
        for node in cluster.nodes {
            // As that build left it: rowsets name the policy, and the policy's record holds the resource.
            let named = node.tablet.rowsets.map(\.meta)
            let old = named.map { meta in
                var meta = meta
                meta.location = .remote(resource: "hot10")
                return meta
            }
            var batch = WriteBatch()
            for meta in old { batch.put(MetaKeys.rowset(1, meta.id), try RowsetRecord.encode(meta)) }
            batch.delete(MetaKeys.storageResource("21"))
            batch.put(MetaKeys.storagePolicy("hot10"), StorageRecordTests.fixedRecord("hot10", s3()))
            try node.tablet.dataDir.writeMeta(batch)
            try node.crashAndRestart()
            #expect(names(node) == ["hot10"])
            #expect(try readRows(node.engine, 1) == rows)
            #expect(node.engine.unreadableReplicas == [])
        }
        // The upgraded master tells the id; the name is then made to mean another bucket.
        try tell(cluster, rules([(21, s3(), 0)], at: 21))
        try tell(cluster, rules([(21, s3(), 0), (22, s3("other"), 0)], at: 22))
        for node in cluster.nodes {
            try node.crashAndRestart()
            #expect(try readRows(node.engine, 1) == rows)
        }
    }

    @Test("a replica whose resource is not known says so in its report, until it is")
    func unreadable() throws {
        let cluster = try cooled()
        let node = cluster.nodes[1]
        #expect(node.engine.unreadableReplicas == [])
        try node.cooldown.policies.forget("21")
        #expect(throws: CooldownError.unknownResource(1, name: "21")) { _ = try readRows(node.engine, 1) }
        let unreadable = try #require(node.engine.unreadableReplicas.first)
        #expect(unreadable.replicaID == node.replicaID && unreadable.since == cluster.time.wallNow)
        #expect(unreadable.reason.contains("storage resource 21") && !unreadable.isHealedByCopy)
        #expect(
            node.cooldown.storageUse().resources == [ResourceUse(resource: "21", isKnown: false, tablets: 1)])
        try tell(cluster, rules([(21, s3(), 0)], at: 21))
        #expect(node.engine.unreadableReplicas == [])
        #expect(try readRows(node.engine, 1) == rows)
    }

    @Test("rotated keys are taken without a restart, cold rows are read again, and the error that stood goes")
    func rotatedKeys() throws {
        let cluster = try cooled()
        cluster.objects.require(accessKey: "key", secretKey: "new")
        let node = cluster.nodes[2]
        #expect(throws: ObjectStoreError.self) { _ = try readRows(node.engine, 1) }
        let standing = try #require(node.cooldown.storageUse().resources.first?.error)
        #expect(standing.message.contains("does not match") && !standing.message.contains("secret"))
        try tell(cluster, rules([(21, s3(secret: "new"), 1)], at: 21))
        #expect(try readRows(node.engine, 1) == rows)
        let use = try #require(node.cooldown.storageUse().resources.first)
        #expect(use.error == nil && use.version == 1 && use.tablets == 1)
        try node.crashAndRestart()
        #expect(try readRows(node.engine, 1) == rows)
    }

    @Test("a tablet that fails to cool is told of with its reason and since when, until it succeeds")
    func failures() throws {
        let cluster = try cooled()
        cluster.objects.require(accessKey: "key", secretKey: "new")
        try cluster.load(sampleRows(5, "more"))
        try cluster.time.advance(by: .seconds(20))
        let node = cluster.nodes[0]
        #expect(throws: ObjectStoreError.self) { _ = try node.cooldown.runOnce(1) }
        let since = cluster.time.wallNow
        try cluster.time.advance(by: .seconds(20))
        #expect(throws: ObjectStoreError.self) { _ = try node.cooldown.runOnce(1) }
        let failure = try #require(node.cooldown.storageUse().failures.first)
        #expect(failure.tabletID == 1 && failure.error.since == since && failure.error.lastAt == cluster.time.wallNow)
        try tell(cluster, rules([(21, s3(secret: "new"), 1)], at: 21))
        _ = try node.cooldown.runOnce(1)
        #expect(node.cooldown.storageUse().failures == [])
    }

    @Test("a dropped resource is forgotten with its keys once nothing names it, and its garbage is given up")
    func dropped() throws {
        let cluster = try cooled()
        let node = cluster.nodes[0]
        try node.engine.dropTablet(
            DropTabletRequest(tabletID: 1, schemaHash: nil, replicaID: 0, isDropTableOrPartition: true))
        cluster.objects.removeBucket("cold")
        #expect(node.cooldown.sweepRemoteGarbage() == (0, 1))
        #expect(node.cooldown.storageUse().resources.map(\.garbage) == [1])
        try tell(cluster, rules([], at: 21, dropped: [21]))
        #expect(node.cooldown.sweepRemoteGarbage() == (1, 0))
        #expect(node.cooldown.storageUse().resources == [])
        #expect(node.records(MetaKeys.storageResources) == 0)
        // Where rowsets still name it, it is kept whatever the master says.
        let other = cluster.nodes[1]
        other.cooldown.sweepRemoteGarbage()
        #expect(other.records(MetaKeys.storageResources) == 1)
    }

    @Test("a store is tried before it is used, and an endpoint that leads to another bucket is found out")
    func trial() throws {
        let cluster = try cooled()
        let cooldown = cluster.nodes[0].cooldown
        let keys = cluster.store.keys
        try cooldown.tryStorage(StoragePolicyEntry(name: "", resource: s3(), resourceID: 21))
        #expect(cluster.store.keys == keys)
        var elsewhere = s3()
        elsewhere.endpoint = "other:9000"
        try cooldown.tryStorage(StoragePolicyEntry(name: "", resource: elsewhere))
        let error = #expect(throws: StorageTrialError.self) {
            try cooldown.tryStorage(StoragePolicyEntry(name: "", resource: elsewhere, resourceID: 21))
        }
        #expect(error?.description.contains("same bucket") == true)
        cluster.objects.removeBucket("cold")
        #expect(throws: ObjectStoreError.self) {
            try cooldown.tryStorage(StoragePolicyEntry(name: "", resource: s3(), resourceID: 21))
        }
    }

    @Test("a trial tells all that fails at once", arguments: [["list"], ["delete", "list"], ["put"]])
    func trialFailures(refused: [String]) {
        let trial = StorageTrial(
            store: RefusingStore(base: MemoryObjectStore(), refused: Set(refused)), random: SeededRandom(seed: 1))
        let failures = trial.run()
        #expect(failures.count == refused.count)
        for name in refused { #expect(failures.contains { $0.hasPrefix("\(name): ") }) }
    }

    /// Refuses some kinds of requests, as keys without the permission would be.
    private struct RefusingStore: ObjectStore {
        let base: MemoryObjectStore
        let refused: Set<String>

        private func check(_ name: String) throws {
            guard refused.contains(name) else { return }
            throw ObjectStoreError(.accessDenied, operation: name, key: "", httpStatus: 403, message: "AccessDenied")
        }
        func put(_ key: String, from source: any ObjectSource) throws -> ObjectAttributes {
            try check("put")
            return try base.put(key, from: source)
        }
        func get(_ key: String, range: Range<Int64>) throws -> [UInt8] { try base.get(key, range: range) }
        func head(_ key: String) throws -> ObjectAttributes? { try base.head(key) }
        func delete(_ keys: [String]) throws {
            try check("delete")
            try base.delete(keys)
        }
        func list(prefix: String, continuation: String?) throws -> ObjectPage {
            try check("list")
            return try base.list(prefix: prefix, continuation: continuation)
        }
    }

    @Test("a policy that is taken off leaves what is cold readable, and nothing more cools")
    func detached() throws {
        let cluster = try cooled()
        for node in cluster.nodes {
            _ = try node.engine.updateTabletMeta([
                TabletMetaUpdate(tabletID: 1, metaType: 1, removesStoragePolicy: true)
            ])
        }
        try cluster.load(sampleRows(5, "more"))
        try cluster.settle()
        for node in cluster.nodes {
            #expect(report(node).map(\.isCooldown) == [false])
            #expect(node.tablet.rowsets.contains { !$0.meta.isRemote })
            #expect(try readRows(node.engine, 1) == rows + sampleRows(5, "more"))
        }
    }
}
