import Platform
import Testing
import ZstdCompression

struct ZstdCompressionTests {
    private let compressor = ZstdCompressor()

    @Test(arguments: [0, 1, 100, 65_536, 1_000_003])
    func givesBackWhatItWasGiven(count: Int) throws {
        let plain = (0..<count).map { UInt8(truncatingIfNeeded: ($0 / 7) &* 13) }
        let packed = try plain.withUnsafeBytes { try compressor.compress($0) }
        if count > 1000 { #expect(packed.count < count / 2) }
        let back = try packed.withUnsafeBytes { try compressor.decompress($0, expectedBytes: count) }
        #expect(back == plain)
    }

    @Test func incompressibleBytesComeBackToo() throws {
        var generator = SystemRandomNumberGenerator()
        let plain = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let packed = try plain.withUnsafeBytes { try compressor.compress($0) }
        #expect(try packed.withUnsafeBytes { try compressor.decompress($0, expectedBytes: 100_000) } == plain)
    }

    @Test func aWrongSizeIsRefused() throws {
        let packed = try [UInt8](repeating: 1, count: 1000).withUnsafeBytes { try compressor.compress($0) }
        for wrong in [0, 999, 1001, -1, Int.max] {
            #expect(throws: CompressionError.self) {
                try packed.withUnsafeBytes { _ = try compressor.decompress($0, expectedBytes: wrong) }
            }
        }
    }

    @Test func everyCutAndEveryFlippedHeaderByteIsRefusedOrHarmless() throws {
        let plain = (0..<5000).map { UInt8(truncatingIfNeeded: $0 / 3) }
        let packed = try plain.withUnsafeBytes { try compressor.compress($0) }
        for count in 0..<packed.count {
            #expect(throws: CompressionError.self) {
                try Array(packed[..<count]).withUnsafeBytes {
                    _ = try compressor.decompress($0, expectedBytes: plain.count)
                }
            }
        }
        for index in packed.indices {
            var broken = packed
            broken[index] ^= 0xFF
            // zstd may decode other bytes (the block's CRC32C says so); it must not crash or give another size.
            do {
                let back = try broken.withUnsafeBytes { try compressor.decompress($0, expectedBytes: plain.count) }
                #expect(back.count == plain.count)
            } catch is CompressionError {}
        }
    }

    @Test func aClaimAboveTheLimitTakesNoMemory() throws {
        let small = ZstdCompressor(maximumBlockBytes: 1000)
        let packed = try [UInt8](repeating: 1, count: 1001).withUnsafeBytes { try small.compress($0) }
        let error = #expect(throws: CompressionError.self) {
            try packed.withUnsafeBytes { _ = try small.decompress($0, expectedBytes: 1001) }
        }
        #expect(error?.message.contains("the limit is 1000") == true)
    }

    @Test func threadsShareOneCompressor() async throws {
        let compressor = compressor
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<50 {
                        let plain = [UInt8](repeating: UInt8(task), count: 1000 + round)
                        let packed = try plain.withUnsafeBytes { try compressor.compress($0) }
                        let back = try packed.withUnsafeBytes {
                            try compressor.decompress($0, expectedBytes: plain.count)
                        }
                        #expect(back == plain)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
