/// Reads what a packet's payload is made of; nil where it ends too early.
struct PayloadReader {
    private let bytes: [UInt8]
    private var at: Int

    init(_ bytes: [UInt8], from start: Int = 0) {
        self.bytes = bytes
        at = min(start, bytes.count)
    }

    var isAtEnd: Bool { at == bytes.count }

    /// A little-endian number of so many bytes.
    mutating func integer(_ count: Int) -> UInt64? {
        guard let part = take(count) else { return nil }
        return part.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func byte() -> UInt8? { take(1)?.first }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.count - at else { return nil }
        defer { at += count }
        return bytes[at..<at + count]
    }

    /// Up to a NUL, which is taken too.
    mutating func untilNUL() -> ArraySlice<UInt8>? {
        guard let end = bytes[at...].firstIndex(of: 0) else { return nil }
        defer { at = end + 1 }
        return bytes[at..<end]
    }

    /// A number in one, three, four or nine bytes.
    mutating func length() -> UInt64? {
        guard let first = byte() else { return nil }
        switch first {
        case ..<0xfb: return UInt64(first)
        case 0xfc: return integer(2)
        case 0xfd: return integer(3)
        case 0xfe: return integer(8)
        default: return nil
        }
    }

    /// Bytes that begin with their length.
    mutating func lengthAndBytes() -> ArraySlice<UInt8>? {
        guard let count = length() else { return nil }
        return Int(exactly: count).flatMap { take($0) }
    }

    /// A byte of length, and so many bytes.
    mutating func shortBytes() -> ArraySlice<UInt8>? { byte().flatMap { take(Int($0)) } }

    mutating func rest() -> ArraySlice<UInt8> {
        defer { at = bytes.count }
        return bytes[at...]
    }

    /// Up to a NUL or the end, since some clients leave the last NUL out.
    mutating func lastText() -> ArraySlice<UInt8> { untilNUL() ?? rest() }
}
