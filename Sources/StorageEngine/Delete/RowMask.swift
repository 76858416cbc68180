/// Some rows of a block, by their place.
struct RowMask: Hashable, Sendable {
    private var words: [UInt64]

    init(rowCount: Int) { words = Array(repeating: 0, count: (rowCount + 63) / 64) }

    mutating func insert(_ row: Int) { words[row / 64] |= 1 << UInt64(row % 64) }
    func contains(_ row: Int) -> Bool { words[row / 64] >> UInt64(row % 64) & 1 == 1 }
    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
    /// With the array's own head.
    var bytes: Int { 32 + 8 * words.count }
}
