internal import ByteText

/// Hexadecimal text to bytes.
public func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.compactMap(Hexadecimal.value)
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// Big-endian, as TBinaryProtocol writes integers.
public func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

/// The head of a strict call: version, name, sequence number.
public func callHead(_ method: String, type: UInt8 = 1, sequence: Int32 = 0) -> [UInt8] {
    [0x80, 0x01, 0x00, type] + bytes(Int32(method.utf8.count)) + Array(method.utf8) + bytes(sequence)
}
