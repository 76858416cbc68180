/// Bounds-checked TBinaryProtocol values, read front to back. The bytes must stay valid as long as the reader is used.
struct BinaryReader {
    private let base: UnsafeRawPointer
    private let end: Int
    private(set) var offset: Int

    /// - Precondition: `range` lies inside `bytes`.
    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        // An empty buffer may have no address; nothing is ever read from it then.
        self.base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        self.end = range.upperBound
        self.offset = range.lowerBound
    }

    var remaining: Int { end - offset }

    /// Where the next byte is, `remaining` of them readable.
    var current: UnsafeRawPointer { base + offset }

    /// - Precondition: `count` is at most `remaining`.
    @inline(__always)
    mutating func skipBytes(_ count: Int) { offset += count }

    /// What was read since `start`.
    func bytes(since start: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + start, count: offset - start)
    }

    /// What lies between two offsets.
    func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    @inline(__always)
    private mutating func take(_ count: Int) throws(ReportDecodingError) -> UnsafeRawPointer {
        guard end - offset >= count else { throw .truncated(offset: offset) }
        let start = base + offset
        offset += count
        return start
    }

    @inline(__always)
    mutating func byte() throws(ReportDecodingError) -> UInt8 { try take(1).load(as: UInt8.self) }

    @inline(__always)
    mutating func bool() throws(ReportDecodingError) -> Bool { try byte() != 0 }

    @inline(__always)
    mutating func type() throws(ReportDecodingError) -> WireType { WireType(rawValue: try byte()) }

    @inline(__always)
    mutating func u16() throws(ReportDecodingError) -> UInt16 {
        UInt16(bigEndian: try take(2).loadUnaligned(as: UInt16.self))
    }

    @inline(__always)
    mutating func i32() throws(ReportDecodingError) -> Int32 {
        Int32(bigEndian: try take(4).loadUnaligned(as: Int32.self))
    }

    @inline(__always)
    mutating func i64() throws(ReportDecodingError) -> Int64 {
        Int64(bigEndian: try take(8).loadUnaligned(as: Int64.self))
    }

    mutating func string() throws(ReportDecodingError) -> String {
        let count = try size(elementBytes: 1)
        let start = try take(count)
        return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// A field's type and id as one number, type in the high byte; 0 for the stop byte, which has no id.
    @inline(__always)
    mutating func fieldKey() throws(ReportDecodingError) -> UInt32 {
        // The common case needs one check and one load: no field is shorter than four bytes.
        if end - offset >= 4 {
            let head = UInt32(bigEndian: (base + offset).loadUnaligned(as: UInt32.self)) >> 8
            if head >> 16 == 0 {
                offset += 1
                return 0
            }
            offset += 3
            return head
        }
        let type = try byte()
        guard type != 0 else { return 0 }
        return UInt32(type) << 16 | UInt32(try u16())
    }

    /// A length, refused unless that many elements of at least `elementBytes` each can be left.
    mutating func size(elementBytes: Int) throws(ReportDecodingError) -> Int {
        let at = offset
        let count = try i32()
        guard count >= 0, Int(count) <= remaining / elementBytes else { throw .badSize(count, offset: at) }
        return Int(count)
    }

    /// The header of a list or a set.
    mutating func listHeader() throws(ReportDecodingError) -> (element: WireType, count: Int) {
        let at = offset
        let element = try type()
        // An empty container of another language may carry any element type.
        guard let minimum = element.minimumBytes else {
            guard try i32() == 0 else { throw .badType(element.rawValue, offset: at) }
            return (element, 0)
        }
        return (element, try size(elementBytes: minimum))
    }

    mutating func mapHeader() throws(ReportDecodingError) -> (key: WireType, value: WireType, count: Int) {
        let at = offset
        let key = try type()
        let value = try type()
        guard let keyBytes = key.minimumBytes, let valueBytes = value.minimumBytes else {
            guard try i32() == 0 else { throw .badType(key.rawValue, offset: at) }
            return (key, value, 0)
        }
        return (key, value, try size(elementBytes: keyBytes + valueBytes))
    }

    /// Skips a value of a type given by code.
    mutating func skip(_ type: WireType, depth: Int) throws(ReportDecodingError) {
        guard depth <= ReportDecoder.nestingLimit else { throw .tooDeep(offset: offset) }
        switch type {
        case .bool, .byte: _ = try take(1)
        case .i16: _ = try take(2)
        case .i32: _ = try take(4)
        case .i64, .double: _ = try take(8)
        case .string: _ = try take(try size(elementBytes: 1))
        case .structure: try skipStructure(depth: depth)
        case .list, .set:
            let (element, count) = try listHeader()
            try skip(element, times: count, depth: depth + 1)
        case .map:
            let (key, value, count) = try mapHeader()
            for _ in 0..<count {
                try skip(key, depth: depth + 1)
                try skip(value, depth: depth + 1)
            }
        default: throw .badType(type.rawValue, offset: offset)
        }
    }

    private mutating func skip(_ type: WireType, times count: Int, depth: Int) throws(ReportDecodingError) {
        if type.isFixedSize, let bytes = type.minimumBytes {
            _ = try take(bytes * count)
        } else {
            for _ in 0..<count { try skip(type, depth: depth) }
        }
    }

    private mutating func skipStructure(depth: Int) throws(ReportDecodingError) {
        while true {
            let key = try fieldKey()
            if key == 0 { return }
            try skip(WireType(rawValue: UInt8(truncatingIfNeeded: key >> 16)), depth: depth + 1)
        }
    }
}

/// (type, id) of a field as `BinaryReader.fieldKey` returns it: a constant to switch over.
@inline(__always)
func fieldKey(_ type: WireType, _ id: UInt16) -> UInt32 { UInt32(type.rawValue) << 16 | UInt32(id) }
