public import TabletModel

/// What a start has to know of a rowset record, read where the record lies: millions of records are looked at then, and a message
/// object each would be most of the time.
///
/// It knows plain rowsets: local, visible, without a part in a delete. For any other, and for whatever `RowsetRecord.decode`
/// might not take, there is no `PlainRowset`: then `decode` has the word.
public struct PlainRowset: Hashable, Sendable {
    public var tabletID: TabletID
    public var versions: VersionRange
    public var rowCount: Int64
    public var sizeBytes: Int64
    public var hasSegments: Bool

    /// - Parameter record: with its checksum, which is compared.
    @inline(__always)
    public init?(record: UnsafeRawBufferPointer) {
        guard let body = RecordEnvelope.verifiedBody(record) else { return nil }
        var fields = Fields()
        var reader = WireReader(body)
        guard fields.takeInOrder(&reader) else { return nil }
        while let (field, value) = reader.next() {
            guard fields.take(field, value) else { return nil }
        }
        guard !reader.isBroken, fields.isPlain,
            let versions = VersionRange(checking: Version(fields.start), Version(fields.end))
        else { return nil }
        tabletID = TabletID(fields.tablet)
        self.versions = versions
        rowCount = fields.rows
        sizeBytes = fields.size
        hasSegments = fields.segments > 0
    }
}

/// The fields of `PBRowset` (proto/tablet_meta.proto) that a plain one has.
private struct Fields {
    var tablet: Int64 = 0
    var start: Int64 = 0
    var end: Int64 = 0
    var rows: Int64 = 0
    var size: Int64 = 0
    var segments: Int64 = 0
    private var toldSegments: Int64 = 0
    private var segmentBytes: Int64 = 0
    private var segmentRows: Int64 = 0
    private var format: Int64 = 0
    private var hasTablet = false
    private var hasID = false
    private var created: Int64 = 0
    private var oldestWrite: Int64 = 0
    private var newestWrite: Int64 = 0
    /// As `RowsetRecord` has them.
    private static let greatestSum: Int64 = 1 << 42

    init() {}

    /// Takes the fields that come in the order of their numbers, in which they are written; `take` has the others.
    @inline(__always)
    mutating func takeInOrder(_ reader: inout WireReader) -> Bool {
        _ = reader.number(1)
        _ = reader.number(2)
        if let bits = reader.number(3) { (tablet, hasTablet) = (Int64(bitPattern: bits), true) }
        _ = reader.number(4)
        if let bits = reader.number(5), !takeNumber(5, Int64(bitPattern: bits)) { return false }
        if let bits = reader.number(7), !takeNumber(7, Int64(bitPattern: bits)) { return false }
        if let bits = reader.number(8) { start = Int64(bitPattern: bits) }
        if let bits = reader.number(9) { end = Int64(bitPattern: bits) }
        if let bits = reader.number(11) { rows = Int64(bitPattern: bits) }
        if let bits = reader.number(12) { size = Int64(bitPattern: bits) }
        _ = reader.number(13)
        _ = reader.number(17)
        _ = reader.number(20)
        if let bits = reader.number(22) { toldSegments = Int64(bitPattern: bits) }
        if let bytes = reader.shortBytes(23), !takeBytes(23, bytes) { return false }
        _ = reader.number(25)
        _ = reader.number(26)
        if let bits = reader.number(1000) { format = Int64(bitPattern: bits) }
        while let bytes = reader.shortBytes(1001) { guard takeSegment(bytes) else { return false } }
        if let bits = reader.number(1002) { created = Int64(bitPattern: bits) }
        if let bits = reader.number(1003) { oldestWrite = Int64(bitPattern: bits) }
        if let bits = reader.number(1004) { newestWrite = Int64(bitPattern: bits) }
        return true
    }

    /// False for a field that a plain rowset has not.
    @inline(__always)
    mutating func take(_ field: Int, _ value: WireReader.Value) -> Bool {
        switch value {
        case .number(let bits): takeNumber(field, Int64(bitPattern: bits))
        case .bytes(let bytes): takeBytes(field, bytes)
        case .fixed32: false
        }
    }

    @inline(__always)
    private mutating func takeNumber(_ field: Int, _ number: Int64) -> Bool {
        switch field {
        case 1, 2, 4, 13, 17, 20, 25, 26: break
        case 3: (tablet, hasTablet) = (number, true)
        case 5: return Int64(Int32(truncatingIfNeeded: number)) == number
        case 7: return number == 2
        case 8: start = number
        case 9: end = number
        case 11: rows = number
        case 12: size = number
        case 22: toldSegments = number
        case 1000: format = number
        case 1002: created = number
        case 1003: oldestWrite = number
        case 1004: newestWrite = number
        default: return false
        }
        return true
    }

    private mutating func takeBytes(_ field: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
        switch field {
        case 23:
            hasID = Self.isRowsetID(bytes)
            return hasID
        case 1001: return takeSegment(bytes)
        // Transactions of a merged rowset: of no weight here, and whole bytes of varints.
        case 1005: return bytes.last.map { $0 < 0x80 } ?? true
        default: return false
        }
    }

    /// 48 hexadecimal digits, in lower case. Eight at a time, since there are ten million of them: the highest bit of each byte
    /// says whether it is one.
    private static func isRowsetID(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count == 48 else { return false }
        let each: UInt64 = 0x0101_0101_0101_0101
        var isAll = each &* 0x80
        for place in stride(from: 0, to: 48, by: 8) {
            let digits = text.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            // Below 0x80 nothing is carried into the next byte; what is above is no digit.
            let low = digits & (each &* 0x7F)
            let isDigit = (low &+ each &* (0x80 - 0x30)) & ~(low &+ each &* (0x80 - 0x3A))
            let isLetter = (low &+ each &* (0x80 - 0x61)) & ~(low &+ each &* (0x80 - 0x67))
            isAll &= (isDigit | isLetter) & ~digits
        }
        return isAll == each &* 0x80
    }

    private mutating func takeSegment(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var (size, rows): (Int64, Int64) = (0, 0)
        var reader = WireReader(bytes)
        while let (field, value) = reader.next() {
            switch (field, value) {
            case (1, .number(let bits)): size = Int64(bitPattern: bits)
            case (2, .number(let bits)): rows = Int64(bitPattern: bits)
            case (3, .fixed32): break
            default: return false
            }
        }
        guard !reader.isBroken, (0...(Self.greatestSum - segmentBytes)).contains(size),
            (0...(Self.greatestSum - segmentRows)).contains(rows)
        else { return false }
        segmentBytes += size
        segmentRows += rows
        segments += 1
        return true
    }

    /// What `RowsetRecord.decode` asks of its message.
    var isPlain: Bool {
        let sums = 0...Self.greatestSum
        let times = UnixTime.plausible.lowerBound.milliseconds...UnixTime.plausible.upperBound.milliseconds
        return hasTablet && hasID && format == Int64(RowsetRecord.versionWithoutDeletes)
            && end <= Version.greatest.rawValue && segments == toldSegments && sums.contains(rows)
            && sums.contains(size)
            && times.contains(created) && times.contains(oldestWrite) && times.contains(newestWrite)
    }
}
