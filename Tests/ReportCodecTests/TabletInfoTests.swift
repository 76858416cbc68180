import ReportCodec
import TabletModel
import Testing

@Suite("A TTabletInfo by itself")
struct TabletInfoTests {
    @Test("its bytes are those that stand in a tablet report", arguments: 0..<50)
    func sameBytes(seed: Int64) throws {
        var random = SystemRandomNumberGenerator()
        let row = seed == 0 ? fullRow(5) : randomRow(5, using: &random)
        let info = try row.tabletInfoBytes(in: .tabletd)
        let report = OutgoingReport(
            backend: backend, body: .tablets(ArrayReportSource([row]), maxCompactionScore: 0))
        #expect(try ReportEncoder.bytes(of: report).contains(info))
        #expect(try info.withUnsafeBytes { try TabletReportRow(tabletInfo: $0) } == row)
    }

    @Test("what a sender leaves out has the row's default, what this build does not know is skipped")
    func sparse() throws {
        let sparse = """
            0a0001 0000000000000005 080002 00000007 0a0003 0000000000000009 0a0004 0000000000000000
            0a0005 0000000000000001 0a0006 0000000000000002 0203e8 01 00
            """
        var row = TabletReportRow(tabletID: 5, schemaHash: 7, version: 9)
        row.rowCount = 1
        row.dataSizeBytes = 2
        #expect(try bytes(hex: sparse).withUnsafeBytes { try TabletReportRow(tabletInfo: $0) } == row)
    }

    @Test("no prefix of it is one")
    func truncated() throws {
        let info = try fullRow(5).tabletInfoBytes(in: .tabletd)
        for count in info.indices {
            #expect(throws: ReportDecodingError.self) {
                try info.prefix(count).withUnsafeBytes { try TabletReportRow(tabletInfo: $0) }
            }
        }
    }
}
