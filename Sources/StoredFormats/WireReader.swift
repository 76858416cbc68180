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

    /// The next field, if it is this one and has a number; else nil, and nothing was read. Who knows the order of the fields reads
    /// them in half the time by this: what comes next is guessed while the number is still made up.
    @inline(__always)
    package mutating func number(_ field: Int) -> UInt64? {
        guard let start = value(ofField: field, wireType: 0), end - start >= 8 else { return nil }
        let word = UInt64(littleEndian: start.loadUnaligned(as: UInt64.self))
        // Where it ends is found by branches, which can be guessed, not by counting zeros, which would have to be waited for.
        if word & 0x80 == 0 {
            place = start + 1
            return word & 0x7F
        }
        if word & 0x8000 == 0 {
            place = start + 2
        } else if word & 0x80_0000 == 0 {
            place = start + 3
        } else if word & 0x8000_0000 == 0 {
            place = start + 4
        } else if word & 0x80_0000_0000 == 0 {
            place = start + 5
        } else if word & 0x8000_0000_0000 == 0 {
            place = start + 6
        } else {
            return longNumber(word, at: start)
        }
        let ends = ~word & 0x8080_8080_8080_8080
        return Self.joined(word & (ends ^ (ends &- 1)))
    }

    /// Of seven bytes or more; negative numbers have ten.
    private mutating func longNumber(_ word: UInt64, at start: UnsafeRawPointer) -> UInt64? {
        if word & 0x80_0000_0000_0000 == 0 {
            place = start + 7
            return Self.joined(word & 0xFF_FFFF_FFFF_FFFF)
        }
        if word & 0x8000_0000_0000_0000 == 0 {
            place = start + 8
            return Self.joined(word)
        }
        guard end - start >= 10 else { return nil }
        let ninth = start.load(fromByteOffset: 8, as: UInt8.self)
        guard ninth >= 0x80 else {
            place = start + 9
            return Self.joined(word) | UInt64(ninth) << 56
        }
        let tenth = start.load(fromByteOffset: 9, as: UInt8.self)
        guard tenth <= 1 else { return nil }
        place = start + 10
        return Self.joined(word) | UInt64(ninth & 0x7F) << 56 | UInt64(tenth) << 63
    }

    /// The lower seven bits of each byte, side by side.
    @inline(__always)
    private static func joined(_ word: UInt64) -> UInt64 {
        let sevens = word & 0x7F7F_7F7F_7F7F_7F7F
        let fourteens = sevens & 0x007F_007F_007F_007F | (sevens & 0x7F00_7F00_7F00_7F00) >> 1
        let halves = fourteens & 0x0000_3FFF_0000_3FFF | (fourteens & 0x3FFF_0000_3FFF_0000) >> 2
        return halves & 0x0FFF_FFFF | (halves & 0x0FFF_FFFF_0000_0000) >> 4
    }

    /// The next field, if it is this one and has fewer than 128 bytes; else nil, and nothing was read.
    @inline(__always)
    package mutating func shortBytes(_ field: Int) -> UnsafeRawBufferPointer? {
        guard let start = value(ofField: field, wireType: 2), start < end else { return nil }
        let count = Int(start.load(as: UInt8.self))
        guard count < 0x80, count < end - start else { return nil }
        place = start + 1 + count
        return UnsafeRawBufferPointer(start: start + 1, count: count)
    }

    /// Where its value begins, if the next field is this one: below 2048, so that its tag is one byte or two.
    @inline(__always)
    private func value(ofField field: Int, wireType: Int) -> UnsafeRawPointer? {
        let tag = field << 3 | wireType
        guard end - place >= 2 else { return nil }
        if tag < 0x80 { return place.load(as: UInt8.self) == UInt8(tag) ? place + 1 : nil }
        let bytes = UInt16(littleEndian: place.loadUnaligned(as: UInt16.self))
        return bytes == UInt16(tag & 0x7F | 0x80 | (tag >> 7) << 8) ? place + 2 : nil
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
