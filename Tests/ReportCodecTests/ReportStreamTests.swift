import ReportCodec
import TabletModel
import Testing

/// A report that is read in pieces is the report that is read whole.
@Suite struct ReportStreamTests {
    /// Reads it in pieces of random sizes.
    private func read(
        _ bytes: [UInt8], upTo limit: Int, using random: inout some RandomNumberGenerator
    ) throws -> (report: IncomingReport, rows: [TabletReportRow]) {
        var stream = ReportStream()
        var rows: [TabletReportRow] = []
        var kept: [UInt8] = []
        var next = 0
        while true {
            let end = min(bytes.count, next + Int.random(in: 1...limit, using: &random))
            kept += bytes[next..<end]
            next = end
            let isLast = next == bytes.count
            let used = try kept.withUnsafeBytes { buffer in
                try stream.read(buffer, isLast: isLast) { piece, from in
                    #expect(from == backend)
                    try piece.withRows { pieceRows in while try pieceRows.next() { rows.append(pieceRows.row) } }
                }
            }
            kept.removeFirst(used)
            if isLast { return (try stream.finish(), rows) }
        }
    }

    @Test(arguments: 0..<8)
    func piecesOfAnySizeGiveTheSameRows(_: Int) throws {
        var random = SystemRandomNumberGenerator()
        let rows = (0..<Int64.random(in: 0...20, using: &random)).map { randomRow($0, using: &random) }
        let bytes = try ReportEncoder.bytes(of: tabletReport(rows))
        for limit in [7, 100, 10_000, bytes.count] {
            let (report, read) = try read(bytes, upTo: limit, using: &random)
            #expect(read == rows)
            #expect(report.backend == backend && report.reportVersion == 17 && report.maxCompactionScore == 5)
            #expect(report.tablets == nil)
        }
    }

    @Test func aReportThatEndsAnywhereIsNone() throws {
        var random = SystemRandomNumberGenerator()
        let bytes = try ReportEncoder.bytes(of: tabletReport((0..<20).map { fullRow($0) }))
        for end in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: ReportDecodingError.self) {
                try read(Array(bytes[..<end]), upTo: 50, using: &random)
            }
        }
        #expect(throws: ReportDecodingError.trailingBytes(offset: bytes.count)) {
            try read(bytes + [7], upTo: bytes.count + 1, using: &random)
        }
    }

    @Test func aListBehindAMapIsPassedOverAndBeforeItRefused() throws {
        let row = fullRow(1)
        let whole = try ReportEncoder.bytes(of: tabletReport([row]))
        let map = [UInt8]([13, 0, 4])
        let start = try #require((0..<whole.count).first { Array(whole[$0..<min($0 + 3, whole.count)]) == map })
        // The list of the same entry: its value without the key.
        let decoded = try #require(try ReportDecoder.decode(whole).tablets)
        let entry = Array(whole[(decoded.range.lowerBound + 8)..<decoded.range.upperBound])
        let list: [UInt8] = [15, 0, 7, 12, 0, 0, 0, 1] + entry
        var random = SystemRandomNumberGenerator()
        let behind = whole[..<decoded.range.upperBound] + list + whole[decoded.range.upperBound...]
        #expect(try read(Array(behind), upTo: 30, using: &random).rows == [row])
        let before = whole[..<start] + list + whole[start...]
        #expect(throws: ReportDecodingError.self) { try read(Array(before), upTo: 30, using: &random) }
    }

    @Test func aLongMemberIsNotReadOverAndOver() throws {
        // A value of 4 MiB that comes in pieces of 1 KiB, and can't be read before it is whole.
        let value = [UInt8](repeating: 65, count: 4 << 20)
        let head: [UInt8] = [11, 0, 99] + withUnsafeBytes(of: Int32(value.count).bigEndian) { Array($0) }
        let whole = try ReportEncoder.bytes(of: tabletReport([]))
        let bytes = Array(whole.dropLast()) + head + value + [0]
        var stream = ReportStream()
        var place = 0
        var reads = 0
        while place < bytes.count {
            // As the server does: what was not used comes again.
            var end = place
            while true {
                end = min(bytes.count, end + 1024)
                let used = try bytes.withUnsafeBytes { all in
                    try stream.read(
                        UnsafeRawBufferPointer(rebasing: all[place..<end]), isLast: end == bytes.count
                    ) { _, _ in reads += 1 }
                }
                if used > 0 {
                    place += used
                    break
                }
            }
        }
        #expect(reads == 0)
        #expect(try stream.finish().reportVersion == 17)
    }
}
