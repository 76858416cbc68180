/// Columns of a chunk that had no room for a value: unpacked, until the changes of the chunk are through.
struct OpenColumns {
    /// Where a column's values begin; -1: it is not open.
    private var starts = [Int](repeating: -1, count: PackedTablets.columnCount)
    private var counts = [Int](repeating: 0, count: PackedTablets.columnCount)
    private var all: [Int64] = []

    var isEmpty: Bool { all.isEmpty }

    mutating func removeAll() {
        guard !all.isEmpty else { return }
        all.removeAll(keepingCapacity: true)
        for column in starts.indices { starts[column] = -1 }
    }

    @inline(__always) func isOpen(_ column: Int) -> Bool { starts[column] >= 0 }
    @inline(__always) func value(_ row: Int, column: Int) -> Int64 { all[starts[column] + row] }

    /// Hands out the values of open columns; the buffers are valid during the call only.
    func withValues<R>(_ body: ((Int) -> UnsafeBufferPointer<Int64>?) -> R) -> R {
        all.withUnsafeBufferPointer { all in
            body { column in
                isOpen(column)
                    ? UnsafeBufferPointer(rebasing: all[starts[column]..<starts[column] + counts[column]]) : nil
            }
        }
    }

    mutating func set(_ value: Int64, column: Int, row: Int, of chunk: PackedTablets) {
        if !isOpen(column) { open(column, of: chunk) }
        all[starts[column] + row] = value
    }

    private mutating func open(_ column: Int, of chunk: PackedTablets) {
        starts[column] = all.count
        chunk.withReader { reader in
            let packed = PackedColumn(column, in: reader.words)
            counts[column] = reader.rows(of: column)
            for row in 0..<counts[column] { all.append(packed.value(row, in: reader.words)) }
        }
    }
}
