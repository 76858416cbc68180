/// Puts columns behind each other, each as narrow as it can be (`PackedColumn`).
package enum ColumnPacker {
    package enum Source {
        case values(UnsafeBufferPointer<Int64>)
        /// Taken over as it is.
        case packed(PackedColumn, rows: Int, in: UnsafePointer<UInt64>)
    }

    /// - Parameters:
    ///   - lead: two words of the caller's, which come first.
    ///   - unlisted: the column whose values change one by one to ever new ones: each would be missing from a list.
    ///   - source: of a column. Asked for each twice.
    package static func words(
        lead: (UInt64, UInt64), columns: Int, unlisted: Int? = nil, source: (Int) -> Source
    ) -> [UInt64] {
        var slots = DistinctValues()
        let plans = (0..<columns).map { column -> PackedColumnPlan? in
            guard case .values(let values) = source(column) else { return nil }
            return PackedColumnPlan(values, mayList: column != unlisted, slots: &slots)
        }
        let heads = PackedColumn.leadWords + columns * PackedColumn.headWords
        var count = heads + 1
        for column in 0..<columns {
            switch source(column) {
            case .values: count += plans[column]?.wordCount ?? 0
            case .packed(let packed, let rows, _): count += packed.wordCount(rows: rows)
            }
        }
        return [UInt64](unsafeUninitializedCapacity: count) { words, initialized in
            words.initialize(repeating: 0)
            initialized = count
            (words[0], words[1]) = lead
            var start = heads
            for column in 0..<columns {
                switch source(column) {
                case .values(let values):
                    guard let plan = plans[column] else { continue }
                    plan.write(values, column: column, start: start, slots: &slots, into: words.baseAddress!)
                    start += plan.wordCount
                case .packed(let packed, let rows, let old):
                    packed.copy(rows: rows, from: old, column: column, start: start, into: words.baseAddress!)
                    start += packed.wordCount(rows: rows)
                }
            }
        }
    }
}

extension PackedColumn {
    /// The column as it is, at another place.
    fileprivate func copy(
        rows: Int, from old: UnsafePointer<UInt64>, column: Int, start: Int, into words: UnsafeMutablePointer<UInt64>
    ) {
        let head = words + Self.leadWords + column * Self.headWords
        head[0] = UInt64(bitPattern: listed == 0 ? base : Int64(start))
        head[1] = place & ~0xFFFF_FFFF | UInt64((start + listed) * 64)
        (words + start).update(from: old + self.start, count: wordCount(rows: rows))
    }
}

/// How a column will be packed, found before the size of the whole is known.
private struct PackedColumnPlan {
    private(set) var base: Int64 = 0
    private(set) var width = 0
    /// Empty: codes are distances from `base`.
    private(set) var list: [Int64] = []
    let rows: Int

    var wordCount: Int { list.count + (rows * width + 63) / 64 }

    init(_ values: UnsafeBufferPointer<Int64>, mayList: Bool, slots: inout DistinctValues) {
        rows = values.count
        guard let first = values.first else { return }
        var (least, greatest) = (first, first)
        for value in values {
            least = min(least, value)
            greatest = max(greatest, value)
        }
        base = least
        width = Self.bits(UInt64(bitPattern: greatest &- least))
        // Two listed values take a bit each row and their two words.
        guard mayList, width > 1, rows * (width - 1) > 128 else { return }
        takeList(of: values, &slots)
    }

    private static func bits(_ greatest: UInt64) -> Int { 64 - greatest.leadingZeroBitCount }

    private mutating func takeList(of values: UnsafeBufferPointer<Int64>, _ slots: inout DistinctValues) {
        slots.removeAll()
        for value in values {
            slots.insert(value)
            let count = slots.values.count
            guard count * 64 + rows * Self.bits(UInt64(max(count - 1, 1))) < rows * width else { return }
        }
        list = slots.values
        width = Self.bits(UInt64(max(list.count - 1, 1)))
    }

    /// Writes the head and the codes; words from `start` on are zero.
    func write(
        _ values: UnsafeBufferPointer<Int64>, column: Int, start: Int, slots: inout DistinctValues,
        into words: UnsafeMutablePointer<UInt64>
    ) {
        let head = words + PackedColumn.leadWords + column * PackedColumn.headWords
        head[0] = UInt64(bitPattern: list.isEmpty ? base : Int64(start))
        head[1] = UInt64((start + list.count) * 64) | UInt64(width) << 32 | UInt64(list.count) << 40
        guard width > 0 else { return }
        for (offset, value) in list.enumerated() { words[start + offset] = UInt64(bitPattern: value) }
        if !list.isEmpty {
            slots.removeAll()
            for value in list { slots.insert(value) }
        }
        var bit = (start + list.count) * 64
        for value in values {
            let code = list.isEmpty ? UInt64(bitPattern: value &- base) : UInt64(slots.place(of: value))
            let (word, shift) = (bit >> 6, bit & 63)
            words[word] |= code << shift
            if shift + width > 64 { words[word + 1] |= code >> (64 - shift) }
            bit += width
        }
    }
}

/// Numbers that differ, in the order in which they came, with their places: a hash table that is used again and again.
private struct DistinctValues {
    private(set) var values: [Int64] = []
    /// Places in `values`, -1 for none; a power of two, and never more than half full.
    private var slots = [Int32](repeating: -1, count: 256)

    mutating func removeAll() {
        guard !values.isEmpty else { return }
        values.removeAll(keepingCapacity: true)
        for slot in slots.indices { slots[slot] = -1 }
    }

    /// Does nothing for a number that is there.
    mutating func insert(_ value: Int64) {
        let slot = slot(of: value)
        guard slots[slot] < 0 else { return }
        slots[slot] = Int32(values.count)
        values.append(value)
        if values.count * 2 > slots.count { grow() }
    }

    /// - Precondition: it was inserted.
    func place(of value: Int64) -> Int { Int(slots[slot(of: value)]) }

    private func slot(of value: Int64) -> Int {
        let hash = UInt64(bitPattern: value) &* 0x9E37_79B9_7F4A_7C15
        var slot = Int(hash >> 32) & (slots.count - 1)
        while slots[slot] >= 0, values[Int(slots[slot])] != value { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        for (place, value) in values.enumerated() { slots[slot(of: value)] = Int32(place) }
    }
}
