import ClusterTestKit
import Foundation
import HTTPAPI
import TabletModel
import Testing

@testable import ColdStorage
@testable import MasterCore

/// What keeps a storage resource, and how it changes (found A6, A7, B16).
@Suite struct StorageResourceTests {
    private func cluster() throws -> FlowCluster {
        let cluster = try FlowCluster()
        _ = try cluster.ready()
        try cluster.createPolicy()
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        try cluster.scheduler.advance(by: .seconds(6))
        return cluster
    }

    private func use(_ cluster: FlowCluster, tablets: Int64 = 0, garbage: Int64 = 0) throws -> StorageUse {
        let id = try #require(try cluster.master.storageResources().first).id
        return StorageUse(resources: [
            ResourceUse(resource: "\(id)", isKnown: true, tablets: tablets, garbage: garbage)
        ])
    }

    private func report(_ cluster: FlowCluster, _ storage: StorageUse) throws {
        for backend in cluster.backends { _ = backend.reportDisks(storage: storage) }
        try cluster.scheduler.runUntilIdle()
    }

    private func refusal(_ cluster: FlowCluster, givesUpGarbage: Bool = false) -> String? {
        do {
            try cluster.master.dropStorageResource("s3", givesUpGarbage: givesUpGarbage)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func aResourceStaysWhileAnythingMayNameIt() throws {
        let cluster = try cluster()
        #expect(refusal(cluster)?.contains("used by cold") == true)
        // Taken off, the policy can go; the table's rows may still be there.
        #expect(try cluster.master.attachStoragePolicy(nil, to: FlowCluster.table).storagePolicy == nil)
        try cluster.master.dropStoragePolicy("cold")
        #expect(refusal(cluster, givesUpGarbage: true)?.contains("\(FlowCluster.table)") == true)
        cluster.killMaster()
        try cluster.startMaster()
        #expect(refusal(cluster, givesUpGarbage: true)?.contains("\(FlowCluster.table)") == true)
        try cluster.master.dropTable(FlowCluster.table)
        // Nobody has told what is left of it.
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(refusal(cluster)?.contains("has not told yet") == true)
        try report(cluster, try use(cluster, tablets: 1))
        #expect(refusal(cluster, givesUpGarbage: true)?.contains("holds rows of 3 replicas") == true)
        try report(cluster, try use(cluster, garbage: 2))
        #expect(refusal(cluster)?.contains("6 records") == true)
        let id = try #require(try cluster.master.storageResources().first).id
        #expect(refusal(cluster, givesUpGarbage: true) == nil)
        #expect(cluster.master.frontend.storageRules().rules.droppedResources == [id])
        cluster.killMaster()
        try cluster.startMaster()
        #expect(cluster.master.frontend.storageRules().rules.droppedResources == [id])
    }

    @Test func everyResourceIsToldWhetherAPolicyPointsToItOrNot() throws {
        let cluster = try cluster()
        _ = try cluster.master.attachStoragePolicy(nil, to: FlowCluster.table)
        try cluster.master.dropStoragePolicy("cold")
        let rules = cluster.master.frontend.storageRules().rules
        #expect(rules.policies == [])
        let told = try #require(rules.resources.first)
        #expect(told.name == "s3" && told.s3.secretKey == "hush" && told.policyNames == ["cold"])
        try cluster.scheduler.runUntilIdle()
        for backend in cluster.backends { #expect(backend.tablets.values.allSatisfy { $0.policy == "" }) }
    }

    @Test func aPolicysNameNeverComesToMeanAnotherBucket() throws {
        let cluster = try cluster()
        var other = S3Resource(endpoint: "http://127.0.0.1:1", accessKey: "ak", secretKey: "hush", bucket: "other")
        other.region = "r"
        _ = try cluster.master.createStorageResource(CreateStorageResourceRequest(name: "s4", s3: other))
        _ = try cluster.master.attachStoragePolicy(nil, to: FlowCluster.table)
        try cluster.master.dropStoragePolicy("cold")
        let again = CreateStoragePolicyRequest(name: "cold", resource: "s4", cooldownTTLSeconds: 0)
        let error = #expect(throws: MasterError.self) { try cluster.master.createStoragePolicy(again) }
        #expect(error?.message.contains("resource s3") == true)
        _ = try cluster.master.createStoragePolicy(
            CreateStoragePolicyRequest(name: "cold4", resource: "s4", cooldownTTLSeconds: 0))
        #expect(throws: MasterError.self) { try cluster.master.attachStoragePolicy("cold4", to: FlowCluster.table) }
        _ = try cluster.master.createStoragePolicy(
            CreateStoragePolicyRequest(name: "cold", resource: "s3", cooldownTTLSeconds: 0))
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
    }

    @Test func alteredKeysAreJournaledAndToldAtOnce() throws {
        let cluster = try cluster()
        let told = cluster.backends.map { $0.taken(.notifyUpdateStoragePolicy).count }
        var change = AlterStorageResourceRequest()
        change.accessKey = "ak2"
        change.secretKey = "whisper"
        change.endpoint = "https://new.example:9000"
        #expect(try cluster.master.alterStorageResource("s3", change).version == 1)
        try cluster.scheduler.runUntilIdle()
        for (backend, before) in zip(cluster.backends, told) {
            let tasks = backend.taken(.notifyUpdateStoragePolicy)
            #expect(tasks.count == before + 1)
            guard case .storagePolicy(let entry) = tasks.last?.payload else {
                Issue.record("no storage policy")
                continue
            }
            #expect(entry.resource?.secretKey == "whisper" && entry.resourceVersion == 1)
        }
        cluster.killMaster()
        try cluster.startMaster()
        let resource = try #require(cluster.master.frontend.storageRules().rules.resources.first)
        #expect(resource.version == 1 && resource.s3.accessKey == "ak2" && resource.s3.bucket == "b")
        // Backends without an id for it know its former place.
        #expect(resource.policyNames.contains("s3://http://127.0.0.1:1/b/"))
        #expect(try !"\(cluster.master.storageResources())".contains("whisper"))
    }

    @Test func keysChangeTogetherAndATokenGoesWithThem() throws {
        let cluster = try cluster()
        var change = AlterStorageResourceRequest()
        change.accessKey = "ak2"
        #expect(throws: MasterError.self) { try cluster.master.alterStorageResource("s3", change) }
        change.secretKey = "s"
        change.sessionToken = "t"
        _ = try cluster.master.alterStorageResource("s3", change)
        // found B10
        var next = AlterStorageResourceRequest()
        next.secretKey = "s2"
        _ = try cluster.master.alterStorageResource("s3", next)
        let s3 = try #require(cluster.master.frontend.storageRules().rules.resources.first).s3
        #expect(s3.accessKey == "ak2" && s3.secretKey == "s2" && s3.sessionToken == nil)
        #expect(throws: MasterError.self) { try cluster.master.alterStorageResource("s3", next) }
        #expect(throws: MasterError.self) {
            try cluster.master.alterStorageResource("none", AlterStorageResourceRequest())
        }
    }

    /// found B11, B16: judged where it is given.
    @Test(
        arguments: [
            ("ftp://x", "b", "", 50), ("http://user:pw@host", "b", "", 50), ("http://host/path", "b", "", 50),
            ("http://host?q=1", "b", "", 50), ("http://ho st", "b", "", 50), ("http://host:0", "b", "", 50),
            ("http://host:99999", "b", "", 50), ("http://host:x", "b", "", 50), ("::1:9000", "b", "", 50),
            ("http://[::1", "b", "", 50), ("http://", "b", "", 50), ("", "b", "", 50), ("host", "a/b", "", 50),
            ("host", "", "", 50), ("host", "b", "../x", 50), ("host", "bucket", "", 0), ("host", "bucket", "", -1),
            ("host", "bu cket", "", 50), ("host", "bucket", "a\n", 50), ("hö.st", "bucket", "", 50),
        ] as [(String, String, String, Int32)])
    func aResourceThatCanNotBeIsRefused(endpoint: String, bucket: String, root: String, connections: Int32) {
        let bucket = bucket == "b" ? "bucket" : bucket
        let s3 = S3Resource(
            endpoint: endpoint, accessKey: "a", secretKey: "hush", bucket: bucket, rootPath: root,
            maxConnections: connections)
        let error = #expect(throws: MasterError.self) { try ResourceCheck.check(s3) }
        #expect(error?.code == .invalidArgument)
        #expect(error.map { !"\($0)".contains("pw") && !"\($0)".contains("hush") } == true)
    }

    @Test(arguments: [
        "s3.eu-central-1.amazonaws.com", "http://127.0.0.1:9000", "https://minio.local/", "HTTPS://Host", "[::1]:9000",
        "http://[fe80::1]", "minio_1:9000",
    ])
    func endpointsThatCanBeAreTaken(endpoint: String) throws {
        try ResourceCheck.check(S3Resource(endpoint: endpoint, accessKey: "a", secretKey: "s", bucket: "bucket"))
    }

    @Test(arguments: ["access", "secret", "token", "region"]) func emptyKeysAreRefused(which: String) {
        var s3 = S3Resource(endpoint: "host", accessKey: "a", secretKey: "s", bucket: "bucket")
        switch which {
        case "access": s3.accessKey = ""
        case "secret": s3.secretKey = ""
        case "token": s3.sessionToken = ""
        default: s3.region = ""
        }
        #expect(throws: MasterError.self) { try ResourceCheck.check(s3) }
    }

    /// found B16: what would be ignored is refused, by everything that takes a resource from a person.
    @Test func aRoleIsRefusedAndTheKeysAreAskedFor() throws {
        let cluster = try cluster()
        let body = #"{"name": "new", "endpoint": "host", "bucket": "bucket", "role_arn": "arn:aws:iam::1:role/x"}"#
        let request = try JSONDecoder().decode(StorageResourceBody.self, from: Data(body.utf8)).request
        let changes = try JSONDecoder().decode(
            StorageResourceChanges.self, from: Data(#"{"region": "r2", "role_arn": ""}"#.utf8))
        let refusals: [() throws -> Void] = [
            { _ = try cluster.master.createStorageResource(request) },
            { _ = try cluster.master.checkStorageResource(request) },
            { _ = try cluster.master.alterStorageResource("s3", changes.request) },
            { _ = try cluster.master.checkStorageResource("s3", changes.request) },
        ]
        for refusal in refusals {
            let error = #expect(throws: MasterError.self) { try refusal() }
            #expect(error?.code == .invalidArgument && error?.message.contains("role_arn") == true)
        }
        #expect(try cluster.master.storageResources().map(\.region) == ["us-east-1"])
        #expect(cluster.backends.allSatisfy { $0.taken(.checkStorage).isEmpty })
    }

    @Test func aBodyWithoutKeysSaysWhichIsMissing() throws {
        let body = #"{"name": "new", "endpoint": "host", "bucket": "bucket", "secret_key": "s"}"#
        let request = try JSONDecoder().decode(StorageResourceBody.self, from: Data(body.utf8)).request
        let error = #expect(throws: MasterError.self) { try ResourceCheck.check(request) }
        #expect(error?.message == "the access key is empty")
    }

    @Test func aStoreIsTriedByEveryLivingBackendAndAnyFailureIsShown() throws {
        let cluster = try cluster()
        let s3 = S3Resource(endpoint: "host", accessKey: "a", secretKey: "hush", bucket: "bucket")
        let request = CreateStorageResourceRequest(name: "new", s3: s3)
        let good = try cluster.master.checkStorageResource(request)
        #expect(good.state == .running && good.total == 3)
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.job(good.id).state == .finished)
        #expect(cluster.backends.allSatisfy { $0.taken(.checkStorage).count == 1 })
        cluster.backends[1].set { $0.failing[.checkStorage] = RPCStatus(.remoteError, "list: denied") }
        let bad = try cluster.master.checkStorageResource(request)
        try cluster.scheduler.runUntilIdle()
        let job = try cluster.master.job(bad.id)
        #expect(job.state == .failed && job.message.contains("list: denied") && job.message.contains("backend "))
        #expect(try cluster.master.storageResources().count == 1)
        for backend in cluster.backends { backend.set { $0.isDown = true } }
        try cluster.scheduler.advance(by: .seconds(30))
        let error = #expect(throws: MasterError.self) { try cluster.master.checkStorageResource(request) }
        #expect(error?.code == .unavailable)
    }

    @Test func whatFailsAtBackendsIsShownWithItsAge() throws {
        let cluster = try cluster()
        let error = StandingError(
            message: "HeadObject: refused", lastAt: UnixTime(seconds: 20), since: UnixTime(seconds: 10))
        var use = try use(cluster, tablets: 4)
        use.resources[0].error = error
        use.failures = [CooldownFailure(tabletID: 77, error: error)]
        try report(cluster, use)
        let view = try cluster.master.storageResources()[0]
        #expect(view.coldReplicas == 12 && view.backends.count == 3)
        #expect(view.backends.allSatisfy { $0.error == "HeadObject: refused" && $0.errorSinceMs == 10_000 })
        let failures = try cluster.master.cooldownStatus().failures
        #expect(failures.count == 3 && failures[0].tabletID == 77 && failures[0].lastAtMs == 20_000)
    }
}
