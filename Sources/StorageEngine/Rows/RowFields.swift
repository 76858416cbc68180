/// Where the fields of a delimited row lie. Kept from row to row, so that nothing is allocated once a row was as wide as the
/// widest; used by one thread.
///
/// There is no quoting: the delimiter always separates. A row of n delimiters has n + 1 fields, an empty row one that is
/// empty. A carriage return before the newline belongs to the last field.
struct RowFields {
    let delimiter: UInt8
    /// Where each field ends.
    private var ends: [Int] = []
    private let pattern: UInt64

    init(delimiter: UInt8) {
        self.delimiter = delimiter
        pattern = UInt64(delimiter) &* 0x0101_0101_0101_0101
    }

    /// Fields found by the last `split`.
    var count: Int { ends.count }

    /// Finds the fields, or only the first `limit` of them.
    mutating func split(_ row: UnsafeRawBufferPointer, limit: Int = .max) {
        ends.removeAll(keepingCapacity: true)
        var offset = 0
        // Eight bytes at once: in `hits` the high bit of each byte that is a delimiter is set, of no other.
        while offset + 8 <= row.count {
            let word = UInt64(littleEndian: row.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ pattern
            let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
            var hits = ~(((word & low) &+ low) | word | low)
            while hits != 0 {
                ends.append(offset + hits.trailingZeroBitCount / 8)
                if ends.count >= limit { return }
                hits &= hits &- 1
            }
            offset += 8
        }
        while offset < row.count {
            if row[offset] == delimiter {
                ends.append(offset)
                if ends.count >= limit { return }
            }
            offset += 1
        }
        if ends.count < limit { ends.append(row.count) }
    }

    /// The bytes of a field as offsets in the row that was split; nil when the row has fewer fields.
    func range(_ field: Int) -> Range<Int>? {
        guard field < ends.count else { return nil }
        return (field == 0 ? 0 : ends[field - 1] + 1)..<ends[field]
    }

    /// The field of the row that was split; nil when the row has fewer.
    func field(_ index: Int, of row: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        range(index).map { UnsafeRawBufferPointer(rebasing: row[$0]) }
    }
}
