internal import ByteText
internal import RowConditions
public import SQLSessions
public import TabletModel

/// Makes rows of an answer out of the lines that backends send: splits them into fields, drops those for which not all
/// conditions hold, and writes the wanted fields. Used by one thread.
public struct RowPicker: Sendable {
    private let columns: [Int]
    private let delimiter: UInt8?
    private let matcher: Matcher?
    /// The beginning of a line whose end has not come.
    private var pending: [UInt8] = []
    private var delimiters: [UInt32] = []
    private var newlines: [UInt32] = []

    /// `RowMatcher` is a class of one thread, as its owner is.
    private struct Matcher: @unchecked Sendable {
        let matcher: RowMatcher
    }

    /// - Parameter columns: places of the fields to write, in this order; none: rows are only counted.
    /// - Throws: `ConditionError`.
    public init(columns: [Int], conditions: [DeleteCondition], schema: TabletSchema) throws {
        self.columns = columns
        delimiter = schema.delimiter
        matcher =
            conditions.isEmpty
            ? nil
            : Matcher(
                matcher: RowMatcher(
                    [try RowTest(conditions, schema: schema)], delimiter: schema.delimiter ?? 0))
    }

    /// Writes what the bytes complete. - Returns: how many rows held, `limit` at most.
    public mutating func add(_ bytes: UnsafeRawBufferPointer, limit: Int64, into writer: inout SQLRowWriter) -> Int64 {
        guard let last = bytes.lastIndex(of: 10) else {
            pending.append(contentsOf: bytes)
            return 0
        }
        let whole = UnsafeRawBufferPointer(rebasing: bytes[...last])
        let rest = UnsafeRawBufferPointer(rebasing: bytes[(last + 1)...])
        var count: Int64
        if pending.isEmpty {
            count = take(whole, limit, &writer)
        } else {
            var block = pending
            block.append(contentsOf: whole)
            count = block.withUnsafeBytes { take($0, limit, &writer) }
        }
        pending.removeAll(keepingCapacity: true)
        pending.append(contentsOf: rest)
        return count
    }

    /// A last line that has no newline.
    public mutating func finish(limit: Int64, into writer: inout SQLRowWriter) -> Int64 {
        guard !pending.isEmpty else { return 0 }
        let block = pending + [10]
        pending = []
        return block.withUnsafeBytes { take($0, limit, &writer) }
    }

    private mutating func take(_ block: UnsafeRawBufferPointer, _ limit: Int64, _ writer: inout SQLRowWriter) -> Int64 {
        let newlineCount = Self.places(of: 10, in: block, &newlines)
        let delimiterCount = delimiter.map { Self.places(of: $0, in: block, &delimiters) } ?? 0
        matcher?.matcher.begin(block)
        var (start, next, count) = (0, 0, Int64(0))
        for line in 0..<newlineCount where count < limit {
            let end = Int(newlines[line])
            defer { start = end + 1 }
            let first = next
            while next < delimiterCount, Int(delimiters[next]) < end { next += 1 }
            if let matcher, !matcher.matcher.anyHolds(for: start..<end) { continue }
            count += 1
            guard !columns.isEmpty else { continue }
            for column in columns {
                // A line with too few fields has nulls behind them.
                guard column <= next - first else {
                    writer.null()
                    continue
                }
                let from = column == 0 ? start : Int(delimiters[first + column - 1]) + 1
                let to = column == next - first ? end : Int(delimiters[first + column])
                let field = UnsafeRawBufferPointer(rebasing: block[from..<to])
                if field.isEmpty || (field.count == 2 && field[0] == 0x5c && field[1] == 0x4e) {
                    writer.null()
                } else {
                    writer.value(field)
                }
            }
            writer.endRow()
        }
        return count
    }

    private static func places(of byte: UInt8, in block: UnsafeRawBufferPointer, _ places: inout [UInt32]) -> Int {
        if places.count < block.count + ByteScan.slack {
            places = [UInt32](repeating: 0, count: block.count + ByteScan.slack)
        }
        return places.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { ByteScan.places(of: byte, in: block, into: $0) } ?? 0
        }
    }
}
