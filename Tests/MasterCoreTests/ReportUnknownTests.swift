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

/// Tablets that only a backend knows of, and what a report may not know.
@Suite struct ReportUnknownTests {
    private func report(
        _ cluster: FlowCluster, from place: Int, version: Int64? = nil,
        _ change: (inout TabletReportRow) -> Void = { _ in }
    ) throws {
        #expect(try cluster.backends[place].reportTablets(version: version, change)?.isOK == true)
        try cluster.scheduler.runUntilIdle()
    }

    private func ids(_ cluster: FlowCluster) throws -> [TabletID] {
        try cluster.master.tablets(of: FlowCluster.table).map(\.id)
    }

    private func restart(_ cluster: FlowCluster) throws {
        cluster.killMaster()
        try cluster.startMaster()
        try cluster.scheduler.advance(by: .seconds(10))
    }

    /// One tablet on three backends of which only the first has its data; a forgotten replica of it, at `version`, on the
    /// fourth.
    private func lastCopy(
        replicaOf version: Version, lost: Bool = true, _ configure: (inout FlowBackend.Tablet) -> Void = { _ in }
    ) throws -> (FlowCluster, TabletID) {
        let cluster = try FlowCluster(backends: 4) { $0.repair.isDisabled = true }
        try cluster.addBackends()
        try cluster.createTable(buckets: 1)
        for load in 1...3 { try cluster.load("l\(load)") }
        try cluster.reportAll()
        let tablet = try ids(cluster)[0]
        guard var copy = cluster.backends[0].tablets[tablet] else { throw CancellationError() }
        copy.replicaID = 9_999
        copy.version = version
        configure(&copy)
        if lost {
            for place in 0..<3 { try report(cluster, from: place) { $0.isUsed = false } }
        }
        cluster.backends[3].set { [copy] in
            $0.tablets[tablet] = copy
            $0.reportVersion += 1
        }
        try report(cluster, from: 3)
        return (cluster, tablet)
    }

    @Test func aReplicaThatIsBehindIsTakenInWhenNobodyIsWhole() throws {
        let (cluster, tablet) = try lastCopy(replicaOf: 3)
        #expect(cluster.backends[3].taken(.drop).isEmpty)
        let taken = try #require(try cluster.master.tablet(tablet).replicas.first { $0.id == 9_999 })
        #expect(taken.version == 3 && taken.lastFailedVersion == 4 && !taken.isHealthy)
        // Durable, and whole as soon as it is.
        try restart(cluster)
        cluster.backends[3].set {
            $0.tablets[tablet]?.version = 4
            $0.reportVersion += 1
        }
        try report(cluster, from: 3)
        #expect(try cluster.master.tablet(tablet).replicas.first { $0.id == 9_999 }?.isHealthy == true)
    }

    @Test func aReplicaThatIsBehindIsDroppedWhenAnotherIsWhole() throws {
        let (cluster, tablet) = try lastCopy(replicaOf: 3, lost: false)
        #expect(cluster.backends[3].taken(.drop).count == 1)
        #expect(try cluster.master.tablet(tablet).replicas.count == 3)
    }

    @Test func aReplicaThatCanNotBeTakenInIsKeptWhileNobodyIsWhole() throws {
        // Its remote files may be gone: nobody registered stands on them.
        let (cluster, tablet) = try lastCopy(replicaOf: 4) { $0.metaID = UniqueID(high: 1, low: 2) }
        #expect(cluster.backends[3].taken(.drop).isEmpty)
        #expect(try cluster.master.tablet(tablet).replicas.count == 3)
    }

    /// found A3
    @Test func aReplicaThatIsKeptIsTakenInByAPerson() throws {
        let (cluster, tablet) = try lastCopy(replicaOf: 4) { $0.metaID = UniqueID(high: 1, low: 2) }
        let settled = try cluster.master.adoptMetadata(MetadataChoice(table: FlowCluster.table))
        #expect(settled.tables == [FlowCluster.table])
        let taken = try #require(try cluster.master.tablet(tablet).replicas.first { $0.id == 9_999 })
        #expect(taken.isHealthy)
        #expect(cluster.backends[3].taken(.drop).isEmpty)
    }

    @Test func aReplicaWhoseRemoteFilesMayBeGoneIsNotTakenIn() throws {
        let cluster = try FlowCluster(backends: 4) { $0.repair.isDisabled = true }
        try cluster.addBackends()
        try cluster.createTable(buckets: 1)
        try cluster.reportAll()
        let tablet = try ids(cluster)[0]
        let (old, new) = (UniqueID(high: 0, low: 1), UniqueID(high: 0, low: 2))
        let conf = CooldownConf(tabletID: tablet, cooldownReplicaID: 10_010, term: 1)
        for backend in cluster.backends {
            backend.set {
                $0.tablets[tablet]?.conf = conf
                $0.tablets[tablet]?.metaID = new
            }
        }
        try cluster.master.environment.commit([.pushCooldownConf([conf])])
        // One of three is lost, and the fourth backend has a whole one of the same term.
        var copy = try #require(cluster.backends[1].tablets[tablet])
        copy.replicaID = 9_999
        cluster.backends[2].set { $0.tablets = [:] }
        try cluster.reportAll()
        for (meta, isTaken) in [(old, false), (new, true)] {
            copy.metaID = meta
            cluster.backends[3].set { [copy] in $0.tablets[tablet] = copy }
            try report(cluster, from: 3)
            #expect(try cluster.master.tablet(tablet).replicas.contains { $0.id == 9_999 } == isTaken)
        }
    }

    // MARK: What was on its way when the FE restarted

    @Test func theFirstReportAfterAStartDropsNoReplica() throws {
        let cluster = try FlowCluster().ready()
        try cluster.load("l1")
        let tablet = try ids(cluster)[0]
        let old = cluster.backends[0].tablets
        try restart(cluster)
        // It was made before the tablet was cloned to this backend, and is about to arrive.
        cluster.backends[0].set { $0.tablets[tablet] = nil }
        try report(cluster, from: 0)
        let replicas = try cluster.master.tablet(tablet).replicas
        #expect(replicas.count == 3 && replicas.count(where: \.isBad) == 1)
        cluster.backends[0].set { $0.tablets = old }
        try report(cluster, from: 0)
        #expect(try cluster.master.tablet(tablet).replicas.allSatisfy(\.isHealthy))
        // And if it really is lost the second report says so.
        cluster.backends[0].set { $0.tablets[tablet] = nil }
        try report(cluster, from: 0)
        #expect(try cluster.master.tablet(tablet).replicas.count == 2)
    }

    @Test func theFirstReportAfterAStartTakesNothingInAndDropsNothing() throws {
        let cluster = try FlowCluster(backends: 4) { $0.repair.isDisabled = true }
        try cluster.addBackends()
        try cluster.createTable(buckets: 1)
        try cluster.reportAll()
        let tablet = try ids(cluster)[0]
        var copy = try #require(cluster.backends[0].tablets[tablet])
        copy.replicaID = 9_999
        cluster.backends[3].set { [copy] in $0.tablets[tablet] = copy }
        try restart(cluster)
        for place in 0..<3 { try report(cluster, from: place) }
        try report(cluster, from: 3)
        #expect(cluster.backends[3].taken(.drop).isEmpty)
        #expect(try cluster.master.tablet(tablet).replicas.count == 3)
        try report(cluster, from: 3)
        #expect(cluster.backends[3].taken(.drop).count == 1)
    }

    /// A lower version that a late report brought is taken back by the next one, and lets nobody be dropped meanwhile.
    @Test func aLateReportAfterAStartLowersAVersionUntilTheNext() throws {
        let cluster = try FlowCluster().ready()
        try cluster.load("l1")
        let tablet = try ids(cluster)[0]
        try restart(cluster)
        for place in 0..<3 { try report(cluster, from: place) { $0.version = 1 } }
        #expect(try cluster.master.tablet(tablet).replicas.allSatisfy { !$0.isHealthy })
        try cluster.reportAll()
        #expect(try cluster.master.tablet(tablet).replicas.allSatisfy(\.isHealthy))
        #expect(cluster.backends.allSatisfy { $0.taken(.drop).isEmpty })
    }

    /// The report is being taken in while a task ends: its tablet is judged by what was known when the task ended.
    @Test func aTaskThatEndsWhileAReportIsTakenInIsNotUndone() throws {
        let cluster = try FlowCluster().ready()
        let tablet = try ids(cluster)[0]
        let environment = cluster.master.environment
        let backend = try cluster.master.backends()[0].id
        let moment = ReportMoment(
            backend: backend, version: 500, isFirst: false, touched: cluster.master.reports.touched)
        cluster.master.reports.touched.note([tablet], on: backend, at: 501, raised: true)
        MissingExecutor(environment: environment).carryOut([tablet], at: moment)
        RegressionExecutor(environment: environment).carryOut(
            [.init(tabletID: tablet, version: 0, isMissing: false)], at: moment, isOurs: true)
        RecoverExecutor(environment: environment).carryOut([.init(tabletID: tablet, reason: .bad)], at: moment)
        #expect(try cluster.master.tablet(tablet).replicas.allSatisfy(\.isHealthy))
    }

    // MARK: Nonsense

    @Test func aVersionThatNoLoadWasGivenIsNotBelieved() throws {
        let cluster = try FlowCluster().ready()
        let tablet = try ids(cluster)[0]
        try report(cluster, from: 0) { row in
            if row.tabletID == tablet { row.version = Version(.max) }
            row.versionMiss = true
        }
        let replica = try cluster.master.tablet(tablet).replicas.first {
            $0.host == cluster.backends[0].address.host
        }
        #expect(replica?.version == 1)
        // No FE ever gives such a version: it says nothing of these metadata.
        try cluster.load("l1")
        try cluster.reportAll()
        #expect(try cluster.master.tablet(tablet).replicas.allSatisfy(\.isHealthy))
    }

    @Test func hostileFiguresOfTabletsAndDisksAreAddedUp() throws {
        let cluster = try FlowCluster().ready()
        try cluster.createPolicy()
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        for figure in [Int64.max, .min] {
            for backend in cluster.backends {
                _ = try backend.reportTablets { row in
                    row.dataSizeBytes = figure
                    row.remoteDataSizeBytes = figure
                    row.rowCount = figure
                    row.versionCount = figure
                }
                let disks = (0..<3).map {
                    DiskReport(
                        rootPath: "/d\($0)", totalBytes: .max, dataUsedBytes: figure, availableBytes: figure,
                        pathHash: 7, medium: .hdd, isUsed: true)
                }
                _ = cluster.master.frontend.report(IncomingReport(backend: backend.addressAsBackend, disks: disks))
            }
            try cluster.scheduler.runUntilIdle()
            _ = try cluster.master.table(FlowCluster.table)
            _ = try cluster.master.cooldownStatus()
            #expect(try cluster.master.backends().count == 3)
            try cluster.scheduler.advance(by: .seconds(30))
        }
    }

    /// Right after it was added nobody knows the ports of a backend: its report is refused, and accepted when it is sent again.
    @Test func aReportBeforeTheFirstHeartbeatWasAnsweredIsRefusedForNow() throws {
        let cluster = try FlowCluster(backends: 1)
        _ = try cluster.master.addBackend(cluster.backends[0].address)
        let early = try #require(try cluster.backends[0].reportTablets())
        #expect(early.code == .internalError && early.description.contains("send it again later"))
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.backends[0].reportTablets()?.isOK == true)
    }
}
