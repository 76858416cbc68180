import ClusterTestKit
import HTTPAPI
import Platform
import Synchronization
import TabletModel
import Testing

@testable import ClusterMetadata
@testable import MasterCore
@testable import MasterServices
@testable import TabletReports

@Suite struct ReportFlowTests {
    private func replica(_ cluster: FlowCluster, of tablet: TabletID, on place: Int) throws -> ReplicaView? {
        try cluster.master.tablet(tablet).replicas.first { $0.host == cluster.backends[place].address.host }
    }

    @Test func badAndMissingReplicasAreMarkedAndHeal() throws {
        let cluster = try FlowCluster().ready()
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0].id
        _ = try cluster.backends[0].reportTablets { if $0.tabletID == tablet { $0.isUsed = false } }
        _ = try cluster.backends[1].reportTablets { if $0.tabletID == tablet { $0.versionMiss = true } }
        try cluster.scheduler.runUntilIdle()
        #expect(try replica(cluster, of: tablet, on: 0)?.isBad == true)
        #expect(try replica(cluster, of: tablet, on: 1)?.lastFailedVersion == 2)
        try cluster.reportAll()
        #expect(try replica(cluster, of: tablet, on: 0)?.isHealthy == true)
        #expect(try replica(cluster, of: tablet, on: 1)?.isHealthy == true)
    }

    @Test func lostReplicaLeavesTheMetadataUnlessItIsTheOnlyOne() throws {
        let cluster = try FlowCluster().ready()
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0].id
        for (place, left) in [2, 1, 1].enumerated() {
            cluster.backends[place].set {
                $0.tablets[tablet] = nil; $0.reportVersion += 1
            }
            _ = try cluster.backends[place].reportTablets()
            try cluster.scheduler.runUntilIdle()
            #expect(try cluster.master.tablet(tablet).replicas.count == left)
        }
        #expect(try cluster.master.tablet(tablet).replicas[0].isBad)
    }

    @Test func lostOnlyReplicaIsMadeAgainEmptyWhenAllowed() throws {
        let cluster = try FlowCluster(backends: 1) { $0.recoversWithEmptyTablet = true }
        try cluster.addBackends()
        try cluster.reportAll()
        try cluster.createTable(buckets: 1, replicas: 1)
        try cluster.load("l1")
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0].id
        cluster.backends[0].set {
            $0.tablets = [:]; $0.reportVersion += 1
        }
        try cluster.reportAll()
        #expect(cluster.backends[0].tablets[tablet]?.version == 2)
        #expect(cluster.backends[0].tablets[tablet]?.rows == "")
        try cluster.reportAll()
        #expect(try cluster.master.tablet(tablet).replicas.allSatisfy(\.isHealthy))
    }

    @Test func reportThatIsOlderThanATaskSaysNothingOfItsTablets() throws {
        let cluster = try FlowCluster().ready()
        let before = cluster.backends[0].state.withLock { $0.reportVersion }
        try cluster.load("l1")
        _ = try cluster.backends[0].reportTablets(version: before) { $0.isUsed = false }
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.table(FlowCluster.table).healthyReplicaCount == 12)
    }

    @Test func wholeOlderReportOfAForeignBackendIsDropped() throws {
        let cluster = try FlowCluster(version: "doris-1.2", dialect: .tabletd)
        _ = try cluster.ready()
        try cluster.scheduler.advance(by: .seconds(60))
        let last = try cluster.master.backends()[0].lastTabletReportMs
        _ = try cluster.backends[0].reportTablets(version: 10) { $0.isUsed = false }
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.table(FlowCluster.table).healthyReplicaCount == 12)
        #expect(try cluster.master.backends()[0].lastTabletReportMs == last)
    }

    @Test func unregisteredReplicaIsDroppedWithoutItsRemoteFolder() throws {
        let cluster = try FlowCluster(backends: 4)
        try cluster.addBackends()
        try cluster.createTable(buckets: 1)
        try cluster.reportAll()
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0]
        let stranger = cluster.backends[3]
        stranger.set { $0.tablets[tablet.id] = .init(replicaID: 9_999, schemaHash: tablet.schemaHash) }
        _ = try stranger.reportTablets()
        try cluster.scheduler.runUntilIdle()
        guard case .drop(let drop)? = stranger.taken(.drop).first?.payload else {
            Issue.record("it was not dropped")
            return
        }
        #expect(drop == DropTabletRequest(tabletID: tablet.id, replicaID: 9_999, isDropTableOrPartition: false))
    }

    @Test func tabletOfADroppedTableIsDroppedWithItsRemoteFolder() throws {
        let cluster = try FlowCluster().ready()
        cluster.backends[0].set { $0.silent = [.drop] }
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0].id
        try cluster.master.dropTable(FlowCluster.table)
        try cluster.scheduler.runUntilIdle()
        cluster.backends[0].set { $0.silent = [] }
        _ = try cluster.backends[0].reportTablets()
        try cluster.scheduler.runUntilIdle()
        #expect(cluster.backends[0].tablets.isEmpty)
        let drops = cluster.backends[0].taken(.drop).filter { $0.signature == tablet.rawValue }
        #expect(drops.count == 2)
        for case .drop(let drop) in drops.map(\.payload) { #expect(drop.isDropTableOrPartition) }
    }

    @Test func tabletThatThisFENeverMadeIsLeftAlone() throws {
        let cluster = try FlowCluster().ready()
        cluster.backends[0].set { $0.tablets[90_000_000] = .init(replicaID: 1, schemaHash: 1) }
        _ = try cluster.backends[0].reportTablets()
        try cluster.scheduler.runUntilIdle()
        #expect(cluster.backends[0].taken(.drop).isEmpty)
    }

    @Test func missingReplicaIsTakenBackWhenItIsReportedWhole() throws {
        let cluster = try FlowCluster().ready()
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0].id
        let kept = cluster.backends[0].tablets[tablet]
        cluster.backends[0].set {
            $0.tablets[tablet] = nil; $0.reportVersion += 1
        }
        _ = try cluster.backends[0].reportTablets()
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.tablet(tablet).replicas.count == 2)
        cluster.backends[0].set {
            $0.tablets[tablet] = kept; $0.reportVersion += 1
        }
        _ = try cluster.backends[0].reportTablets()
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.tablet(tablet).replicas.count == 3)
        #expect(cluster.backends[0].taken(.drop).isEmpty)
    }

    @Test func leftOverTransactionsAreClearedOrPublishedAgain() throws {
        let cluster = try FlowCluster().ready()
        let visible = try cluster.load("l1").transactionID
        let aborted = try cluster.beginLoad("l2", "a,1\n")
        _ = try cluster.master.abortLoad(aborted, reason: "changed my mind")
        _ = try cluster.backends[0].reportTablets { $0.transactionIDs = [visible, aborted, 1] }
        try cluster.scheduler.runUntilIdle()
        #expect(cluster.backends[0].taken(.publishVersion).count == 2)
        #expect(cluster.backends[0].taken(.clearTransactionTask).map(\.signature) == [1, aborted.rawValue])
        #expect(try !cluster.master.metadataStatus().isHeld)
        // One whose id was never given out: somebody else began it, and nothing is cleared any more (found A3).
        cluster.backends[0].set { $0.reportVersion += 1 }
        _ = try cluster.backends[0].reportTablets { $0.transactionIDs = [aborted, 90_000_000] }
        try cluster.scheduler.runUntilIdle()
        #expect(cluster.backends[0].taken(.clearTransactionTask).count == 2)
        #expect(try cluster.master.metadataStatus().findings.map(\.kind) == ["transaction"])
    }

    // found A12
    @Test func aReplicaThatCanNotBeReadIsUnhealthyUntilItCan() throws {
        let cluster = try FlowCluster(backends: 3).ready()
        try cluster.load("l1")
        let backend = cluster.backends[1]
        let (tablet, replica) = try #require(
            backend.tablets.min { $0.key < $1.key }.map { ($0.key, $0.value.replicaID) })
        let unreadable = UnreadableReplica(
            tabletID: tablet, replicaID: replica, reason: "object data/1/a_0.dat is not in its store any more",
            since: UnixTime(milliseconds: 1))
        backend.set { $0.unreadable = [unreadable] }
        _ = try backend.reportTablets()
        try cluster.scheduler.runUntilIdle()
        let found = try cluster.master.unhealthyReplicas(of: nil, limit: 10)
        #expect(found.map(\.tabletID) == [tablet] && found.map(\.replica.id) == [replica])
        #expect(found.first?.replica.reason == "it can't be read: object data/1/a_0.dat is not in its store any more")
        #expect(found.first?.note.contains("can't read its replica") == true)
        let plan = try cluster.master.readPlan(FlowCluster.table, backend: nil, version: nil)
        #expect(plan.tablets.first { $0.tabletID == tablet }?.backends.map(\.replicaID).contains(replica) == false)
        backend.set { $0.unreadable = [] }
        _ = try backend.reportTablets()
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.unhealthyReplicas(of: nil, limit: 10).isEmpty)
    }

    @Test func diskReportShowsInTheList() throws {
        let cluster = try FlowCluster(backends: 1)
        try cluster.addBackends()
        #expect(cluster.backends[0].reportDisks()?.isOK == true)
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.backends()[0].disks.first?.rootPath == "/data")
        // Too full for new replicas.
        #expect(cluster.backends[0].reportDisks(usedPermille: 900)?.isOK == true)
        try cluster.scheduler.runUntilIdle()
        _ = try cluster.master.createDatabase("db")
        #expect(throws: MasterError.self) { try cluster.createTable(buckets: 1, replicas: 1) }
    }

    @Test func newerReportReplacesTheWaitingOneAndTheQueueIsBounded() {
        let queue = ReportQueue(limit: 2)
        func report(_ version: Int64) -> IncomingReport {
            IncomingReport(
                backend: BackendAddress(host: "h", bePort: 1, httpPort: 2), reportVersion: version, disks: [])
        }
        #expect(queue.offer(report(1), from: 10) == .queued)
        #expect(queue.offer(report(2), from: 10) == .replaced)
        #expect(queue.offer(report(1), from: 11) == .queued)
        #expect(queue.offer(report(1), from: 12) == .full(limit: 2))
        #expect(queue.take()?.report.reportVersion == 2)
        #expect(queue.offer(report(1), from: 12) == .queued)
        let nothing = IncomingReport(backend: BackendAddress(host: "h", bePort: 1, httpPort: 2))
        #expect(queue.offer(nothing, from: 10) == .empty)
    }
}

@Suite struct FrontendTests {
    private func finish(
        _ cluster: FlowCluster, _ type: TaskType, _ signature: Int64, bePort: Int32? = nil,
        _ change: (inout FinishTaskRequest) -> Void = { _ in }
    ) -> StatusCode {
        let backend = cluster.backends[0]
        var request = FinishTaskRequest(
            backend: BackendAddress(
                host: backend.address.host, bePort: bePort ?? backend.bePort, httpPort: 8040), type: type,
            signature: signature, status: .ok)
        change(&request)
        return cluster.master.frontend.finishTask(request).code
    }

    @Test func endsOfTasksThatNobodyWaitsForAreAnsweredAsDorisDoes() throws {
        let cluster = try FlowCluster().ready()
        #expect(finish(cluster, .drop, 1, bePort: 1) == .cancelled)
        for type in [TaskType.drop, .releaseSnapshot, .clearTransactionTask] {
            #expect(finish(cluster, type, 1) == .ok)
        }
        for type in [TaskType.create, .publishVersion, .clone, .realtimePush] {
            #expect(finish(cluster, type, 1) == .cancelled)
        }
    }

    @Test func endWithoutItsMembersIsRefusedAndTheTaskStays() throws {
        let cluster = try FlowCluster()
        try cluster.addBackends()
        cluster.backends[0].set { $0.silent = [.create] }
        try cluster.createTable(buckets: 1)
        let signature = try #require(cluster.backends[0].taken(.create).first?.signature)
        #expect(finish(cluster, .create, signature) == .cancelled)
        #expect(try cluster.master.jobs().first?.state == .running)
        #expect(finish(cluster, .create, signature) { $0.reportVersion = 1 } == .ok)
        #expect(try cluster.master.jobs().first?.state == .finished)
        #expect(finish(cluster, .create, signature) { $0.reportVersion = 1 } == .cancelled)
    }

    @Test func reportOfAnUnknownBackendIsRefused() throws {
        let cluster = try FlowCluster(backends: 1)
        let report = IncomingReport(backend: BackendAddress(host: "x", bePort: 1, httpPort: 1), tasks: [:])
        #expect(cluster.master.frontend.report(report).code == .internalError)
    }

    @Test func pingChecksAndNeverShowsTheToken() throws {
        let cluster = try FlowCluster(backends: 1)
        let identity = cluster.master.environment.store.identity
        let good = cluster.master.frontend.ping(PingRequest(clusterID: identity.clusterID, token: identity.token))
        #expect(good.isOK && good.rpcPort == 9020 && good.replayedJournalID > 0)
        for bad in [
            PingRequest(clusterID: identity.clusterID &+ 1, token: identity.token),
            PingRequest(clusterID: identity.clusterID, token: "guess"),
        ] {
            let reply = cluster.master.frontend.ping(bad)
            #expect(!reply.isOK && !reply.message.contains(identity.token) && reply.version == "tabletd-fe-test")
        }
    }
}
