import ClusterTestKit
import Platform
import StorageEngine
import Synchronization
import TabletModel
import Testing

@testable import BackendCore

/// `contract/behaviour.md` §4.
@Suite struct ReportTests {
    @Test func nothingIsReportedBeforeTheFirstHeartbeat() throws {
        let fixture = Fixture()
        fixture.node.start()
        try fixture.advance(.seconds(300))
        #expect(fixture.master.state.withLock { $0.reports.isEmpty })
    }

    @Test func aNewMasterGetsAllReportsAtOnce() throws {
        let fixture = Fixture()
        fixture.node.start()
        try fixture.advance(.seconds(100))
        let now = fixture.scheduler.monotonicNow
        fixture.heartbeat(ip: "127.0.0.1")
        try fixture.run()
        for kind in ["task", "disk", "tablet"] {
            let reports = fixture.master.reports(kind)
            #expect(reports.map(\.at) == [now])
            #expect(reports.first?.report.backend == BackendAddress(host: "127.0.0.1", bePort: 9060, httpPort: 8040))
        }
    }

    @Test func anEarlyReportOfEachKindFollowsANewEpochAndANewMaster() throws {
        let fixture = try Fixture.running()
        fixture.heartbeat()
        try fixture.run()
        #expect(fixture.master.state.withLock { $0.reports.isEmpty })
        fixture.heartbeat(epoch: 2)
        try fixture.run()
        fixture.heartbeat(from: otherMaster, epoch: 3)
        try fixture.run()
        for kind in ["task", "disk", "tablet"] {
            #expect(fixture.master.reports(kind).map(\.address) == [masterAddress, otherMaster])
        }
    }

    @Test func eachReportComesAtItsIntervalWithJitter() throws {
        let fixture = try Fixture.running()
        let began = fixture.scheduler.monotonicNow
        try fixture.advance(.seconds(600))
        for (kind, interval) in [("task", 10), ("disk", 60), ("tablet", 60)] {
            let times = [began] + fixture.master.reports(kind).map(\.at)
            let pauses = zip(times, times.dropFirst()).map { $1 - $0 }
            #expect(pauses.allSatisfy { $0 >= .seconds(interval) && $0 <= .seconds(interval + 5) })
            #expect(pauses.count >= 600 / (interval + 5))
            #expect(Set(pauses).count > 1)
        }
    }

    @Test func theTaskReportNamesWhatIsKnownByTypeAndSignature() throws {
        let engine = RecordingEngine()
        engine.set { $0.isLoaded = false }
        let fixture = Fixture(engine: engine)
        fixture.node.start()
        fixture.heartbeat()
        try fixture.run()
        _ = fixture.submit(.create(1), .create(2), .publish(7), .confs(CooldownConf(tabletID: 3)))
        try fixture.advance(.seconds(16))
        let report = try #require(fixture.master.reports("task").last)
        #expect(report.report.tasks == [.create: [1, 2], .publishVersion: [7], .pushCooldownConf: [-1]])
        #expect(report.report.reportVersion == nil)
    }

    @Test func aRunningTaskIsInTheTaskReportUntilTheMasterKnowsItsEnd() throws {
        let fixture = try Fixture.running()
        fixture.master.set { $0.finishFailures = .max }
        _ = fixture.submit(.create(1))
        try fixture.advance(.seconds(16))
        #expect(fixture.master.reports("task").last?.report.tasks == [.create: [1]])
        fixture.master.set { $0.finishFailures = 0 }
        try fixture.advance(.seconds(60))
        #expect(fixture.master.reports("task").last?.report.tasks == [:])
    }

    @Test func diskAndTabletReportsWaitForTheTablets() throws {
        let engine = RecordingEngine()
        engine.set {
            $0.isLoaded = false
            $0.rows = [TabletReportRow(tabletID: 4, schemaHash: 5, version: 6)]
        }
        let fixture = Fixture(engine: engine)
        fixture.node.start()
        fixture.heartbeat()
        try fixture.advance(.seconds(200))
        #expect(fixture.master.reports("disk").isEmpty)
        #expect(fixture.master.reports("tablet").isEmpty)
        #expect(!fixture.master.reports("task").isEmpty)
        engine.set { $0.isLoaded = true }
        try fixture.advance(.seconds(1))
        #expect(fixture.master.reports("disk").count == 1)
        let report = try #require(fixture.master.reports("tablet").first?.report)
        #expect(report.tabletIDs == [4])
        #expect(report.reportVersion == fixture.node.status().reportVersion)
        guard case .tablets(_, let score) = report.body else { return }
        #expect(score == 7)
    }

    @Test func aTabletReportThatAChangeOvertookIsSkippedAndSoonMadeAnew() throws {
        let fixture = try Fixture.running()
        let isFirst = Shared(true)
        fixture.engine.during.withLock { [scheduler = fixture.scheduler, node = fixture.node] during in
            during = { call in
                guard call == "report", isFirst.exchange(false) else { return }
                // Changes arrive while the rows are collected.
                _ = node.backendHandler.submitTasks([.create(1)], from: masterHost)
                _ = try? scheduler.runUntilIdle()
            }
        }
        fixture.node.reports.triggerAll()
        try fixture.run()
        #expect(fixture.master.reports("tablet").isEmpty)
        #expect(fixture.master.reports("task").count == 1)
        try fixture.advance(.seconds(1))
        let report = try #require(fixture.master.reports("tablet").first?.report)
        #expect(report.tabletIDs == [1])
        #expect(report.reportVersion == fixture.node.status().reportVersion)
    }

    @Test func aTriggerDuringASendStartsAnotherOne() throws {
        let fixture = try Fixture.running()
        let sends = Shared(0)
        fixture.master.during.withLock { [node = fixture.node] during in
            during = { call in
                guard call == "report task" else { return }
                if sends.exchange(sends.value + 1) == 0 {
                    node.reports.triggerAll()
                    node.reports.triggerAll()
                }
            }
        }
        fixture.node.reports.triggerAll()
        try fixture.run()
        // The two triggers during the first send are one more round, and never a second send at the same time.
        #expect(sends.value == 2)
    }

    @Test func aFailedReportIsTriedAgainBeforeItsInterval() throws {
        let fixture = try Fixture.running()
        fixture.master.set { $0.reportFailures = 6 }
        fixture.node.reports.triggerAll()
        try fixture.run()
        #expect(fixture.master.state.withLock { $0.reports.isEmpty })
        let loop = try #require(fixture.node.status().loops.first { $0.name == "report-disk" })
        #expect(loop.lastFailure != nil)
        try fixture.advance(.seconds(20))
        for kind in ["task", "disk", "tablet"] { #expect(!fixture.master.reports(kind).isEmpty) }
        #expect(fixture.node.status().loops.allSatisfy { $0.lastFailure == nil })
    }

    @Test func aReportThatTheMasterRefusesCountsAsFailed() throws {
        let fixture = try Fixture.running()
        fixture.master.set { $0.reportAnswer = RPCStatus(.internalError, "report queue is full") }
        fixture.node.reports.triggerAll()
        try fixture.run()
        #expect(fixture.metric("doris_be_engine_requests_total{status=\"failed\",type=\"report_disk\"}") == 1)
    }

    @Test func aBadDiskIsReportedWithItsTabletsAtOnce() throws {
        let fixture = try Fixture.running()
        try fixture.advance(.seconds(1))
        fixture.master.set { $0.reports = [] }
        fixture.engine.set {
            $0.dirCheck.wentBad = ["/a"]
            $0.disks = [
                DiskReport(
                    rootPath: "/a", totalBytes: 10, dataUsedBytes: 1, availableBytes: 9, pathHash: 3, medium: .hdd,
                    isUsed: false)
            ]
        }
        try fixture.advance(.seconds(5))
        #expect(fixture.master.reports("disk").count == 1)
        #expect(fixture.master.reports("tablet").count == 1)
        #expect(fixture.metric("doris_be_disks_state{path=\"/a\"}") == 0)
        #expect(fixture.metric("doris_be_disks_total_capacity{path=\"/a\"}") == 10)
    }
}
