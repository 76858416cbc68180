import Glibc

/// Cuts a stream of bytes into lines, wherever the pieces end. A last line without a newline counts.
struct LineSplitter {
    private var rest: [UInt8] = []

    mutating func feed(_ bytes: UnsafeRawBufferPointer, _ line: (UnsafeRawBufferPointer) -> Void) {
        var start = 0
        while let end = newline(in: bytes, from: start) {
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            if rest.isEmpty {
                line(piece)
            } else {
                rest.append(contentsOf: piece)
                rest.withUnsafeBytes(line)
                rest.removeAll(keepingCapacity: true)
            }
            start = end + 1
        }
        if start < bytes.count { rest.append(contentsOf: bytes[start...]) }
    }

    mutating func finish(_ line: (UnsafeRawBufferPointer) -> Void) {
        if !rest.isEmpty { rest.withUnsafeBytes(line) }
        rest.removeAll()
    }

    private func newline(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + start, 0x0A, bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
