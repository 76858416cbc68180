internal import TabletModel

/// The layout of one entry of a report: which bytes are structure (field headers, counts, stops) and where the values
/// are.
///
/// A backend writes its rows the same way, one like the other. So the layout of an entry that was read field by field
/// is learned, and an entry whose structure bytes are the same is read by offsets: one masked comparison instead of a
/// step for each of twenty fields. It matches only what the reader would have walked in exactly this way, values aside.
///
/// Most reports say what the one before said, and all of it is read twice, to check it and to compare it. Of a million rows
/// that takes the FE 27 and 38 ms this way, 123 and 156 ms field by field (with a storage policy 33 and 43, 153 and 190;
/// medians side by side): without it no five million tablets a second could be compared.
///
/// Only entries are learned, a map's key with them, that hold one row of fixed-size fields, each at most once.
struct RowTemplate {
    /// Longer entries are read field by field.
    static let maxBytes = 256
    /// Words for `structure` and `mask`: one more than whole ones, for the overlapping last.
    static let storageWords = 2 * (maxBytes / 8 + 1)

    /// Bytes of the whole entry; so large that nothing matches until one was learned.
    private(set) var count = Int.max
    /// Where each field's value is, by field id; 0: there is no such field. 21 and 22 are the halves of field 20.
    private(set) var offsets: InlineArray<23, Int> = InlineArray(repeating: 0)
    /// Structure bytes, 0 elsewhere, as the words of eight bytes that `matches` reads.
    private let structure: UnsafeMutablePointer<UInt64>
    /// 0xFF at structure bytes.
    private let mask: UnsafeMutablePointer<UInt64>
    private var wordCount = 0

    /// - Parameter storage: `storageWords` words, which outlive the template.
    init(storage: UnsafeMutablePointer<UInt64>) {
        structure = storage
        mask = storage + Self.storageWords / 2
    }

    /// - Parameter available: readable bytes at `entry`.
    @inline(__always)
    func matches(_ entry: UnsafeRawPointer, available: Int) -> Bool {
        guard available >= count else { return false }
        var difference: UInt64 = 0
        for word in 0..<wordCount {
            let bytes = entry.loadUnaligned(fromByteOffset: word &* 8, as: UInt64.self)
            difference |= (bytes & mask[word]) ^ structure[word]
        }
        let last = entry.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        difference |= (last & mask[wordCount]) ^ structure[wordCount]
        return difference == 0
    }

    /// - Precondition: the entry matches, and its offset for the field is not 0.
    @inline(__always)
    func i64(_ entry: UnsafeRawPointer, _ field: Int) -> Int64 {
        Int64(bigEndian: entry.loadUnaligned(fromByteOffset: offsets[unchecked: field], as: Int64.self))
    }

    @inline(__always)
    private func i32(_ entry: UnsafeRawPointer, _ field: Int) -> Int32 {
        Int32(bigEndian: entry.loadUnaligned(fromByteOffset: offsets[unchecked: field], as: Int32.self))
    }

    @inline(__always)
    private func bool(_ entry: UnsafeRawPointer, _ field: Int) -> Bool {
        entry.load(fromByteOffset: offsets[unchecked: field], as: UInt8.self) != 0
    }

    @inline(__always)
    private func has(_ field: Int) -> Bool { offsets[unchecked: field] != 0 }

    /// Fills in the fields that the entry has; the others stay.
    @inline(__always)
    func read(_ entry: UnsafeRawPointer, into row: inout TabletReportRow) {
        row.tabletID = TabletID(i64(entry, 1))
        row.schemaHash = SchemaHash(i32(entry, 2))
        row.version = Version(i64(entry, 3))
        row.rowCount = i64(entry, 5)
        row.dataSizeBytes = i64(entry, 6)
        if has(7) { row.medium = StorageMedium(rawValue: i32(entry, 7)) }
        if has(9) { row.versionCount = i64(entry, 9) }
        if has(10) { row.pathHash = i64(entry, 10) }
        if has(11) { row.versionMiss = bool(entry, 11) }
        if has(12) { row.isUsed = bool(entry, 12) }
        if has(13) { row.partitionID = PartitionID(i64(entry, 13)) }
        if has(14) { row.isInMemory = bool(entry, 14) }
        if has(15) { row.replicaID = ReplicaID(i64(entry, 15)) }
        if has(16) { row.remoteDataSizeBytes = i64(entry, 16) }
        if has(17) { row.cooldownReplicaID = ReplicaID(i64(entry, 17)) }
        if has(18) { row.isCooldown = bool(entry, 18) }
        if has(19) { row.cooldownTerm = i64(entry, 19) }
        if has(21) { row.cooldownMetaID = UniqueID(high: i64(entry, 21), low: i64(entry, 22)) }
    }
}

// MARK: Learning

extension RowTemplate {
    /// Takes over the layout of an entry that was read field by field without an error. False, and the template matches
    /// nothing, when the entry is of a form that is not learned.
    mutating func learn(_ entry: UnsafeRawBufferPointer, hasKey: Bool) -> Bool {
        count = .max
        guard (16...Self.maxBytes).contains(entry.count) else { return false }
        var walk = LayoutWalk(entry)
        guard walk.entry(hasKey: hasKey) else { return false }
        offsets = walk.offsets
        wordCount = entry.count / 8
        for word in 0..<wordCount { setWord(word, at: word * 8, entry, walk.isValue) }
        setWord(wordCount, at: entry.count - 8, entry, walk.isValue)
        count = entry.count
        return true
    }

    private func setWord(_ word: Int, at offset: Int, _ entry: UnsafeRawBufferPointer, _ isValue: [Bool]) {
        var bits: UInt64 = 0
        for byte in 0..<8 where !isValue[offset + byte] { bits |= 0xFF << UInt64(byte * 8) }
        mask[word] = bits.littleEndian
        structure[word] = entry.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & mask[word]
    }
}

/// Finds the values of an entry. It gives up at anything that is not of a fixed size.
private struct LayoutWalk {
    private let entry: UnsafeRawBufferPointer
    private var place = 0
    private(set) var offsets: InlineArray<23, Int> = InlineArray(repeating: 0)
    private(set) var isValue: [Bool]

    init(_ entry: UnsafeRawBufferPointer) {
        self.entry = entry
        isValue = Array(repeating: false, count: entry.count)
    }

    /// A `TTablet` whose first field is a list of one `TTabletInfo`, and nothing else.
    mutating func entry(hasKey: Bool) -> Bool {
        if hasKey { takeValue(8) }
        let head: [UInt8] = [WireType.list.rawValue, 0, 1, WireType.structure.rawValue, 0, 0, 0, 1]
        for byte in head where !take(byte) { return false }
        return row() && take(0) && place == entry.count
    }

    private mutating func row() -> Bool {
        var seen: Set<UInt32> = []
        while let key = fieldKey() {
            if key == 0 { return true }
            guard seen.insert(key).inserted else { return false }
            let type = WireType(rawValue: UInt8(truncatingIfNeeded: key >> 16))
            let id = Int(key & 0xFFFF)
            if type == .structure {
                guard id == 20, metaID() else { return false }
            } else {
                guard type.isFixedSize, let bytes = type.minimumBytes, place + bytes <= entry.count else {
                    return false
                }
                if Self.type(ofField: id) == type { offsets[id] = place }
                takeValue(bytes)
            }
        }
        return false
    }

    /// What the reader takes for the field; of another type it is an unknown field.
    private static func type(ofField id: Int) -> WireType? {
        switch id {
        case 2, 7: .i32
        case 11, 12, 14, 18: .bool
        case 1, 3, 4, 5, 6, 9, 10, 13, 15, 16, 17, 19: .i64
        default: nil
        }
    }

    /// A `TUniqueId` with its halves in order.
    private mutating func metaID() -> Bool {
        for half in 1...2 {
            guard fieldKey() == ReportCodec.fieldKey(.i64, UInt16(half)), place + 8 <= entry.count else { return false }
            offsets[20 + half] = place
            takeValue(8)
        }
        return take(0)
    }

    private mutating func fieldKey() -> UInt32? {
        guard place < entry.count else { return nil }
        if entry[place] == 0 {
            place += 1
            return 0
        }
        guard place + 3 <= entry.count else { return nil }
        defer { place += 3 }
        return UInt32(entry[place]) << 16 | UInt32(entry[place + 1]) << 8 | UInt32(entry[place + 2])
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard place < entry.count, entry[place] == byte else { return false }
        place += 1
        return true
    }

    private mutating func takeValue(_ bytes: Int) {
        for byte in place..<min(place + bytes, entry.count) { isValue[byte] = true }
        place += bytes
    }
}
