import TabletModel
import Testing

@testable import ReportCodec

/// The first entry of a report is read field by field, those after it by its layout: both must say the same of any bytes.
@Suite struct RowTemplateTests {
    private func entry(_ change: (inout TabletReportRow) -> Void = { _ in }) throws -> [UInt8] {
        var row = TabletReportRow(tabletID: 5, schemaHash: 77, version: 9)
        row.rowCount = 3
        row.pathHash = 0x0102_0304
        row.cooldownReplicaID = 8
        row.cooldownMetaID = UniqueID(high: 1, low: 2)
        change(&row)
        let report = OutgoingReport(
            backend: BackendAddress(host: "h", bePort: 1, httpPort: 2),
            body: .tablets(ArrayReportSource([row]), maxCompactionScore: 0))
        let tablets = try #require(try ReportDecoder.decode(try ReportEncoder.bytes(of: report)).tablets)
        return Array(tablets.bytes[tablets.range])
    }

    /// The rows of these entries; nil when they are refused, by the check as by the reading.
    private func rows(_ entries: [[UInt8]]) -> [TabletReportRow]? {
        let bytes = entries.flatMap { $0 }
        // A TReportRequest with a backend and the map.
        var message: [UInt8] = [12, 0, 1, 11, 0, 1, 0, 0, 0, 1, 104, 8, 0, 2, 0, 0, 0, 1, 8, 0, 3, 0, 0, 0, 2, 0]
        message += [13, 0, 4, 10, 12, 0, 0, 0, UInt8(entries.count)] + bytes + [0]
        let checked = (try? ReportDecoder.decode(message)) != nil
        let encoded = EncodedTablets(bytes: bytes, range: 0..<bytes.count, count: entries.count, shape: .map)
        var rows: [TabletReportRow] = []
        let wasRead = (try? encoded.forEachRow { rows.append($0) }) != nil
        // Bytes left over are for the check alone to find.
        if checked { #expect(wasRead) }
        return checked ? rows : nil
    }

    @Test func anyChangedByteIsReadAsWithoutATemplate() throws {
        let model = try entry()
        #expect(rows([model, model])?.count == 2)
        for place in model.indices {
            for bit in 0..<8 {
                var changed = model
                changed[place] ^= 1 << UInt8(bit)
                let alone = rows([changed])
                let after = rows([model, changed])
                #expect(after?.last == alone?.last, "byte \(place), bit \(bit)")
                #expect((after == nil) == (alone == nil), "byte \(place), bit \(bit)")
            }
        }
    }

    @Test func fieldsOfOneRowDoNotStayInTheNext() throws {
        let forms = [
            try entry(), try entry { $0.isUsed = false }, try entry { $0.cooldownMetaID = nil },
            try entry { $0.versionMiss = true }, try entry { $0.transactionIDs = [4] },
            try entry { $0.cooldownReplicaID = nil },
        ]
        for first in forms {
            for second in forms {
                let together = rows([first, second, first, second, second])
                let apart = try [first, second, first, second, second].flatMap { try #require(rows([$0])) }
                #expect(together == apart)
            }
        }
    }
}
