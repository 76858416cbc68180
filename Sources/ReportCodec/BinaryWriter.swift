internal import TabletModel

/// TBinaryProtocol values into a fixed buffer that is flushed to a sink when it is full.
struct BinaryWriter {
    private let buffer: UnsafeMutableRawPointer
    private let capacity: Int
    private let sink: (UnsafeRawBufferPointer) throws -> Void
    private var used = 0
    /// Which optional members a tablet's row has.
    let rowMembers: RowMembers
    let dialect: WireDialect

    init(
        buffer: UnsafeMutableRawPointer, capacity: Int, dialect: WireDialect,
        sink: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) {
        self.buffer = buffer
        self.capacity = capacity
        self.dialect = dialect
        rowMembers = RowMembers(dialect)
        self.sink = sink
    }

    mutating func flush() throws {
        guard used > 0 else { return }
        let filled = UnsafeRawBufferPointer(start: buffer, count: used)
        used = 0
        try sink(filled)
    }

    /// Where the next `count` bytes (at most 4096) go; `advance` then says how many of them were written.
    @inline(__always)
    mutating func reserve(_ count: Int) throws -> UnsafeMutableRawPointer {
        if capacity - used < count { try flush() }
        return buffer + used
    }

    @inline(__always)
    mutating func advance(to end: UnsafeMutableRawPointer) { used = end - buffer }

    mutating func field(_ type: WireType, _ id: UInt16) throws {
        let start = try reserve(3)
        advance(to: start.put(type, id))
    }

    mutating func stop() throws {
        let start = try reserve(1)
        advance(to: start.put(UInt8(0)))
    }

    mutating func boolField(_ id: UInt16, _ value: Bool) throws {
        let start = try reserve(4)
        advance(to: start.put(id, value))
    }

    mutating func i32Field(_ id: UInt16, _ value: Int32) throws {
        let start = try reserve(7)
        advance(to: start.put(id, value))
    }

    mutating func i64Field(_ id: UInt16, _ value: Int64) throws {
        let start = try reserve(11)
        advance(to: start.put(id, value))
    }

    mutating func stringField(_ id: UInt16, _ value: String) throws {
        try field(.string, id)
        try string(value)
    }

    mutating func i32(_ value: Int32) throws {
        let start = try reserve(4)
        advance(to: start.put(value))
    }

    mutating func i64(_ value: Int64) throws {
        let start = try reserve(8)
        advance(to: start.put(value))
    }

    mutating func string(_ value: String) throws {
        let utf8 = value.utf8
        try i32(try size(utf8.count, of: "a string"))
        var rest = utf8[...]
        while !rest.isEmpty {
            let piece = rest.prefix(1024)
            var end = try reserve(piece.count)
            for byte in piece { end = end.put(byte) }
            advance(to: end)
            rest = rest.dropFirst(piece.count)
        }
    }

    /// The header of a list or a set.
    mutating func listHeader(_ element: WireType, count: Int) throws {
        let size = try size(count, of: "a list")
        let start = try reserve(5)
        advance(to: start.put(element.rawValue).put(size))
    }

    mutating func mapHeader(key: WireType, value: WireType, count: Int) throws {
        let size = try size(count, of: "a map")
        let start = try reserve(6)
        advance(to: start.put(key.rawValue).put(value.rawValue).put(size))
    }

    private func size(_ count: Int, of what: String) throws -> Int32 {
        guard let size = Int32(exactly: count) else { throw ReportEncodingError.tooLarge(what, count: count) }
        return size
    }
}

/// Each stores a value at the pointer and returns where the next one goes.
extension UnsafeMutableRawPointer {
    @inline(__always)
    func put(_ value: UInt8) -> UnsafeMutableRawPointer {
        storeBytes(of: value, as: UInt8.self)
        return self + 1
    }

    @inline(__always)
    func put(_ value: some FixedWidthInteger & BitwiseCopyable) -> UnsafeMutableRawPointer {
        storeBytes(of: value.bigEndian, as: type(of: value))
        return self + value.bitWidth / 8
    }

    @inline(__always)
    func put(_ type: WireType, _ id: UInt16) -> UnsafeMutableRawPointer { put(type.rawValue).put(id) }

    @inline(__always)
    func put(_ id: UInt16, _ value: Bool) -> UnsafeMutableRawPointer { put(.bool, id).put(UInt8(value ? 1 : 0)) }

    @inline(__always)
    func put(_ id: UInt16, _ value: Int32) -> UnsafeMutableRawPointer { put(.i32, id).put(value) }

    @inline(__always)
    func put(_ id: UInt16, _ value: Int64) -> UnsafeMutableRawPointer { put(.i64, id).put(value) }
}
