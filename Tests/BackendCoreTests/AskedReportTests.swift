import BackendCore
import ClusterTestKit
import TabletModel
import Testing

/// Reports that somebody asks for.
@Suite struct AskedReportTests {
    @Test(arguments: BackendNode.Report.allCases)
    func oneReportIsSentBeforeItsTimeAndNoOther(_ report: BackendNode.Report) throws {
        let fixture = try Fixture.running()
        try fixture.node.reportNow(report)
        try fixture.run()
        for other in BackendNode.Report.allCases {
            #expect(fixture.master.reports(other.rawValue).count == (other == report ? 1 : 0), "\(other)")
        }
    }

    @Test func withoutAMasterNoneIsTaken() {
        let fixture = Fixture()
        fixture.node.start()
        for report in BackendNode.Report.allCases {
            #expect(throws: BackendNode.ReportRefusal.noMaster) { try fixture.node.reportNow(report) }
        }
    }

    @Test func whileTabletsLoadOnlyTasksAreReported() throws {
        let engine = RecordingEngine()
        engine.set { $0.isLoaded = false }
        let fixture = Fixture(engine: engine)
        fixture.heartbeat()
        try fixture.node.reportNow(.task)
        for report in [BackendNode.Report.disk, .tablet] {
            #expect(throws: BackendNode.ReportRefusal.loading) { try fixture.node.reportNow(report) }
        }
    }

    @Test func aNodeThatStopsTakesNone() throws {
        let fixture = try Fixture.running()
        fixture.node.stop {}
        #expect(throws: BackendNode.ReportRefusal.stopping) { try fixture.node.reportNow(.task) }
    }
}
