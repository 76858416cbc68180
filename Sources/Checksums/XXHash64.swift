/// xxHash, 64 bit: fast, well mixed, not cryptographic. For row and content checksums that only guard against accidents.
public struct XXHash64: Hashable, Sendable {
    private var lane1: UInt64
    private var lane2: UInt64
    private var lane3: UInt64
    private var lane4: UInt64
    private let seed: UInt64
    private var total: UInt64 = 0
    /// Bytes of an unfinished stripe of 32, little-endian in order; `total % 32` of them count.
    private var pending: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    public init(seed: UInt64 = 0) {
        self.seed = seed
        lane1 = seed &+ prime1 &+ prime2
        lane2 = seed &+ prime2
        lane3 = seed
        lane4 = seed &- prime1
    }

    public static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
        var state = XXHash64(seed: seed)
        state.update(bytes)
        return state.value
    }

    public static func hash(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
        bytes.withUnsafeBytes { hash($0, seed: seed) }
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        let held = Int(total % 32)
        total &+= UInt64(bytes.count)
        if held > 0 {
            let piece = rest.prefix(32 - held)
            hold(UnsafeRawBufferPointer(rebasing: piece), at: held)
            rest = rest.dropFirst(piece.count)
            guard held + piece.count == 32 else { return }
            stripe(pending.0, pending.1, pending.2, pending.3)
        }
        while rest.count >= 32 {
            let at = rest.startIndex
            stripe(word(bytes, at), word(bytes, at + 8), word(bytes, at + 16), word(bytes, at + 24))
            rest = rest.dropFirst(32)
        }
        if !rest.isEmpty { hold(UnsafeRawBufferPointer(rebasing: rest), at: 0) }
    }

    /// Of all bytes so far.
    public var value: UInt64 {
        var hash: UInt64
        if total >= 32 {
            hash =
                rotate(lane1, 1) &+ rotate(lane2, 7) &+ rotate(lane3, 12) &+ rotate(lane4, 18)
            for lane in [lane1, lane2, lane3, lane4] { hash = (hash ^ round(0, lane)) &* prime1 &+ prime4 }
        } else {
            hash = seed &+ prime5
        }
        hash = hash &+ total
        withUnsafeBytes(of: pending) { hash = finish(hash, UnsafeRawBufferPointer(rebasing: $0[0..<Int(total % 32)])) }
        hash = (hash ^ hash >> 33) &* prime2
        hash = (hash ^ hash >> 29) &* prime3
        return hash ^ hash >> 32
    }

    private func finish(_ start: UInt64, _ tail: UnsafeRawBufferPointer) -> UInt64 {
        var hash = start
        var at = 0
        while tail.count - at >= 8 {
            hash = rotate(hash ^ round(0, word(tail, at)), 27) &* prime1 &+ prime4
            at += 8
        }
        if tail.count - at >= 4 {
            let half = UInt32(littleEndian: tail.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            hash = rotate(hash ^ UInt64(half) &* prime1, 23) &* prime2 &+ prime3
            at += 4
        }
        while at < tail.count {
            hash = rotate(hash ^ UInt64(tail[at]) &* prime5, 11) &* prime1
            at += 1
        }
        return hash
    }

    private mutating func hold(_ bytes: UnsafeRawBufferPointer, at position: Int) {
        withUnsafeMutableBytes(of: &pending) { pending in
            UnsafeMutableRawBufferPointer(rebasing: pending[position...]).copyMemory(from: bytes)
        }
        if position + bytes.count == 32 {
            pending = (
                UInt64(littleEndian: pending.0), UInt64(littleEndian: pending.1), UInt64(littleEndian: pending.2),
                UInt64(littleEndian: pending.3)
            )
        }
    }

    private mutating func stripe(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
        lane1 = round(lane1, first)
        lane2 = round(lane2, second)
        lane3 = round(lane3, third)
        lane4 = round(lane4, fourth)
    }

    public static func == (left: XXHash64, right: XXHash64) -> Bool {
        left.seed == right.seed && left.total == right.total && left.value == right.value
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

private let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
private let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
private let prime3: UInt64 = 0x1656_67B1_9E37_79F9
private let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
private let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

@inline(__always) private func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    value &<< bits | value &>> (64 - bits)
}

@inline(__always) private func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    rotate(lane &+ word &* prime2, 31) &* prime1
}

@inline(__always) private func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
}
