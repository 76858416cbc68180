import Checksums
import Testing

@Suite("CRC-32C and CRC-32")
struct CRCTests {
    private static let check = Array("123456789".utf8)

    private static let castagnoliValues: [([UInt8], UInt32)] = [
        (check, 0xE306_9283), ([], 0), ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E),
        (Array((0..<32).reversed()), 0x113F_DB5C),
    ]

    private static let zlibValues: [([UInt8], UInt32)] = [
        (check, 0xCBF4_3926), ([], 0), (Array("The quick brown fox jumps over the lazy dog".utf8), 0x414F_A339),
    ]

    @Test("known values of CRC-32C", arguments: castagnoliValues)
    func castagnoli(bytes: [UInt8], expected: UInt32) { #expect(crc32c(bytes) == expected) }

    @Test("known values of CRC-32", arguments: zlibValues)
    func zlib(bytes: [UInt8], expected: UInt32) { #expect(crc32(bytes) == expected) }

    @Test("the pieces give what the whole gives, wherever it is cut")
    func streaming() {
        let bytes = (0..<67).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        for cut in 0...bytes.count {
            var castagnoli = CRC32C()
            var zlib = CRC32()
            bytes.withUnsafeBytes { all in
                castagnoli.update(UnsafeRawBufferPointer(rebasing: all[..<cut]))
                castagnoli.update(UnsafeRawBufferPointer(rebasing: all[cut...]))
                zlib.update(UnsafeRawBufferPointer(rebasing: all[..<cut]))
            }
            var continued = CRC32(seed: zlib.value)
            bytes.withUnsafeBytes { continued.update(UnsafeRawBufferPointer(rebasing: $0[cut...])) }
            #expect(castagnoli.value == crc32c(bytes))
            #expect(continued.value == crc32(bytes))
        }
    }

    @Test("agrees with a CRC computed bit by bit")
    func bitwise() {
        var generator = SystemRandomNumberGenerator()
        for length in 0..<100 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(crc32c(bytes) == bitwise(bytes, polynomial: 0x82F6_3B78))
            #expect(crc32(bytes) == bitwise(bytes, polynomial: 0xEDB8_8320))
        }
    }

    @Test(
        "agrees with a CRC computed bit by bit, also where the bytes are taken in lanes", arguments: [0, 1, 7, 8, 4095])
    func lanes(rest: Int) {
        var generator = SystemRandomNumberGenerator()
        for turns in 1...3 {
            let bytes = (0..<(12_288 * turns + rest)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(crc32c(bytes) == bitwise(bytes, polynomial: 0x82F6_3B78))
            // From an address that is not aligned.
            #expect(crc32c(Array(bytes[3...])) == bytes.withUnsafeBytes { crc32c(.init(rebasing: $0[3...])) })
        }
    }

    private func bitwise(_ bytes: [UInt8], polynomial: UInt32) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ polynomial : crc >> 1 }
        }
        return ~crc
    }
}
