/// Makes rows in new columns of rows in old ones, by a plan. Its buffers are used again for every row. Used by one thread
/// at a time.
struct RowReshaper {
    private let plan: ReshapePlan
    /// Where the fields of the row begin; behind them where the next one would.
    private var starts: [Int]
    private var made: [UInt8] = []

    init(_ plan: ReshapePlan) {
        self.plan = plan
        starts = [Int](repeating: 0, count: plan.fieldCount + 1)
    }

    /// Calls `body` with the new row; the buffer is valid during the call only.
    mutating func reshape(
        _ row: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        let found = split(row)
        made.removeAll(keepingCapacity: true)
        var isFirst = true
        for piece in plan.pieces {
            if !isFirst { made.append(plan.delimiter) }
            isFirst = false
            switch piece {
            case .text(let text): made.append(contentsOf: text)
            case .fields(let range): append(range, of: row, found)
            }
        }
        let end = starts[found] - 1
        if end < row.count { made.append(contentsOf: UnsafeRawBufferPointer(rebasing: row[end...])) }
        try made.withUnsafeBytes(body)
    }

    /// - Returns: fields of the row, at most as many as there are columns.
    private mutating func split(_ row: UnsafeRawBufferPointer) -> Int {
        let (delimiter, limit, length) = (plan.delimiter, plan.fieldCount, row.count)
        return starts.withUnsafeMutableBufferPointer { starts in
            var (count, place) = (0, 0)
            starts[0] = 0
            while place < length {
                if row[place] == delimiter {
                    count += 1
                    starts[count] = place + 1
                    if count == limit { return count }
                }
                place += 1
            }
            count += 1
            starts[count] = length + 1
            return count
        }
    }

    private mutating func append(_ range: Range<Int>, of row: UnsafeRawBufferPointer, _ found: Int) {
        let present = min(range.upperBound, found)
        if present > range.lowerBound {
            made.append(
                contentsOf: UnsafeRawBufferPointer(rebasing: row[starts[range.lowerBound]..<(starts[present] - 1)]))
        }
        // Fields that the row has not are empty; the first of a piece has its delimiter already.
        for _ in 0..<(range.upperBound - max(present, range.lowerBound + 1)) { made.append(plan.delimiter) }
    }
}
