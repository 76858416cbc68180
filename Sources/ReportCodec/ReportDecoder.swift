public import TabletModel

/// Reads a bare `TReportRequest` struct in TBinaryProtocol (`contract/wire.md` §7): any field order, unknown fields and
/// fields of an unexpected type skipped, required fields checked, every length checked before memory is taken for it.
///
/// The tablets are checked to the last row, so that a broken report is refused whole and never half applied, but they
/// stay encoded: `EncodedTablets.forEachRow` reads them.
public enum ReportDecoder {
    /// As libthrift's recursion limit.
    public static let nestingLimit = 64

    /// The struct must be all there is in `bytes`.
    public static func decode(_ bytes: [UInt8]) throws(ReportDecodingError) -> IncomingReport {
        let (report, end) = try decode(bytes, from: 0)
        guard end == bytes.count else { throw .trailingBytes(offset: end) }
        return report
    }

    /// The struct that begins at `start`, and where it ends. The report's tablets keep `bytes` whole.
    public static func decode(
        _ bytes: [UInt8], from start: Int
    ) throws(ReportDecodingError) -> (report: IncomingReport, end: Int) {
        guard bytes.indices.contains(start) else { throw .truncated(offset: start) }
        var decoded = DecodedReport()
        let end = try bytes.span.bytes.withUnsafeBytes { buffer throws(ReportDecodingError) in
            var reader = BinaryReader(buffer, start..<buffer.count)
            try decoded.read(from: &reader)
            return reader.offset
        }
        let tablets = (decoded.tabletMap ?? decoded.tabletList).map {
            EncodedTablets(bytes: bytes, range: $0.range, count: $0.count, shape: $0.shape)
        }
        let report = try decoded.report(tablets: tablets, end: end)
        return (report, end)
    }
}
