import ClusterTestKit
import HTTPAPI
import HashTreeCollections
import Platform
import Synchronization
import TabletModel
import Testing

@testable import ClusterMetadata
@testable import MasterCore
@testable import MasterServices
@testable import TabletReports

/// What reports do to replicas while other things go on.
@Suite struct ReportHealingTests {
    private func replica(_ cluster: FlowCluster, of tablet: TabletID, on place: Int) throws -> ReplicaView {
        try #require(
            try cluster.master.tablet(tablet).replicas.first { $0.host == cluster.backends[place].address.host })
    }

    private func report(
        _ cluster: FlowCluster, from place: Int, version: Int64? = nil,
        _ change: (inout TabletReportRow) -> Void = { _ in }
    ) throws {
        #expect(try cluster.backends[place].reportTablets(version: version, change)?.isOK == true)
        try cluster.scheduler.runUntilIdle()
    }

    // MARK: Old disks

    private func loaded(_ version: String = "tabletd-test") throws -> (FlowCluster, TabletID) {
        let cluster = try FlowCluster(
            version: version, dialect: version.hasPrefix("tabletd") ? nil : .tabletd
        ).ready()
        for load in 1...3 { try cluster.load("l\(load)") }
        return (cluster, try cluster.master.tablets(of: FlowCluster.table)[0].id)
    }

    @Test func replicaOfAnOldDiskIsNotReadUntilItCaughtUp() throws {
        let (cluster, tablet) = try loaded()
        cluster.backends[0].set {
            $0.tablets[tablet]?.version = 2; $0.reportVersion += 1
        }
        try report(cluster, from: 0)
        let old = try replica(cluster, of: tablet, on: 0)
        #expect(old.version == 2 && old.lastFailedVersion == 4 && !old.isHealthy)
        let plan = try cluster.master.readPlan(FlowCluster.table, backend: nil, version: nil)
        let target = try #require(plan.tablets.first { $0.tabletID == tablet })
        #expect(target.backends.count == 2 && !target.backends.contains { $0.backendID == old.backendID })
        cluster.backends[0].set {
            $0.tablets[tablet]?.version = 4; $0.reportVersion += 1
        }
        try report(cluster, from: 0)
        #expect(try replica(cluster, of: tablet, on: 0).isHealthy)
    }

    @Test func lowerVersionIsDurable() throws {
        let (cluster, tablet) = try loaded()
        cluster.backends[0].set {
            $0.tablets[tablet]?.version = 2; $0.reportVersion += 1
        }
        try report(cluster, from: 0)
        cluster.killMaster()
        try cluster.startMaster()
        #expect(try replica(cluster, of: tablet, on: 0).version == 2)
    }

    @Test func reportMadeBeforeAPublishLowersNothing() throws {
        let (cluster, tablet) = try loaded()
        let before = cluster.backends[0].state.withLock { $0.reportVersion }
        try cluster.load("l4")
        try report(cluster, from: 0, version: before) { $0.version = 4 }
        #expect(try replica(cluster, of: tablet, on: 0).version == 5)
        #expect(try replica(cluster, of: tablet, on: 0).isHealthy)
    }

    @Test func foreignBackendMustShowTheLowerVersionTwice() throws {
        let (cluster, tablet) = try loaded("doris-1.2")
        for (version, expected) in [(2, 4), (3, 4), (3, 3)] as [(Int64, Int64)] {
            cluster.backends[0].set {
                $0.tablets[tablet]?.version = Version(version); $0.reportVersion += 1
            }
            try report(cluster, from: 0)
            #expect(try replica(cluster, of: tablet, on: 0).version == Version(expected))
        }
    }

    // MARK: Busy backends

    /// Tasks change other tablets all the time, and every report is older than some of them: the sick tablet is healed
    /// and marked by each report nevertheless, and no report undoes what a task changed after it was made.
    @Test(arguments: UInt64(1)...20)
    func busyBackendStillHealsItsOtherTablets(seed: UInt64) throws {
        let random = SeededRandom(seed: seed)
        let touched = TouchedTablets()
        let backend: BackendID = 10
        var now: Int64 = 100
        var changes: [TabletID: (version: Int64, raised: Bool)] = [:]
        for _ in 0..<300 {
            if random.next(below: 3) > 0 {
                let tablet = TabletID(2 + Int64(random.next(below: 20)))
                let raised = random.oneIn(2)
                if raised { now += 1 }
                touched.note([tablet], on: backend, at: now, raised: raised)
                changes[tablet] = (now, raised)
                continue
            }
            let made = now - Int64(random.next(below: 10))
            let fresh = (1...21).map { TabletID($0) }.filter { touched.isChanged($0, after: made, on: backend) }
            #expect(!fresh.contains(1))
            // Reports are taken in order of their versions: what an older one forgot stays forgotten.
            let expected = changes.filter { $0.value.version > made || ($0.value.version == made && !$0.value.raised) }
            #expect(fresh == expected.keys.sorted(), "seed \(seed)")
            touched.forget(upTo: made, number: touched.lastNumber, on: backend)
            changes = changes.filter { $0.value.version > made }
        }
    }

    /// PUBLISH_VERSION raises no report version: a report of the same one may have been made before its end. The next one was
    /// not.
    @Test func reportOfAPublishsOwnVersionIsBelievedTheSecondTime() throws {
        let (cluster, tablet) = try loaded()
        let version = cluster.backends[0].state.withLock { $0.reportVersion } - 1
        try report(cluster, from: 0, version: version) { if $0.tabletID == tablet { $0.version = 3 } }
        #expect(try replica(cluster, of: tablet, on: 0).version == 4)
        try report(cluster, from: 0, version: version) { if $0.tabletID == tablet { $0.version = 3 } }
        #expect(try replica(cluster, of: tablet, on: 0).version == 3)
    }

    /// A backend that came up with an old disk takes rows before its report arrives, and publishes them over the hole right
    /// after: what the report showed still counts.
    @Test func reportMadeBeforeAPushShowsAReplicaThatIsBehind() throws {
        let cluster = try FlowCluster { $0.repair.isDisabled = true }.ready()
        for load in 1...3 { try cluster.load("l\(load)") }
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0].id
        let backend = cluster.backends[0]
        backend.set { $0.silent = [.publishVersion] }
        let before = backend.state.withLock { $0.reportVersion }
        let id = try cluster.beginLoad("l4", "x,1\n")
        _ = try cluster.master.finishLoad(id)
        try cluster.scheduler.runUntilIdle()
        #expect(backend.state.withLock { $0.reportVersion } > before)
        try report(cluster, from: 0, version: before) { if $0.tabletID == tablet { $0.version = 3 } }
        #expect(try replica(cluster, of: tablet, on: 0).version == 3)
        backend.set { $0.silent = [] }
        for task in backend.taken(.publishVersion).suffix(1) { backend.run(task) }
        try cluster.scheduler.advance(by: .seconds(20))
        #expect(try cluster.master.load(id).state == .visible)
        #expect(try !replica(cluster, of: tablet, on: 0).isHealthy)
    }

    @Test func whatEndsWhileAReportIsTakenInIsNewsToTheNextOfTheSameVersion() {
        let touched = TouchedTablets()
        let number = touched.lastNumber
        touched.note([1], on: 10, at: 100, raised: false)
        touched.forget(upTo: 100, number: number, on: 10)
        #expect(touched.isChanged(1, after: 100, on: 10))
        touched.forget(upTo: 100, number: touched.lastNumber, on: 10)
        #expect(!touched.isChanged(1, after: 100, on: 10))
    }

    @Test func untouchedSickTabletIsMarkedByAReportOlderThanALoad() throws {
        let cluster = try FlowCluster()
        try cluster.addBackends()
        try cluster.createTable(buckets: 2)
        let sick = try cluster.master.tablets(of: FlowCluster.table)[0].id
        let busy = try cluster.master.tablets(of: FlowCluster.table)[1].id
        let backend = try cluster.master.backends()[0].id
        for round in 1...5 {
            let made = cluster.backends[0].state.withLock { $0.reportVersion }
            cluster.master.reports.touched.note([busy], on: backend, at: made + 1, raised: true)
            let isSick = round % 2 == 1
            try report(cluster, from: 0, version: made) { row in
                if row.tabletID == sick { row.versionMiss = isSick }
                if row.tabletID == busy { row.isUsed = false }
            }
            #expect(try replica(cluster, of: sick, on: 0).isHealthy == !isSick)
            #expect(try replica(cluster, of: busy, on: 0).isHealthy)
            cluster.backends[0].set { $0.reportVersion += 2 }
        }
    }

    // MARK: Isolation

    @Test func brokenTabletStopsNoOther() throws {
        let cluster = try FlowCluster().ready()
        let tablets = try cluster.master.tablets(of: FlowCluster.table).map(\.id)
        _ = try cluster.master.createTable(
            CreateTableRequest(
                name: TableName(database: "db", table: "broken"), buckets: 1, replicas: 3, columns: ["k"],
                storagePolicy: nil))
        try cluster.scheduler.runUntilIdle()
        let broken = try cluster.master.tablets(of: TableName(database: "db", table: "broken"))[0].id
        cluster.master.environment.store.observe { state in
            let table = state.tablets.tablet(broken)!.tableID
            state.tablesByID[table]?.partitions = []
        }
        // Every list has the broken tablet, first or last, and another one.
        try report(cluster, from: 0) { row in
            if row.tabletID == broken || row.tabletID == tablets[0] { row.isUsed = false }
        }
        #expect(try replica(cluster, of: tablets[0], on: 0).isBad)
        try report(cluster, from: 0)
        #expect(try !replica(cluster, of: tablets[0], on: 0).isBad)
        cluster.backends[0].set {
            $0.tablets[broken] = nil; $0.tablets[tablets[1]] = nil; $0.reportVersion += 1
        }
        try report(cluster, from: 0)
        #expect(try cluster.master.tablet(tablets[1]).replicas.count == 2)
        #expect(cluster.master.environment.store.read { $0.tablets.replicas(of: broken).count } == 3)
    }

    // MARK: Journal

    @Test func badAndMissingMarksAreReplayedFromJournalAndImage() throws {
        for writesImage in [false, true] {
            let cluster = try FlowCluster().ready()
            try cluster.load("l1")
            let tablets = try cluster.master.tablets(of: FlowCluster.table).map(\.id)
            try report(cluster, from: 0) { row in
                if row.tabletID == tablets[0] { row.isUsed = false }
                if row.tabletID == tablets[1] { row.versionMiss = true }
            }
            let before = cluster.master.environment.store.snapshot().tablets
            if writesImage { _ = try cluster.master.environment.store.checkpoint() }
            cluster.killMaster()
            try cluster.startMaster()
            let after = cluster.master.environment.store.snapshot().tablets
            for tablet in tablets {
                let (old, new) = (before.replicas(of: tablet), after.replicas(of: tablet))
                #expect(old.map(\.versions) == new.map(\.versions))
                #expect(old.map(\.isBad) == new.map(\.isBad))
            }
            #expect(try replica(cluster, of: tablets[0], on: 0).isBad)
            #expect(try replica(cluster, of: tablets[1], on: 0).lastFailedVersion == 3)
        }
    }
}
