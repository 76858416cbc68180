public import TabletModel

/// A bare `TReportRequest` that is read while it arrives. Whatever is whole is read at once; of the tablets nothing is kept, they
/// are handed out, checked, a piece at a time. So a report takes the memory of one piece, whatever its size.
///
/// What was handed out may still turn out to be of a report that breaks off, or that is not well-formed further on: whoever
/// takes the pieces does nothing with them that can't be let go, until `finish` has given the report.
public struct ReportStream: Sendable {
    private var decoded = DecodedReport()
    private var tablets: OpenTablets?
    /// What was handed out before.
    private var seen: EncodedTablets.Shape?
    private var isEnded = false
    /// Bytes before those of this call.
    private var consumed = 0
    /// The value that comes next was not whole within so many bytes: it is looked at again when there are twice as many, so that
    /// no value makes its bytes be read more than twice.
    private var retryAt = 0

    /// The tablets whose entries come now.
    private struct OpenTablets {
        let shape: EncodedTablets.Shape
        var left: Int
        /// A list behind a map: Doris' FE does not read it either.
        let isPassedOver: Bool
    }

    public init() {}

    /// Reads as far as there are whole values.
    ///
    /// - Parameters:
    ///   - bytes: those behind what was read before.
    ///   - isLast: nothing follows them.
    ///   - body: gets whole entries, checked, in order, and who they are of. The piece is valid during the call only.
    /// - Returns: how many bytes were read. The others are to come again, with more behind them.
    /// - Throws: `ReportDecodingError`, or what `body` throws; the report can't be read on.
    public mutating func read(
        _ bytes: UnsafeRawBufferPointer, isLast: Bool, _ body: (TabletPiece, BackendAddress) throws -> Void
    ) throws -> Int {
        guard isLast || bytes.count >= retryAt else { return 0 }
        var reader = BinaryReader(bytes, 0..<bytes.count)
        var whole = 0
        do {
            while !isEnded {
                if tablets != nil {
                    try readEntries(&reader, &whole, body)
                } else {
                    try readMember(&reader)
                }
                whole = reader.offset
            }
        } catch let error as ReportDecodingError where !isLast && error.mayBeIncomplete {
            retryAt = whole == 0 ? bytes.count * 2 : 0
        }
        guard !isEnded || whole == bytes.count else {
            throw ReportDecodingError.trailingBytes(offset: consumed + whole)
        }
        consumed += whole
        return whole
    }

    /// The report without its tablets, once its last byte was read.
    /// - Throws: `ReportDecodingError` for one that broke off, or lacks what it must have.
    public consuming func finish() throws(ReportDecodingError) -> IncomingReport {
        guard isEnded else { throw .truncated(offset: consumed) }
        return try decoded.report(tablets: nil, end: consumed)
    }

    private mutating func readMember(_ reader: inout BinaryReader) throws(ReportDecodingError) {
        let key = try reader.fieldKey()
        switch key {
        case 0: isEnded = true
        case fieldKey(.map, 4):
            let at = reader.offset
            let (key, value, count) = (try reader.type(), try reader.type(), try reader.i32())
            guard count > 0 else { break }
            guard key == .i64 else { throw .badType(key.rawValue, offset: at) }
            try open(.map, count: count, of: value, at: at)
        case fieldKey(.list, 7):
            let at = reader.offset
            let (element, count) = (try reader.type(), try reader.i32())
            guard count > 0 else { break }
            try open(.list, count: count, of: element, at: at)
        default: try decoded.read(key, from: &reader)
        }
    }

    private mutating func open(
        _ shape: EncodedTablets.Shape, count: Int32, of element: WireType, at offset: Int
    ) throws(ReportDecodingError) {
        guard element == .structure else { throw .badType(element.rawValue, offset: offset) }
        guard decoded.backend != nil else {
            throw .missingField(structure: "TReportRequest", field: "backend (before its tablets)", offset: offset)
        }
        if shape == .map, seen != nil { throw .listBeforeMap(offset: offset) }
        tablets = OpenTablets(shape: shape, left: Int(count), isPassedOver: seen != nil)
        seen = shape
    }

    /// - Parameter whole: what was handed out, also when this throws because the next entry is not whole yet.
    private mutating func readEntries(
        _ reader: inout BinaryReader, _ whole: inout Int, _ body: (TabletPiece, BackendAddress) throws -> Void
    ) throws {
        guard var open = tablets, let backend = decoded.backend else { return }
        let start = reader.offset
        var count = 0
        var failure: ReportDecodingError?
        do throws(ReportDecodingError) {
            var templates = RowTemplates(hasKey: open.shape == .map)
            while count < open.left {
                try reader.checkEntry(&templates, shape: open.shape)
                count += 1
                whole = reader.offset
            }
        } catch {
            failure = error
        }
        if count > 0, !open.isPassedOver {
            try body(
                TabletPiece(bytes: reader.bytes(start..<whole), count: count, shape: open.shape), backend)
        }
        open.left -= count
        tablets = open.left > 0 ? open : nil
        if let failure { throw failure }
    }
}

extension TabletPiece {
    /// For loops that ask for a row when they want one. `TabletRows` is valid during the call only.
    /// - Throws: what `body` throws.
    public func withRows<R>(_ body: (inout TabletRows) throws -> R) throws -> R {
        var rows = TabletRows(BinaryReader(bytes, 0..<bytes.count), entries: count, shape: shape)
        return try body(&rows)
    }
}

extension ReportDecodingError {
    /// More bytes may make it a report.
    fileprivate var mayBeIncomplete: Bool {
        switch self {
        case .truncated: true
        case .badSize(let size, _): size >= 0
        default: false
        }
    }
}
