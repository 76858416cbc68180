internal import ByteText

/// Where the fields of delimited rows lie: of all rows of a block at once, then row by row. Used by one thread.
///
/// There is no quoting: the delimiter always separates. A row of n delimiters has n + 1 fields, an empty row one that is
/// empty. A carriage return before the newline belongs to the last field.
final class BlockFields {
    private let delimiter: UInt8
    /// Of all delimiters of the block, and behind them so many that are beyond any row as a row has fields that are asked for.
    private var places = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    private var capacity = 1
    private var count = 0
    private let sentinels: Int
    private var block = UnsafeRawBufferPointer(start: nil, count: 0)
    /// The first delimiter of the last row, and how many the row before it had.
    private var (first, stride) = (0, 0)

    /// - Parameter limit: fields beyond are not asked for.
    init(delimiter: UInt8, limit: Int) {
        (self.delimiter, sentinels) = (delimiter, limit + 1)
    }

    deinit { places.deallocate() }

    /// The block stays where it is until the next one begins.
    func begin(_ block: UnsafeRawBufferPointer) {
        self.block = block
        let wanted = block.count + max(ByteScan.slack, sentinels)
        if wanted > capacity {
            places.deallocate()
            (places, capacity) = (.allocate(capacity: wanted), wanted)
        }
        count = ByteScan.places(of: delimiter, in: block, into: places)
        (places + count).update(repeating: .max, count: sentinels)
        (first, stride) = (0, 0)
    }

    /// The row behind the one before, as offsets in the block.
    @inline(__always)
    func row(_ range: Range<Int>) -> RowFields {
        let start = UInt32(truncatingIfNeeded: range.lowerBound)
        // Nearly always a row has as many fields as the one before it.
        let guess = first &+ stride
        if guess == 0 || guess > count || places[guess] < start || places[guess &- 1] >= start {
            var next = first
            while places[next] < start { next &+= 1 }
            stride = next &- first
            first = next
        } else {
            first = guess
        }
        return RowFields(
            block: block, ends: places + first, start: range.lowerBound,
            end: UInt32(truncatingIfNeeded: range.upperBound))
    }
}

/// The fields of one row; valid as long as its block.
struct RowFields {
    fileprivate let block: UnsafeRawBufferPointer
    /// Of the delimiters from the row's first on.
    fileprivate let ends: UnsafePointer<UInt32>
    fileprivate let start: Int
    fileprivate let end: UInt32

    /// nil when the row has too few.
    @inline(__always)
    func field(_ index: Int) -> RowField? {
        var start = start
        if index > 0 {
            let before = ends[index &- 1]
            guard before < end else { return nil }
            start = Int(before) &+ 1
        }
        return RowField(block: block, start: start, end: Int(min(ends[index], end)))
    }
}

/// The bytes of a field, and what of its block lies before them.
struct RowField {
    let block: UnsafeRawBufferPointer
    let start: Int
    let end: Int

    @inline(__always)
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: block.baseAddress.map { $0 + start }, count: end &- start)
    }

    /// The eight bytes that end where the field ends, the field's last one on top; nil where the block has not so many.
    @inline(__always)
    var lastEight: UInt64? {
        end >= 8
            ? UInt64(littleEndian: block.loadUnaligned(fromByteOffset: end &- 8, as: UInt64.self)) : nil
    }
}
