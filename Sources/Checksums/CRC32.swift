/// zlib's CRC-32: reflected polynomial 0xEDB88320. Doris hashes rows to buckets with it.
public struct CRC32: Hashable, Sendable {
    private var state: UInt32

    /// - Parameter seed: the value so far, as zlib's `crc32(seed, …)` takes it; 0 starts.
    public init(seed: UInt32 = 0) { state = ~seed }

    /// Of all bytes so far.
    public var value: UInt32 { ~state }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) { state = zlib.advance(state, over: bytes) }
}

/// CRC-32 of the bytes.
public func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var crc = CRC32()
    crc.update(bytes)
    return crc.value
}

/// CRC-32 of the bytes.
public func crc32(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { crc32($0) } }

private let zlib = SlicedCRC(reflectedPolynomial: 0xEDB8_8320)
