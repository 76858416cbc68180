/// A reflected 32-bit CRC, eight bytes a step ("slicing by 8"): table k holds the effect of a byte k places from the end.
///
/// The tables (8 KiB) are made once for each polynomial and never freed. `@unchecked Sendable`: nothing writes to them
/// after `init`.
struct SlicedCRC: @unchecked Sendable {
    private let table: UnsafePointer<UInt32>

    init(reflectedPolynomial: UInt32) {
        let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ reflectedPolynomial : crc >> 1 }
            table[byte] = crc
        }
        for index in 256..<(8 * 256) {
            let before = table[index - 256]
            table[index] = before >> 8 ^ table[Int(before & 0xFF)]
        }
        self.table = UnsafePointer(table)
    }

    /// The register (inverted value) after the bytes.
    func advance(_ state: UInt32, over bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard var next = bytes.baseAddress else { return state }
        var crc = state
        var left = bytes.count
        while left >= 8 {
            let word = UInt64(littleEndian: next.loadUnaligned(as: UInt64.self)) ^ UInt64(crc)
            crc =
                entry(7, word) ^ entry(6, word >> 8) ^ entry(5, word >> 16) ^ entry(4, word >> 24)
                ^ entry(3, word >> 32) ^ entry(2, word >> 40) ^ entry(1, word >> 48) ^ entry(0, word >> 56)
            next += 8
            left -= 8
        }
        while left > 0 {
            crc = crc >> 8 ^ entry(0, UInt64(crc) ^ UInt64(next.load(as: UInt8.self)))
            next += 1
            left -= 1
        }
        return crc
    }

    @inline(__always)
    private func entry(_ slice: Int, _ word: UInt64) -> UInt32 {
        table[slice << 8 | Int(truncatingIfNeeded: word & 0xFF)]
    }
}
