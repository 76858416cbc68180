internal import ByteText

/// A checksum of a set of rows that depends neither on their order nor on how they lie in rowsets, segments and blocks:
/// the wrapping sum of the rows' XXH64 (seed 0), and how many there are. Guards against accidents, not against malice.
public struct RowChecksum: Hashable, Sendable, Codable, CustomStringConvertible {
    public private(set) var sum: UInt64
    public private(set) var rowCount: Int64

    public init() {
        sum = 0
        rowCount = 0
    }

    /// As another process gave it.
    public init(sum: UInt64, rowCount: Int64) {
        self.sum = sum
        self.rowCount = rowCount
    }

    public mutating func add(row: UnsafeRawBufferPointer) {
        sum &+= XXHash64.hash(row)
        rowCount += 1
    }

    /// The checksum of both sets of rows together.
    public mutating func add(_ other: RowChecksum) {
        sum &+= other.sum
        rowCount += other.rowCount
    }

    /// 16 hexadecimal digits, a dash, the number of rows.
    public var description: String { Hexadecimal.text(sum) + "-\(rowCount)" }
}
