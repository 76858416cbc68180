import ClusterTestKit
import HTTPAPI
import Platform
import TabletModel
import Testing

@testable import AgentTasks
@testable import ClusterMetadata
@testable import ColdStorage
@testable import MasterCore
@testable import MasterServices

@Suite struct CooldownFlowTests {
    private func cluster(version: String = "tabletd-test", grace: Duration = .zero) throws -> FlowCluster {
        let cluster = try FlowCluster(
            version: version, dialect: version.hasPrefix("tabletd") ? nil : .tabletd
        ) { $0.uploaderGrace = grace }
        _ = try cluster.ready()
        try cluster.createPolicy()
        return cluster
    }

    private func confs(_ backend: FlowBackend) -> [TabletID: CooldownConf] {
        backend.tablets.compactMapValues(\.conf)
    }

    @Test func attachedPolicyReachesEveryReplicaAndOneUploaderIsChosen() throws {
        let cluster = try cluster()
        let view = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        #expect(view.storagePolicy == "cold")
        try cluster.scheduler.advance(by: .seconds(6))
        for backend in cluster.backends {
            #expect(backend.tablets.values.allSatisfy { $0.policy == "cold" })
            #expect(backend.taken(.notifyUpdateStoragePolicy).count == 1)
            #expect(confs(backend) == confs(cluster.backends[0]))
            #expect(confs(backend).count == 4)
        }
        let uploads = Dictionary(
            grouping: try cluster.master.tablets(of: FlowCluster.table),
            by: { tablet in tablet.replicas.first(where: \.isCooldownReplica)?.backendID })
        #expect(uploads[nil] == nil)
        #expect(uploads.values.map(\.count).max() == 2)
        let status = try cluster.master.cooldownStatus()
        #expect(status.jobs.first?.state == "FINISHED")
        try cluster.reportAll()
        #expect(try cluster.master.cooldownStatus().tables.first?.tabletsWithConf == 4)
    }

    @Test func policiesAreGivenWithTheirSecretAndAChecksumThatChanges() throws {
        let cluster = try cluster()
        #expect(cluster.master.frontend.storageRules().rules.policies.isEmpty)
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        let entry = try #require(cluster.master.frontend.storageRules().rules.policies.first)
        #expect(entry.name == "cold" && entry.resource?.secretKey == "hush" && entry.checksum.utf8.count == 32)
        var other = try #require(entry.resource)
        other.secretKey = "new"
        let policy = StoragePolicy(id: 1, name: "cold", resource: "s3", cooldownTTLSeconds: 0)
        let checksums = [entry.resource!, other].map {
            PolicyEntries.checksum(policy, StorageResource(id: 1, name: "s3", s3: $0))
        }
        #expect(checksums[0] != checksums[1])
        let shown = try cluster.master.storageResources().map { "\($0)" }.joined()
        #expect(!shown.contains("hush"))
    }

    @Test func usedResourcesAndPoliciesStay() throws {
        let cluster = try cluster()
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        #expect(throws: MasterError.self) { try cluster.master.dropStoragePolicy("cold") }
        #expect(throws: MasterError.self) { try cluster.master.dropStorageResource("s3", givesUpGarbage: false) }
        try cluster.master.dropTable(FlowCluster.table)
        try cluster.master.dropStoragePolicy("cold")
        for backend in cluster.backends { _ = backend.reportDisks(storage: StorageUse()) }
        try cluster.scheduler.runUntilIdle()
        try cluster.master.dropStorageResource("s3", givesUpGarbage: false)
        #expect(try cluster.master.storageResources().isEmpty)
    }

    @Test func deadUploaderIsReplacedWithAHigherTerm() throws {
        let cluster = try cluster()
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        try cluster.scheduler.advance(by: .seconds(6))
        let before = try cluster.master.tablets(of: FlowCluster.table)
        let dead = try #require(before[0].replicas.first { $0.isCooldownReplica })
        let place = try #require(cluster.backends.firstIndex { $0.address.host == dead.host })
        cluster.backends[place].set { $0.isDown = true }
        try cluster.scheduler.advance(by: .seconds(6))
        for backend in cluster.backends where backend.address.host != dead.host { _ = try backend.reportTablets() }
        try cluster.scheduler.advance(by: .seconds(6))
        let after = try cluster.master.tablet(before[0].id)
        #expect(after.cooldownTerm == 2)
        #expect(after.cooldownReplicaID != dead.id)
        // Back again, it learns the newer conf from its report.
        cluster.backends[place].set { $0.isDown = false }
        try cluster.scheduler.advance(by: .seconds(6))
        try cluster.reportAll()
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(cluster.backends[place].tablets[before[0].id]?.conf?.term == 2)
        #expect(try cluster.master.tablet(before[0].id).cooldownTerm == 2)
    }

    @Test func uploaderThatIsBrieflyAwayStays() throws {
        let cluster = try cluster(grace: .seconds(60))
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        try cluster.scheduler.advance(by: .seconds(6))
        cluster.backends[0].set { $0.isDown = true }
        try cluster.scheduler.advance(by: .seconds(6))
        for backend in cluster.backends.dropFirst() { _ = try backend.reportTablets() }
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try cluster.master.tablets(of: FlowCluster.table).allSatisfy { $0.cooldownTerm == 1 })
        try cluster.scheduler.advance(by: .seconds(60))
        for backend in cluster.backends.dropFirst() { _ = try backend.reportTablets() }
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try cluster.master.tablets(of: FlowCluster.table).contains { $0.cooldownTerm == 2 })
    }

    @Test func uploaderStaysAcrossARestartOfTheFE() throws {
        let cluster = try cluster(grace: .seconds(60))
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        try cluster.scheduler.advance(by: .seconds(6))
        cluster.killMaster()
        cluster.backends[0].set { $0.isDown = true }
        try cluster.startMaster()
        try cluster.scheduler.advance(by: .seconds(1))
        for backend in cluster.backends.dropFirst() { _ = try backend.reportTablets() }
        try cluster.scheduler.advance(by: .seconds(12))
        cluster.backends[0].set { $0.isDown = false }
        try cluster.scheduler.advance(by: .seconds(30))
        try cluster.reportAll()
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try cluster.master.tablets(of: FlowCluster.table).allSatisfy { $0.cooldownTerm == 1 })
    }

    @Test func replicaThatLostItsConfIsToldAgain() throws {
        let cluster = try cluster()
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        try cluster.scheduler.advance(by: .seconds(6))
        cluster.backends[1].set { state in
            for id in state.tablets.keys { state.tablets[id]?.conf = nil }
        }
        try cluster.reportAll()
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(confs(cluster.backends[1]) == confs(cluster.backends[0]))
        #expect(confs(cluster.backends[1]).values.allSatisfy { $0.term == 1 })
    }

    @Test func backendThatNeverAnswersIsConfirmedByItsReport() throws {
        let cluster = try cluster(version: "doris-2.0")
        cluster.backends[0].set { $0.silent = [.pushCooldownConf] }
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try cluster.master.cooldownStatus().jobs.first?.state == "RUNNING")
        cluster.backends[0].set { state in
            var ignored = FinishTaskRequest(
                backend: BackendAddress(host: "", bePort: 0, httpPort: 0), type: .pushCooldownConf, signature: -1,
                status: .ok)
            for task in state.taken where task.type == .pushCooldownConf { state.carryOut(task, nil, &ignored) }
        }
        try cluster.reportAll()
        #expect(try cluster.master.cooldownStatus().jobs.first?.state == "FINISHED")
        #expect(try cluster.master.backends().allSatisfy { $0.queuedTasks == 0 })
    }

    // found D4
    @Test func anEndThatComesTwiceAcknowledgesNoOtherConf() throws {
        let cluster = try cluster()
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        try cluster.scheduler.advance(by: .seconds(6))
        let backend = cluster.backends[1]
        let first = try #require(backend.taken(.pushCooldownConf).first)
        // The next conf is on its way to it, and it does not answer.
        backend.set { state in
            state.silent = [.pushCooldownConf]
            for id in state.tablets.keys { state.tablets[id]?.conf = nil }
        }
        try cluster.reportAll()
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try cluster.master.cooldownStatus().jobs.first?.state == "RUNNING")
        let late = FinishTaskRequest(
            backend: backend.addressAsBackend, type: .pushCooldownConf, signature: first.signature, status: .ok)
        #expect(cluster.master.frontend.finishTask(late).isOK)
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.cooldownStatus().jobs.first?.state == "RUNNING")
        #expect(try cluster.master.backends().reduce(0) { $0 + $1.queuedTasks } == 1)
    }

    // found D4, its kind
    @Test func theLateEndOfAPolicyThatWasAttachedBeforeIsNotThatOfTheNewest() throws {
        let cluster = try cluster()
        _ = try cluster.master.createStoragePolicy(
            CreateStoragePolicyRequest(name: "colder", resource: "s3", cooldownTTLSeconds: 1))
        let backend = cluster.backends[1]
        backend.set { $0.silent = [.updateTabletMetaInfo] }
        for policy in ["cold", "colder", "cold"] {
            _ = try cluster.master.attachStoragePolicy(policy, to: FlowCluster.table)
            try cluster.scheduler.runUntilIdle()
        }
        let tasks = backend.taken(.updateTabletMetaInfo)
        #expect(Set(tasks.map(\.signature)).count == 3)
        let late = FinishTaskRequest(
            backend: backend.addressAsBackend, type: .updateTabletMetaInfo,
            signature: try #require(tasks.first).signature, status: .ok)
        for _ in 0..<2 { _ = cluster.master.frontend.finishTask(late) }
        let id = try #require(try cluster.master.backends().first { $0.host == backend.address.host }).id
        let newest = try #require(tasks.last)
        let key = AgentTaskQueue.Key(type: newest.type, signature: newest.signature)
        #expect(cluster.master.environment.tasks.task(key, of: id) == newest)
    }

    @Test func refusedConfsCancelTheJobAndTheNextReportTriesAgain() throws {
        let cluster = try cluster()
        cluster.backends[2].set { $0.failing[.pushCooldownConf] = RPCStatus(.internalError, "busy") }
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        try cluster.scheduler.advance(by: .seconds(6))
        let job = try #require(try cluster.master.cooldownStatus().jobs.first)
        #expect(job.state == "CANCELLED" && job.message.contains("busy") && job.failures == 3)
        cluster.backends[2].set { $0.failing = [:] }
        try cluster.reportAll()
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(confs(cluster.backends[2]) == confs(cluster.backends[0]))
        #expect(confs(cluster.backends[2]).values.allSatisfy { $0.term == 1 })
    }

    @Test func unusedRemoteFilesAreConfirmedOnlyWhenAllReplicasAgree() throws {
        let cluster = try cluster()
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        try cluster.scheduler.advance(by: .seconds(6))
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0]
        let meta = UniqueID(high: 1, low: 2)
        func confirm(_ replica: ReplicaID, _ id: UniqueID) -> [TabletID] {
            cluster.master.frontend.confirmUnusedRemoteFiles([
                TabletCooldownState(tabletID: tablet.id, cooldownReplicaID: replica, cooldownMetaID: id)
            ])
        }
        for backend in cluster.backends.dropLast() { backend.set { $0.tablets[tablet.id]?.metaID = meta } }
        try cluster.reportAll()
        #expect(confirm(tablet.cooldownReplicaID, meta) == [])
        cluster.backends[2].set { $0.tablets[tablet.id]?.metaID = meta }
        try cluster.reportAll()
        #expect(confirm(tablet.cooldownReplicaID, meta) == [tablet.id])
        #expect(confirm(tablet.cooldownReplicaID, UniqueID(high: 9, low: 9)) == [])
        #expect(confirm(ReplicaID(1), meta) == [])
        cluster.backends[1].set { $0.isDown = true }
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(confirm(tablet.cooldownReplicaID, meta) == [])
    }

    @Test func coldReplicasShow() throws {
        let cluster = try cluster()
        try cluster.load("l1")
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        try cluster.scheduler.advance(by: .seconds(6))
        let meta = UniqueID(high: 1, low: 2)
        for backend in cluster.backends {
            backend.set { state in for id in state.tablets.keys { state.tablets[id]?.metaID = meta } }
        }
        try cluster.reportAll()
        let table = try #require(try cluster.master.cooldownStatus().tables.first)
        #expect(table.coldReplicas == 12 && table.replicas == 12 && table.localBytes == 0)
        #expect(table.uploadedTablets == 4 && table.alignedTablets == 4)
        #expect(try cluster.master.table(FlowCluster.table).coldReplicaCount == 12)
        #expect(try cluster.master.tablets(of: FlowCluster.table)[0].replicas.allSatisfy { $0.reason.isEmpty })
    }
}
