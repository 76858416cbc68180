import Platform
import ReportCodec
import ServerFixtures
import Synchronization
import TabletModel
import Testing

@testable import ThriftRPC

/// Reports from the backend's source to the frontend's handler, through sockets.
@Suite struct ReportTests {
    static let backend = BackendAddress(host: "127.0.0.1", bePort: 9060, httpPort: 8040)

    private func rows(_ count: Int) -> [TabletReportRow] {
        var values = Values(seed: 5)
        return (0..<count).map { index in
            var row = values.row()
            row = TabletReportRow(copying: row, tabletID: TabletID(Int64(index)))
            return row
        }
    }

    @Test func twentyThousandTabletsArriveAsTheyWere() throws {
        let rows = rows(20_000)
        let handler = FrontendRecorder()
        try withFrontendServer(handler) { server throws in
            let connection = ThriftMasterConnector().connection(to: .local(server.boundPort))
            for version: Int64 in [7, 8] {
                let report = OutgoingReport(
                    backend: Self.backend, reportVersion: version,
                    body: .tablets(ArrayReportSource(rows), maxCompactionScore: 12))
                #expect(try connection.report(report) == .ok)
            }
            #expect(server.statistics.accepted == 1)
            #expect(server.statistics.memoryBytes == 0)
        }
        // In pieces: it was never held as a whole.
        let reports = handler.reports.withLock { $0 }
        #expect(reports.map(\.reportVersion) == [7, 8])
        for report in reports {
            #expect(report.backend == Self.backend)
            #expect(report.maxCompactionScore == 12)
            #expect(report.tablets == nil)
            let arrived = try #require(report.arrived as? ArrivedRows)
            #expect(arrived.backend == Self.backend)
            #expect(arrived.rows == rows)
        }
    }

    @Test func aFewTabletsArriveAsOneMessage() throws {
        let rows = rows(100)
        let handler = FrontendRecorder()
        try withFrontendServer(handler) { server throws in
            let connection = ThriftMasterConnector().connection(to: .local(server.boundPort))
            let report = OutgoingReport(
                backend: Self.backend, body: .tablets(ArrayReportSource(rows), maxCompactionScore: 0))
            #expect(try connection.report(report) == .ok)
        }
        let report = try #require(handler.reports.withLock { $0.first })
        #expect(report.arrived == nil)
        var arrived: [TabletReportRow] = []
        try #require(report.tablets).forEachRow { arrived.append($0) }
        #expect(arrived == rows)
    }

    @Test func disksArrive() throws {
        let disks = [
            DiskReport(
                rootPath: "/data1", totalBytes: 1, dataUsedBytes: 2, availableBytes: 3, remoteUsedBytes: 4,
                trashUsedBytes: 5, pathHash: 6, medium: .ssd, isUsed: true)
        ]
        let handler = FrontendRecorder()
        try withFrontendServer(handler) { server throws in
            let connection = ThriftMasterConnector().connection(to: .local(server.boundPort))
            #expect(try connection.report(OutgoingReport(backend: Self.backend, body: .disks(disks))) == .ok)
        }
        #expect(handler.reports.withLock { $0.map(\.disks) } == [disks])
    }

    @Test func aReportOnAClosedKeptConnectionIsWrittenAgain() throws {
        let connector = ThriftMasterConnector()
        let report = OutgoingReport(
            backend: Self.backend, body: .tablets(ArrayReportSource(rows(2000)), maxCompactionScore: 0))
        var port: Int32 = 0
        try withFrontendServer { server throws in
            port = server.boundPort
            #expect(try connector.connection(to: .local(port)).report(report) == .ok)
        }
        let handler = FrontendRecorder()
        let server = ThriftServer(
            .frontend(handler), address: "127.0.0.1", port: port, limits: .small(), logger: quiet)
        try server.start()
        defer { server.stop() }
        #expect(try connector.connection(to: .local(port)).report(report) == .ok)
        let arrived = handler.reports.withLock { $0.first?.arrived as? ArrivedRows }
        #expect(arrived?.rows.count == 2000)
    }

    @Test func aReportToADeadPortIsAConnectError() throws {
        let port = try RawListener().port
        let connection = ThriftMasterConnector().connection(to: .local(port))
        let error = #expect(throws: RPCError.self) {
            try connection.report(OutgoingReport(backend: Self.backend, body: .tasks([:])))
        }
        #expect(error?.code == .connect)
    }

    @Test func aReportTheServerRefusesIsAnErrorAndNotAHang() throws {
        let limits = ServerLimits.small { $0.maxReportBytes = 100_000 }
        try withFrontendServer(limits: limits) { server throws in
            let connection = ThriftMasterConnector().connection(to: .local(server.boundPort))
            let report = OutgoingReport(
                backend: Self.backend, body: .tablets(ArrayReportSource(rows(20_000)), maxCompactionScore: 0))
            let error = #expect(throws: RPCError.self) { try connection.report(report) }
            #expect(error?.code == .closed)
        }
    }
}

extension TabletReportRow {
    /// The same with another id: a map's keys are unique.
    fileprivate init(copying row: TabletReportRow, tabletID: TabletID) {
        var copy = row
        copy.tabletID = tabletID
        self = copy
    }
}
