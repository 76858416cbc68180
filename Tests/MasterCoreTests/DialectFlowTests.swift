import ClusterTestKit
import HTTPAPI
import Synchronization
import TabletModel
import Testing

@testable import ClusterMetadata
@testable import MasterCore
@testable import MasterServices

/// Backends of Doris in a cluster of ours: told everything in their own words, and never given rows.
@Suite struct DialectFlowTests {
    private func newer(_ state: inout FlowBackend.State) {
        state.version = "doris-4.0"
        state.hasNewerMembers = true
        state.uuid = nil
    }

    /// Three backends of ours with a table, and one of Doris of 2026.
    private func mixed(policy: Bool = true) throws -> FlowCluster {
        let cluster = try FlowCluster(backends: 4)
        cluster.backends[3].set { newer(&$0) }
        _ = try cluster.ready()
        if policy {
            try cluster.createPolicy()
            _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
            try cluster.scheduler.advance(by: .seconds(6))
        }
        return cluster
    }

    private func pushed(_ backend: FlowBackend) -> [PushedRules] {
        backend.taken(.pushStoragePolicy).compactMap { task in
            if case .pushedRules(let rules) = task.payload { rules } else { nil }
        }
    }

    private func report(_ cluster: FlowCluster, _ rules: KnownRules) throws {
        #expect(cluster.backends[3].reportDisks(rules: rules)?.isOK == true)
        try cluster.scheduler.runUntilIdle()
    }

    @Test func whoIsThereIsSeenByTheAnswer() throws {
        let cluster = try mixed(policy: false)
        let known = cluster.master.environment.store.read { $0.backends.map(\.dialect) }
        #expect(known == [.tabletd, .tabletd, .tabletd, .year2026])
        // It is replaced by one of 2023, and that by one of ours; the journal knows across a restart.
        cluster.backends[3].set { $0.hasNewerMembers = false }
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(cluster.master.environment.store.read { $0.backends[3].dialect } == .year2023)
        cluster.killMaster()
        try cluster.startMaster()
        #expect(cluster.master.environment.store.read { $0.backends[3].dialect } == .year2023)
        cluster.backends[3].set { $0.version = "tabletd-test" }
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(cluster.master.environment.store.read { $0.backends[3].dialect } == .tabletd)
    }

    @Test func aHeartbeatSaysNoMoreThanTheOtherSideUnderstands() throws {
        let cluster = try mixed(policy: false)
        try cluster.scheduler.advance(by: .seconds(20))
        let ours = cluster.backends[0].state.withLock { $0.heartbeats }
        // Who is there is not known at first, when it is added and then; the rest is told at once.
        #expect(ours[0].saysTabletd && ours[0].backendUUID == nil && ours[0].position == nil)
        #expect(ours.dropFirst(2).allSatisfy { $0.backendUUID != nil && $0.position != nil && $0.frontends == nil })
        let doris = cluster.backends[3].state.withLock { $0.heartbeats }
        #expect(doris.count > 3)
        #expect(doris.allSatisfy { $0.backendUUID == nil && $0.position == nil && $0.judgedPosition == nil })
        #expect(doris[0].frontends == nil)
        #expect(doris.dropFirst(2).allSatisfy { $0.frontends?.count == 1 })
        // All of the cluster's, as Doris has them; of one that was not heard nobody knows which process it is.
        _ = try cluster.master.addFrontend(AddFrontendRequest(host: "10.0.0.101", port: 9021, role: .observer))
        try cluster.scheduler.advance(by: .seconds(10))
        let later = try #require(cluster.backends[3].state.withLock { $0.heartbeats.last })
        #expect(
            later.frontends == [
                MasterInfo.Frontend(address: later.address, processUUID: 77),
                MasterInfo.Frontend(address: NetworkAddress(host: "10.0.0.101", port: 9021), processUUID: 0),
            ])
    }

    @Test func noTableIsPutOnABackendOfDoris() throws {
        let cluster = try FlowCluster(backends: 3)
        for backend in cluster.backends.suffix(2) { backend.set { newer(&$0) } }
        try cluster.addBackends()
        _ = try cluster.master.createDatabase("db")
        let error = #expect(throws: MasterError.self) { try cluster.createTable(buckets: 1, replicas: 2) }
        #expect(error?.nextStep.contains("whose rows are of another format") == true)
        #expect(error?.nextStep.contains("so are 1 more") == true)
        #expect(try cluster.createTable(buckets: 1, replicas: 1).state == .finished)
        for backend in cluster.backends.suffix(2) { #expect(backend.taken.isEmpty) }
    }

    /// A Doris BE that is told to fetch rows over HTTP ends.
    @Test func noLoadGoesToABackendOfDoris() throws {
        let cluster = try mixed(policy: false)
        try cluster.load("l1")
        // One is replaced: the others have a majority.
        cluster.backends[0].set { newer(&$0) }
        try cluster.scheduler.advance(by: .seconds(6))
        let before = cluster.backends[0].taken(.realtimePush).count
        #expect(try cluster.load("l2").state == .visible)
        #expect(cluster.backends[0].taken(.realtimePush).count == before)
        // A second one: no load can come through, and it says why before a row is sent.
        cluster.backends[1].set { newer(&$0) }
        try cluster.scheduler.advance(by: .seconds(6))
        let error = #expect(throws: MasterError.self) { try cluster.beginLoad("l3", "a,1\n") }
        #expect(error?.message.contains("is one of Doris, whose rows are of another format") == true)
    }

    @Test func policiesArePushedToABackendOf2026OnceForEachCause() throws {
        let cluster = try mixed()
        let backend = cluster.backends[3]
        // Nobody pushes before it says what it has.
        #expect(pushed(backend).isEmpty)
        try report(cluster, KnownRules())
        let first = try #require(pushed(backend).first)
        #expect(first.policies.map(\.name) == ["cold"] && first.resources.map(\.name) == ["s3"])
        #expect(first.policies[0].resourceID == first.resources[0].id)
        #expect(backend.taken(.notifyUpdateStoragePolicy).isEmpty)
        let (policy, resource) = (first.policies[0], first.resources[0])
        let all = KnownRules(policies: [policy.id: policy.version], resources: [resource.id: resource.version])
        for _ in 0..<10 { try report(cluster, all) }
        #expect(pushed(backend).count == 1)
        // What it has beyond is dropped, and what is lost there is pushed again.
        try report(cluster, KnownRules(policies: [policy.id: 0, 99: 3], resources: all.resources))
        #expect(pushed(backend).last == PushedRules(droppedPolicies: [99]))
        try report(cluster, KnownRules(policies: all.policies))
        #expect(pushed(backend).last == PushedRules(resources: [resource]))
        #expect(pushed(backend).count == 3)
        // New keys go at once, and are not pushed again once it has them.
        var change = AlterStorageResourceRequest()
        (change.accessKey, change.secretKey) = ("new", "hush2")
        _ = try cluster.master.alterStorageResource("s3", change)
        try cluster.scheduler.runUntilIdle()
        let rotated = try #require(pushed(backend).last?.resources.first)
        #expect(rotated.version == resource.version + 1 && rotated.s3.accessKey == "new")
        #expect(rotated.policyNames.isEmpty)
        try report(cluster, KnownRules(policies: all.policies, resources: [resource.id: rotated.version]))
        #expect(pushed(backend).count == 4)
        #expect(cluster.backends.prefix(3).allSatisfy { pushed($0).isEmpty })
    }

    /// A backend of 2026 reports them by themselves, every ten seconds: UNKNOWN and the like would be in its log for ever.
    @Test func aReportOfIndexPoliciesIsAnswered() throws {
        let cluster = try mixed(policy: false)
        var report = IncomingReport(backend: cluster.backends[3].addressAsBackend)
        #expect(cluster.master.frontend.report(report).code == .internalError)
        report.hasIndexPolicies = true
        #expect(cluster.master.frontend.report(report).isOK)
    }

    /// Its tablets name a policy by its id.
    @Test func tabletsOfABackendOf2026HaveAPolicyByItsID() throws {
        let cluster = try FlowCluster(backends: 3).ready()
        cluster.backends[0].set { newer(&$0) }
        try cluster.scheduler.advance(by: .seconds(6))
        try cluster.createPolicy()
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        try cluster.scheduler.advance(by: .seconds(1))
        let id = try #require(cluster.master.environment.store.read { $0.policy(named: "cold")?.id })
        func update(_ backend: FlowBackend) -> TabletMetaUpdate? {
            guard case .updateTabletMeta(let updates)? = backend.taken(.updateTabletMetaInfo).last?.payload else {
                return nil
            }
            return updates.first
        }
        let (doris, ours) = (update(cluster.backends[0]), update(cluster.backends[1]))
        #expect(doris?.storagePolicyID == id && doris?.storagePolicy == nil && doris?.metaType == nil)
        #expect(ours?.storagePolicyID == nil && ours?.storagePolicy == "cold" && ours?.metaType == 1)
        #expect(cluster.backends[0].taken(.pushStoragePolicy).count == 1)
    }
}
