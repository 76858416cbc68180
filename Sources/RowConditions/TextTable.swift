internal import TabletModel

/// A set of texts, laid out so that a field is looked up in it by its bytes without an allocation or a count of references.
/// Single texts are found by their hash, whatever else lies between two texts by its edges.
struct TextTable: BitwiseCopyable {
    private struct Text: BitwiseCopyable {
        var start: UInt32
        var count: UInt32
    }

    /// Bit n: some single text has n bytes; bit 63: 63 or more.
    private let lengths: UInt64
    /// Open addressing: the high half of the text's hash, and its place in `texts` plus one; 0 where nothing is.
    private let slots: UnsafeBufferPointer<UInt64>
    /// The single ones, then the edges, ascending.
    private let texts: UnsafeBufferPointer<Text>
    private let singles: Int
    private let bytes: UnsafeBufferPointer<UInt8>
    /// What is found is what is not in the set.
    private let isInverted: Bool
    /// So that nobody can choose texts that all meet in one slot.
    private static let seed = UInt64.random(in: .min ... .max)
    private let seed: UInt64

    init(_ set: Intervals<TextKey>, memory: FlatMemory) {
        let seed = Self.seed
        let (plain, inverted) = (Self.parts(of: set), Self.parts(of: set.complement))
        isInverted = inverted.edges.count < plain.edges.count
        let (found, edges) = isInverted ? inverted : plain
        singles = found.count
        var bytes: [UInt8] = []
        var texts: [Text] = []
        for key in found + edges {
            texts.append(Text(start: UInt32(bytes.count), count: UInt32(key.bytes.count)))
            bytes += key.bytes
        }
        var capacity = 4
        while capacity < found.count * 2 { capacity *= 2 }
        var slots = [UInt64](repeating: 0, count: capacity)
        var lengths: UInt64 = 0
        for (place, key) in found.enumerated() {
            lengths |= 1 << UInt64(min(key.bytes.count, 63))
            let hash = key.bytes.withUnsafeBytes { Self.hash($0, seed) }
            var slot = Int(truncatingIfNeeded: hash) & (capacity - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (capacity - 1) }
            slots[slot] = hash & 0xFFFF_FFFF_0000_0000 | UInt64(place + 1)
        }
        (self.seed, self.lengths, self.slots) = (seed, lengths, memory.copy(slots))
        (self.texts, self.bytes) = (memory.copy(texts), memory.copy(bytes))
    }

    /// Texts that stand alone, and the edges of everything else.
    private static func parts(of set: Intervals<TextKey>) -> (singles: [TextKey], edges: [TextKey]) {
        var (singles, others): ([TextKey], [TextKey]) = ([], [])
        for start in stride(from: 0, to: set.edges.count, by: 2) {
            let ends = set.edges[start...].prefix(2)
            if ends.count == 2, ends[start + 1] == ends[start].next {
                singles.append(ends[start])
            } else {
                others += ends
            }
        }
        return (singles, others)
    }

    /// - Parameter field: not empty: that is null.
    @inline(__always)
    func contains(_ field: UnsafeRawBufferPointer) -> Bool {
        (isSingle(field) || isBetweenEdges(field)) != isInverted
    }

    @inline(__always)
    private func isSingle(_ field: UnsafeRawBufferPointer) -> Bool {
        guard lengths >> UInt64(min(field.count, 63)) & 1 == 1 else { return false }
        let hash = Self.hash(field, seed)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            if (slots[slot] ^ hash) >> 32 == 0, compare(field, Int(UInt32(truncatingIfNeeded: slots[slot])) - 1) == 0 {
                return true
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return false
    }

    @inline(__always)
    private func isBetweenEdges(_ field: UnsafeRawBufferPointer) -> Bool {
        guard texts.count > singles else { return false }
        let below = (singles..<texts.count).partitionPoint { compare(field, $0) >= 0 } - singles
        return below % 2 == 1
    }

    /// Below, above or 0: bytewise.
    private func compare(_ field: UnsafeRawBufferPointer, _ index: Int) -> Int {
        let text = texts[index]
        let (start, count) = (Int(text.start), Int(text.count))
        for place in 0..<min(field.count, count) where field[place] != bytes[start + place] {
            return Int(field[place]) - Int(bytes[start + place])
        }
        return field.count - count
    }

    /// Sixteen bytes a multiplication.
    @inline(__always)
    private static func hash(_ bytes: UnsafeRawBufferPointer, _ seed: UInt64) -> UInt64 {
        let count = bytes.count
        var hash = seed ^ UInt64(truncatingIfNeeded: count)
        var place = 0
        while place + 16 < count {
            hash = mix(word(bytes, place) ^ hash, word(bytes, place + 8) ^ multiplier)
            place += 16
        }
        // The last sixteen bytes or all of fewer, words that lie over each other where they must.
        switch count {
        case 16...: return mix(word(bytes, count - 16) ^ hash, word(bytes, count - 8) ^ multiplier)
        case 8...: return mix(word(bytes, 0) ^ hash, word(bytes, count - 8) ^ multiplier)
        case 4...: return mix(half(bytes, 0) ^ hash, half(bytes, count - 4) ^ multiplier)
        case 1...:
            let few = UInt64(bytes[0]) << 16 | UInt64(bytes[count / 2]) << 8 | UInt64(bytes[count - 1])
            return mix(few ^ hash, multiplier)
        default: return mix(hash, multiplier)
        }
    }

    private static var multiplier: UInt64 { 0x9E37_79B9_7F4A_7C15 }

    @inline(__always)
    private static func mix(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let product = one.multipliedFullWidth(by: other)
        return product.high ^ product.low
    }

    @inline(__always)
    private static func word(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }

    @inline(__always)
    private static func half(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> UInt64 {
        UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
    }
}
