import ClusterTestKit
import HTTPAPI
import Platform
import Synchronization
import TabletModel
import Testing

@testable import MasterCore
@testable import MasterServices

@Suite struct DiskMoveFlowTests {
    private static let total: Int64 = 1000 << 30

    private func disk(_ path: String, _ hash: Int64, usedPercent: Int64, medium: StorageMedium = .hdd) -> DiskReport {
        DiskReport(
            rootPath: path, totalBytes: Self.total, dataUsedBytes: 0,
            availableBytes: Self.total / 100 * (100 - usedPercent), pathHash: hash, medium: medium, isUsed: true)
    }

    /// One backend with two dirs, a table with one replica a tablet, all of them in /d1.
    private func cluster(
        used: (Int64, Int64) = (50, 50), media: (StorageMedium, StorageMedium) = (.hdd, .hdd),
        configure: @escaping (inout MasterConfiguration) -> Void = { _ in }
    ) throws -> FlowCluster {
        let cluster = try FlowCluster(backends: 1, configure: configure)
        cluster.backends[0].set { state in
            state.disks = [
                disk("/d1", 11, usedPercent: used.0, medium: media.0),
                disk("/d2", 12, usedPercent: used.1, medium: media.1),
            ]
        }
        try cluster.addBackends()
        #expect(try cluster.createTable(replicas: 1).state == .finished)
        try cluster.reportAll()
        _ = cluster.backends[0].reportDisks()
        try cluster.scheduler.runUntilIdle()
        return cluster
    }

    private func tablet(_ cluster: FlowCluster, _ place: Int = 0) throws -> TabletView {
        try cluster.master.tablets(of: FlowCluster.table)[place]
    }

    private func request(_ cluster: FlowCluster, path: String? = nil, medium: String? = nil) throws
        -> MoveReplicaRequest
    {
        MoveReplicaRequest(backendID: try cluster.master.backends()[0].id, path: path, medium: medium)
    }

    @Test func aMoveIsAJobAndItsEndShowsWhereTheReplicaIs() throws {
        let cluster = try cluster()
        let tablet = try tablet(cluster)
        #expect(tablet.replicas[0].dataDir == "/d1")
        let job = try cluster.master.moveReplica(tablet.id, try request(cluster, path: "/d2"))
        #expect(job.kind == "migrate" && job.state == .running)
        #expect(try self.tablet(cluster).replicas[0].move == "moves to /d2")
        try cluster.scheduler.runUntilIdle()
        let task = try #require(cluster.backends[0].taken(.storageMediumMigrate).first)
        #expect(task.signature == tablet.id.rawValue)
        #expect(try cluster.master.job(job.id).state == .finished)
        let after = try self.tablet(cluster).replicas[0]
        #expect(after.dataDir == "/d2" && after.move == nil)
        #expect(try cluster.master.status().queuedTasks == 0)
    }

    @Test func aMediumIsEnough() throws {
        let cluster = try cluster(media: (.hdd, .ssd))
        let id = try tablet(cluster).id
        let job = try cluster.master.moveReplica(id, try request(cluster, medium: "ssd"))
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.job(job.id).state == .finished)
        #expect(try tablet(cluster).replicas[0].dataDir == "/d2")
    }

    @Test func whatCanNotBeIsRefusedAtOnce() throws {
        let cluster = try cluster()
        let id = try tablet(cluster).id
        func code(_ tablet: TabletID, _ body: (inout MoveReplicaRequest) -> Void) throws -> MasterError.Code? {
            var request = try request(cluster, path: "/d2")
            body(&request)
            return #expect(throws: MasterError.self) { try cluster.master.moveReplica(tablet, request) }?.code
        }
        #expect(try code(4711) { _ in } == .notFound)
        #expect(try code(id) { $0.backendID = 4711 } == .notFound)
        #expect(try code(id) { $0.path = "/d1" } == .conflict)
        for path in ["", "/d3", "/d1/../d2", "/d2 ", "\u{0}", String(repeating: "x", count: 10_000)] {
            #expect(try code(id) { $0.path = path } == .invalidArgument, "\(path.prefix(20))")
        }
        #expect(try code(id) { $0.path = nil } == .invalidArgument)
        #expect(try code(id) { $0.medium = "SSD" } == .invalidArgument)
        for medium in ["SSD", "floppy", ""] {
            #expect(try code(id) { ($0.path, $0.medium) = (nil, medium) } == .invalidArgument, "\(medium)")
        }
        #expect(try code(id) { ($0.path, $0.medium) = (nil, "HDD") } == .conflict)
        #expect(cluster.backends[0].taken(.storageMediumMigrate).isEmpty)
    }

    @Test func aMoveThatRunsIsNotBegunTwiceAndEndsWithItsBackend() throws {
        let cluster = try cluster()
        cluster.backends[0].set { $0.silent = [.storageMediumMigrate] }
        let id = try tablet(cluster).id
        let job = try cluster.master.moveReplica(id, try request(cluster, path: "/d2"))
        #expect(throws: MasterError.self) { try cluster.master.moveReplica(id, try request(cluster, path: "/d2")) }
        cluster.backends[0].set { $0.isDown = true }
        try cluster.scheduler.advance(by: .seconds(60))
        let ended = try cluster.master.job(job.id)
        #expect(ended.state == .failed && ended.message.contains("died"))
        #expect(try cluster.master.status().queuedTasks == 0)
        #expect(try tablet(cluster).replicas[0].move?.contains("was not moved to /d2") == true)
    }

    @Test func theBackendsReasonIsTheJobs() throws {
        let cluster = try cluster()
        cluster.backends[0].set {
            $0.failing = [.storageMediumMigrate: RPCStatus(.internalError, "/d2 is full: 0 of 5 bytes left")]
        }
        let job = try cluster.master.moveReplica(try tablet(cluster).id, try request(cluster, path: "/d2"))
        try cluster.scheduler.runUntilIdle()
        let ended = try cluster.master.job(job.id)
        #expect(ended.state == .failed && ended.message.contains("/d2 is full"))
        #expect(try cluster.master.status().queuedTasks == 0)
    }

    /// The backend moved the tablet, and was killed before it could say so.
    @Test func aRepeatedTaskThatFindsTheTabletThereIsFine() throws {
        let cluster = try cluster()
        cluster.backends[0].set {
            $0.failing = [.storageMediumMigrate: RPCStatus(.alreadyExist, "tablet is in data dir /d2 already")]
        }
        let job = try cluster.master.moveReplica(try tablet(cluster).id, try request(cluster, path: "/d2"))
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.job(job.id).state == .finished)
    }

    @Test func aMoveThatNeverEndsIsGivenUp() throws {
        let cluster = try cluster()
        cluster.backends[0].set { $0.silent = [.storageMediumMigrate] }
        let job = try cluster.master.moveReplica(try tablet(cluster).id, try request(cluster, path: "/d2"))
        try cluster.scheduler.advance(by: .seconds(200))
        #expect(try cluster.master.job(job.id).state == .failed)
    }

    // MARK: Balance

    /// Tablets of 20 GiB each, as reports say.
    private func report(_ cluster: FlowCluster) throws {
        _ = try cluster.backends[0].reportTablets { $0.dataSizeBytes = 20 << 30 }
        _ = cluster.backends[0].reportDisks()
    }

    @Test func aFullerDiskGivesToAnEmptierOneUntilTheyAreAboutEqual() throws {
        let cluster = try cluster(used: (60, 45))
        try report(cluster)
        try cluster.scheduler.advance(by: .seconds(3))
        // 75 GiB make them equal: three tablets of 20.
        let moves = cluster.backends[0].taken(.storageMediumMigrate)
        #expect(moves.count == 3)
        #expect(try cluster.master.jobs().filter { $0.kind == "balanceDisk" && $0.state == .finished }.count == 3)
        // Nothing more before a report shows what came of it, and nothing then.
        try cluster.scheduler.advance(by: .seconds(30))
        cluster.backends[0].set {
            $0.disks = [disk("/d1", 11, usedPercent: 54), disk("/d2", 12, usedPercent: 51)]
        }
        try report(cluster)
        try cluster.scheduler.advance(by: .seconds(30))
        #expect(cluster.backends[0].taken(.storageMediumMigrate).count == 3)
        #expect(Set(cluster.backends[0].state.withLock { $0.places.values }) == [12])
    }

    @Test(arguments: ["setting", "scheduler off", "about equal", "other medium"])
    func disksAreLeftAloneWhere(reason: String) throws {
        let cluster = try cluster(
            used: reason == "about equal" ? (55, 46) : (90, 10),
            media: reason == "other medium" ? (.hdd, .ssd) : (.hdd, .hdd)
        ) { configuration in
            configuration.repair.disablesDiskBalance = reason == "setting"
            configuration.repair.isDisabled = reason == "scheduler off"
        }
        try report(cluster)
        try cluster.scheduler.advance(by: .seconds(30))
        #expect(cluster.backends[0].taken(.storageMediumMigrate).isEmpty)
    }

    @Test func aTabletThatCouldNotBeMovedRests() throws {
        let cluster = try cluster(used: (90, 10))
        cluster.backends[0].set { $0.failing = [.storageMediumMigrate: RPCStatus(.aborted, "busy")] }
        for _ in 0..<5 {
            try report(cluster)
            try cluster.scheduler.advance(by: .seconds(20))
        }
        // Four tablets, each tried once.
        #expect(cluster.backends[0].taken(.storageMediumMigrate).count == 4)
    }
}
