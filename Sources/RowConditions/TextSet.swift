/// Texts of which one is looked up by its bytes, without an allocation. Lengths and last bytes tell most of what is not in it.
struct TextSet: Hashable, Sendable {
    /// Sorted, none twice.
    let texts: [[UInt8]]
    /// Open addressing: a place in `texts` plus one, 0 where nothing is.
    private let slots: [UInt32]
    /// Bit n: some text has n bytes; bit 63: 63 or more.
    private let lengths: UInt64
    /// Bit n: some text ends in byte n.
    private let lastBytes: SIMD4<UInt64>

    init(_ texts: some Sequence<[UInt8]>) {
        let sorted = Set(texts).sorted { $0.lexicographicallyPrecedes($1) }
        var capacity = 4
        while capacity < sorted.count * 2 { capacity *= 2 }
        var slots = [UInt32](repeating: 0, count: capacity)
        var (lengths, lastBytes): (UInt64, SIMD4<UInt64>) = (0, .zero)
        for (place, text) in sorted.enumerated() {
            lengths |= 1 << UInt64(min(text.count, 63))
            if let last = text.last { lastBytes[Int(last >> 6)] |= 1 << UInt64(last & 63) }
            var slot = text.withUnsafeBytes { Self.hash($0) } & (capacity - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (capacity - 1) }
            slots[slot] = UInt32(place + 1)
        }
        (self.texts, self.slots, self.lengths, self.lastBytes) = (sorted, slots, lengths, lastBytes)
    }

    func contains(_ field: UnsafeRawBufferPointer) -> Bool {
        guard lengths >> UInt64(min(field.count, 63)) & 1 == 1, let last = field.last,
            lastBytes[Int(last >> 6)] >> UInt64(last & 63) & 1 == 1
        else { return false }
        var slot = Self.hash(field) & (slots.count - 1)
        while slots[slot] != 0 {
            if compare(field, texts[Int(slots[slot]) - 1]) == 0 { return true }
            slot = (slot + 1) & (slots.count - 1)
        }
        return false
    }

    /// Seeded by the process, so that nobody can choose texts that all meet in one slot.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: bytes)
        return hasher.finalize()
    }

    static func == (one: TextSet, other: TextSet) -> Bool { one.texts == other.texts }
    func hash(into hasher: inout Hasher) { hasher.combine(texts) }
}

/// Below, above or 0: bytewise.
@inline(__always)
func compare(_ field: UnsafeRawBufferPointer, _ text: [UInt8]) -> Int {
    text.withUnsafeBytes { bytes in
        let common = min(field.count, bytes.count)
        var place = 0
        while place < common {
            if field[place] != bytes[place] { return Int(field[place]) - Int(bytes[place]) }
            place += 1
        }
        return field.count - bytes.count
    }
}
