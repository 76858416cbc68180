import Platform
import ReportCodec
import ServerFixtures
import Synchronization
import TabletModel
import Testing

@testable import ThriftRPC

/// Large messages over TLS, both ways.
@Suite struct LargeMessagesOverTLSTests {
    @Test func manyRecordsAreAMessageAndItsAnswer() throws {
        let fixture = try TLSFixture()
        let policies = (0..<400).map { StoragePolicyEntry(name: String(repeating: "p\($0)", count: 2_000)) }
        let handler = FrontendRecorder(policies: policies)
        let server = ThriftServer(
            .frontend(handler), address: "127.0.0.1", port: 0, limits: .small(),
            tls: ServerTLS(try fixture.keys(fixture.server)), logger: quiet)
        try server.start()
        defer { server.stop() }
        let line = ThriftMasterConnector(tls: try fixture.keys(nil)).connection(to: .local(server.boundPort))
        let rows = (0..<60_000).map { TabletReportRow(tabletID: TabletID(Int64($0)), schemaHash: 7, version: 5) }
        for _ in 0..<2 {
            let report = OutgoingReport(
                backend: ReportTests.backend, reportVersion: 1,
                body: .tablets(ArrayReportSource(rows), maxCompactionScore: 0))
            #expect(try line.report(report) == .ok)
            #expect(try line.refreshStoragePolicies(in: .tabletd).rules.policies.count == 400)
        }
        try wait(for: "handshakes to be counted") { server.statistics.handshakes == 1 }
        let counts = handler.reports.withLock { $0.map { ($0.arrived as? ArrivedRows)?.rows.count } }
        #expect(counts == [60_000, 60_000])
    }
}
