/// Reads the fields of a serialised protobuf message one after the other, where they lie: no object, no copy. Whatever is not
/// as the format has it ends the reading with `isBroken`; nothing is read beyond the end.
package struct WireReader {
    private var place: UnsafeRawPointer
    private let end: UnsafeRawPointer
    package private(set) var isBroken = false

    package enum Value {
        case number(UInt64)
        case fixed32(UInt32)
        case bytes(UnsafeRawBufferPointer)
    }

    /// - Parameter bytes: stay where they are as long as this, and what it gives out, are used.
    package init(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else {
            place = UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
            end = place
            return
        }
        place = base
        end = base + bytes.count
    }

    package var isAtEnd: Bool { place == end }

    /// The next field's number and value; nil at the end, or where the message is broken. Groups and 64-bit fixed numbers, which
    /// our records have none of, count as broken.
    @inline(__always)
    package mutating func next() -> (field: Int, value: Value)? {
        guard place < end else { return nil }
        guard let tag = varint(), tag >> 3 > 0, tag >> 3 < 1 << 29 else { return broken() }
        let field = Int(tag >> 3)
        switch tag & 7 {
        case 0:
            guard let number = varint() else { return broken() }
            return (field, .number(number))
        case 2:
            guard let count = varint(), count <= UInt64(end - place) else { return broken() }
            defer { place += Int(count) }
            return (field, .bytes(UnsafeRawBufferPointer(start: place, count: Int(count))))
        case 5:
            guard end - place >= 4 else { return broken() }
            defer { place += 4 }
            return (field, .fixed32(UInt32(littleEndian: place.loadUnaligned(as: UInt32.self))))
        default: return broken()
        }
    }

    private mutating func broken() -> (field: Int, value: Value)? {
        isBroken = true
        return nil
    }

    /// A number by itself, as in a packed list: at most ten bytes, of which the last has one bit. nil when there is none.
    @inline(__always)
    package mutating func varint() -> UInt64? {
        guard place < end else { return nil }
        let first = place.load(as: UInt8.self)
        if first < 0x80 {
            place += 1
            return UInt64(first)
        }
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while place < end, shift < 64 {
            let byte = place.load(as: UInt8.self)
            place += 1
            guard shift < 63 || byte <= 1 else { return nil }
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
        return nil
    }
}
