/// CRC-32C (Castagnoli), as in iSCSI, ext4 and our segment files: reflected polynomial 0x82F63B78.
public struct CRC32C: Hashable, Sendable {
    private var state: UInt32 = .max

    @inlinable public init() { self.init(state: .max) }
    @usableFromInline init(state: UInt32) { self.state = state }

    /// Of all bytes so far.
    public var value: UInt32 { ~state }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) { state = castagnoli.advance(state, over: bytes) }
}

/// CRC-32C of the bytes.
public func crc32c(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var crc = CRC32C()
    crc.update(bytes)
    return crc.value
}

/// CRC-32C of the bytes.
public func crc32c(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { crc32c($0) } }

private let castagnoli = Castagnoli()
