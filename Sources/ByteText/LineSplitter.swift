/// Cuts a stream of bytes into lines. A line ends in "\n", which is not part of it; the last line may lack it.
/// Memory: one unfinished line.
package struct LineSplitter: Sendable {
    private var unfinished: [UInt8] = []

    package init() {}

    /// Calls `body` with every line that ends in this piece; the buffers are valid during the call only.
    /// - Throws: what `body` throws.
    package mutating func add(
        _ piece: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        var start = 0
        while let end = Self.newline(in: piece, from: start) {
            let line = UnsafeRawBufferPointer(rebasing: piece[start..<end])
            if unfinished.isEmpty {
                try body(line)
            } else {
                unfinished.append(contentsOf: line)
                try unfinished.withUnsafeBytes(body)
                unfinished.removeAll(keepingCapacity: true)
            }
            start = end + 1
        }
        unfinished.append(contentsOf: piece[start...])
    }

    /// Bytes of the line that has not ended yet.
    package var unfinishedBytes: Int { unfinished.count }

    /// The stream is over: a last line without "\n" is a line too.
    package mutating func finish(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        guard !unfinished.isEmpty else { return }
        try unfinished.withUnsafeBytes(body)
        unfinished = []
    }

    /// Looks at eight bytes at a time: a byte is zero in `word ^ "\n" × 8` exactly where the newline is.
    private static func newline(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var place = start
        while place + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            let other = word ^ 0x0A0A_0A0A_0A0A_0A0A
            let zeros = (other &- 0x0101_0101_0101_0101) & ~other & 0x8080_8080_8080_8080
            if zeros != 0 { return place + zeros.trailingZeroBitCount / 8 }
            place += 8
        }
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "\n") { return place }
            place += 1
        }
        return nil
    }
}
