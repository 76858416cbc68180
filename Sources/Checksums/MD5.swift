internal import CChecksums

/// MD5 (RFC 1321) of bytes that come in pieces: S3's `Content-MD5` and ETags. It protects from accidents, not from
/// attackers.
///
/// Written here although swift-crypto has it, because MD5 is bound by latency: each of its steps waits for the one
/// before, which leaves most of the processor idle, and no library takes several streams at once (`GroupedMD5`). GiB/s of one
/// thread:
///
/// | | one stream | two in one pass | four in vectors of AVX-512 |
/// |---|---|---|---|
/// | Zen 5 | 0.85 (OpenSSL and swift-crypto 0.82) | 1.67 | |
/// | a virtual core of an Intel Xeon, busy | 0.45 | 0.75 | 1.7 |
///
/// Zen 5 does 1.76 with three streams: the registers run out. Vectors without AVX-512 have no rotation: four 1.17.
public struct MD5: Sendable {
    var state: InlineArray<4, UInt32> = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
    /// The block that was begun: its first `count % 64` bytes count.
    private var tail = InlineArray<64, UInt8>(repeating: 0)
    var count: UInt64 = 0

    static let blockBytes = 64

    public init() {}

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let rest = completeTail(bytes)
        let blocks = rest.count / MD5.blockBytes
        advance(over: rest, blocks)
        count += UInt64(blocks * MD5.blockBytes)
        keepTail(rest, from: blocks * MD5.blockBytes)
    }

    /// Of all bytes so far, 16 bytes. More may follow.
    public var digest: [UInt8] {
        let tailCount = Int(count % 64)
        var padding = [UInt8](repeating: 0, count: 1 + (119 - tailCount) % 64)
        padding[0] = 0x80
        let bits = count &* 8
        for shift in stride(from: 0, to: 64, by: 8) { padding.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift))) }
        var padded = self
        padding.withUnsafeBytes { padded.update($0) }
        var digest: [UInt8] = []
        digest.reserveCapacity(16)
        for index in padded.state.indices {
            let word = padded.state[index]
            for shift in stride(from: 0, to: 32, by: 8) {
                digest.append(UInt8(truncatingIfNeeded: word >> UInt32(shift)))
            }
        }
        return digest
    }

    // MARK: pieces to blocks

    /// Adds to the block that was begun. What it returns is empty or begins a block.
    private mutating func completeTail(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let tailCount = Int(count % 64)
        guard tailCount > 0 else { return bytes }
        let taken = min(MD5.blockBytes - tailCount, bytes.count)
        write(bytes[..<taken], at: tailCount)
        count += UInt64(taken)
        if tailCount + taken == MD5.blockBytes {
            let block = tail
            withUnsafeBytes(of: block) { advance(over: $0, 1) }
        }
        return UnsafeRawBufferPointer(rebasing: bytes[taken...])
    }

    /// Begins a block with what is left of the bytes: less than a block.
    private mutating func keepTail(_ bytes: UnsafeRawBufferPointer, from start: Int) {
        write(bytes[start...], at: 0)
        count += UInt64(bytes.count - start)
    }

    private mutating func write(_ bytes: Slice<UnsafeRawBufferPointer>, at offset: Int) {
        for (index, byte) in bytes.enumerated() { tail[offset + index] = byte }
    }

    // MARK: whole blocks, not counted

    private mutating func advance(over bytes: UnsafeRawBufferPointer, _ blocks: Int) {
        guard blocks > 0, let start = bytes.baseAddress else { return }
        var registers = state.mutableSpan
        registers.withUnsafeMutableBufferPointer { cchecksums_md5($0.baseAddress, start, blocks) }
    }
}
