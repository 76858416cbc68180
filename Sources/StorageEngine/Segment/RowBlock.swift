internal import RowConditions

/// The rows of one block, in memory. Rows are opaque bytes.
public struct RowBlock: Sendable {
    /// Rows, each a varint length and its bytes; known to be whole.
    private let raw: [UInt8]
    public let rowCount: Int

    /// Walks all lengths once, so that handing out rows can't fail.
    init(checking raw: [UInt8], rowCount: Int, file: String, block: Int) throws(SegmentError) {
        let (rows, end) = raw.withUnsafeBytes { bytes in
            var offset = 0
            var rows = 0
            while offset < bytes.count, let row = Self.row(in: bytes, at: offset) {
                offset = row.upperBound
                rows += 1
            }
            return (rows, offset)
        }
        guard end == raw.count else {
            throw SegmentError(file: file, block: block, .rows("row \(rows) runs past the end of the block"))
        }
        guard rows == rowCount else {
            throw SegmentError(file: file, block: block, .rows("it has \(rows) rows, its header says \(rowCount)"))
        }
        self.raw = raw
        self.rowCount = rowCount
    }

    /// What is known to be whole.
    private init(whole raw: [UInt8], rowCount: Int) {
        self.raw = raw
        self.rowCount = rowCount
    }

    /// The rows that a delete holds for; nil when there are none.
    func rows(goneBy deletes: RowMatcher) -> RowMask? {
        raw.withUnsafeBytes { bytes in
            deletes.begin(bytes)
            var gone: RowMask?
            var (offset, index) = (0, 0)
            while offset < bytes.count, let row = Self.row(in: bytes, at: offset) {
                if deletes.anyHolds(for: row) {
                    if gone == nil { gone = RowMask(rowCount: rowCount) }
                    gone?.insert(index)
                }
                offset = row.upperBound
                index += 1
            }
            return gone
        }
    }

    /// The block without some of its rows.
    func leavingOut(_ gone: RowMask) -> RowBlock {
        raw.withUnsafeBytes { bytes in
            let kept = [UInt8](unsafeUninitializedCapacity: bytes.count) { kept, size in
                func keep(_ range: Range<Int>) {
                    UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(kept)[size...])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
                    size += range.count
                }
                var (offset, index) = (0, 0)
                // Rows from here on are kept and not copied yet.
                var start = 0
                while offset < bytes.count, let row = Self.row(in: bytes, at: offset) {
                    if gone.contains(index) {
                        keep(start..<offset)
                        start = row.upperBound
                    }
                    offset = row.upperBound
                    index += 1
                }
                keep(start..<bytes.count)
            }
            return RowBlock(whole: kept, rowCount: rowCount - gone.count)
        }
    }

    /// Calls `body` with every row in order; the buffers are valid during the call only.
    public func forEachRow(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try raw.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count, let row = Self.row(in: bytes, at: offset) {
                try body(UnsafeRawBufferPointer(rebasing: bytes[row]))
                offset = row.upperBound
            }
        }
    }

    /// The bytes of the row whose length stands at `offset`; nil when it does not fit.
    @inline(__always)
    private static func row(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Range<Int>? {
        var length = 0
        var shift = 0
        var place = offset
        while place < bytes.count, shift < 35 {
            let byte = bytes[place]
            place += 1
            length |= Int(byte & 0x7F) << shift
            if byte < 0x80 {
                return length <= bytes.count - place ? place..<(place + length) : nil
            }
            shift += 7
        }
        return nil
    }
}
