import Checksums
import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct SegmentTests {
    let fileSystem = MemoryFileSystem()

    private func write(
        _ rows: [[UInt8]], blockBytes: Int = 64, path: String = "/s.dat", times: [Int64]? = nil,
        compressor: any BlockCompressor = NoCompression()
    ) throws -> SegmentMeta {
        let file = try fileSystem.create(path)
        let writer = SegmentWriter(
            file: file, path: path, compressor: compressor, targetBlockBytes: blockBytes, maxRowBytes: 1 << 20)
        for (index, row) in rows.enumerated() {
            try row.withUnsafeBytes {
                try writer.append(row: $0, writtenAt: UnixTime(milliseconds: times?[index] ?? 1000))
            }
        }
        return try writer.finish()
    }

    private func read(
        _ bytes: [UInt8], expected: SegmentMeta? = nil, readAhead: Int = 256 << 10
    ) throws -> [[UInt8]] {
        let reader = try SegmentReader(
            source: BytesSegmentSource(bytes: bytes, readAheadBytes: readAhead), name: "s.dat", expected: expected
        ) { $0 == 0 ? NoCompression() : $0 == 200 ? XorCompression() : nil }
        var rows: [[UInt8]] = []
        while let block = try reader.next() { block.forEachRow { rows.append(Array($0)) } }
        return rows
    }

    @Test(arguments: 0..<40) func readsBackWhatWasWritten(seed: UInt64) throws {
        let random = SeededRandom(seed: seed)
        let rows = (0..<Int(random.next(below: 80))).map { _ in
            let length = random.oneIn(10) ? random.next(below: 3000) : random.next(below: 40)
            return (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
        let compressor: any BlockCompressor = seed % 2 == 0 ? NoCompression() : XorCompression()
        let meta = try write(rows, blockBytes: 1 + Int(random.next(below: 500)), compressor: compressor)
        let bytes = try fileSystem.readAll("/s.dat")
        #expect(meta.sizeBytes == Int64(bytes.count))
        #expect(meta.rowCount == Int64(rows.count))
        #expect(meta.crc32c == crc32c(bytes))
        #expect(try read(bytes, expected: meta, readAhead: Int(random.next(below: 400))) == rows)
    }

    @Test func footerHoldsRowsTimesAndBlocks() throws {
        _ = try write([[1, 2, 3], [], [4]], times: [5000, 3000, 4000])
        let reader = try SegmentReader(
            source: BytesSegmentSource(bytes: fileSystem.readAll("/s.dat")), name: "s.dat"
        ) { _ in NoCompression() }
        #expect(reader.footer.rowCount == 3)
        #expect(reader.footer.rawBytes == 7)
        #expect(reader.footer.oldestWrite == UnixTime(milliseconds: 3000))
        #expect(reader.footer.newestWrite == UnixTime(milliseconds: 5000))
        #expect(reader.footer.blocks.count == 1)
    }

    @Test func anyChangedByteIsDetected() throws {
        let rows = sampleRows(12).map { Array($0.utf8) }
        _ = try write(rows)
        let good = try fileSystem.readAll("/s.dat")
        #expect(try read(good) == rows)
        for index in good.indices {
            for mask: UInt8 in [0x01, 0x80, 0xFF] {
                var bad = good
                bad[index] ^= mask
                #expect(throws: SegmentError.self, "byte \(index) of \(good.count)") { try read(bad) }
            }
        }
    }

    @Test func anyTruncationIsDetected() throws {
        _ = try write(sampleRows(5).map { Array($0.utf8) })
        let good = try fileSystem.readAll("/s.dat")
        for count in good.indices {
            #expect(throws: SegmentError.self, "\(count) bytes") { try read(Array(good[..<count])) }
        }
    }

    @Test func corruptBlockIsNamed() throws {
        _ = try write(sampleRows(12).map { Array($0.utf8) })
        var bytes = try fileSystem.readAll("/s.dat")
        let reader = try SegmentReader(source: BytesSegmentSource(bytes: bytes), name: "s") { _ in NoCompression() }
        bytes[Int(reader.footer.blocks[2].offset) + 20] ^= 1
        let error = #expect(throws: SegmentError.self) { try read(bytes) }
        #expect(error?.file == "s.dat")
        #expect(error?.block == 2)
        guard case .blockChecksum = error?.cause else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func newerFormatVersionIsRefusedByName() throws {
        _ = try write([[1]])
        var bytes = try fileSystem.readAll("/s.dat")
        bytes[bytes.count - 16] = 2
        let error = #expect(throws: SegmentError.self) { try read(bytes) }
        #expect(error?.cause == .newerFormat(found: 2, supported: 1))
        #expect("\(error!)".contains("newer build"))
    }

    @Test func unknownCompressorIsRefused() throws {
        _ = try write([[1]], compressor: XorCompression())
        let bytes = try fileSystem.readAll("/s.dat")
        let error = #expect(throws: SegmentError.self) {
            try SegmentReader(source: BytesSegmentSource(bytes: bytes), name: "s") { _ in nil }
        }
        #expect(error?.cause == .unknownCompressor(200))
    }

    @Test func otherSizeThanTheRowsetSaysIsRefused() throws {
        var meta = try write([[1]])
        meta.sizeBytes += 1
        let bytes = try fileSystem.readAll("/s.dat")
        #expect(throws: SegmentError.self) { try read(bytes, expected: meta) }
    }

    @Test func tooLongRowIsRefused() throws {
        let file = try fileSystem.create("/long.dat")
        let writer = SegmentWriter(file: file, path: "/long.dat", compressor: NoCompression(), maxRowBytes: 3)
        let error = #expect(throws: SegmentError.self) {
            try [UInt8](1...4).withUnsafeBytes { try writer.append(row: $0, writtenAt: UnixTime(seconds: 1)) }
        }
        #expect(error?.cause == .rowTooLong(bytes: 4, limit: 3))
    }

    @Test func blocksAreCopiedWithoutDecoding() throws {
        let rows = sampleRows(12).map { Array($0.utf8) }
        _ = try write(rows, path: "/a.dat", compressor: XorCompression())
        let source = BytesSegmentSource(bytes: try fileSystem.readAll("/a.dat"))
        let reader = try SegmentReader(source: source, name: "/a.dat") { _ in XorCompression() }
        let file = try fileSystem.create("/b.dat")
        let writer = SegmentWriter(file: file, path: "/b.dat", compressor: XorCompression())
        while let block = try reader.nextStored() {
            try writer.append(copy: block, written: reader.footer.oldestWrite...reader.footer.newestWrite)
        }
        let meta = try writer.finish()
        #expect(meta.rowCount == 12)
        #expect(try read(fileSystem.readAll("/b.dat"), expected: meta) == rows)
    }
}

/// A segment in memory.
struct BytesSegmentSource: SegmentSource {
    var bytes: [UInt8]
    var readAheadBytes = 256 << 10
    var sizeBytes: Int64 { Int64(bytes.count) }
    func read(_ range: Range<Int64>) throws -> [UInt8] {
        Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)])
    }
}

/// Another block format that is easy to tell apart: every byte flipped, and one byte more.
struct XorCompression: BlockCompressor {
    var formatCode: UInt8 { 200 }
    func compress(_ bytes: UnsafeRawBufferPointer) throws -> [UInt8] { [0x5A] + bytes.map { $0 ^ 0xFF } }
    func decompress(_ bytes: UnsafeRawBufferPointer, expectedBytes: Int) throws -> [UInt8] {
        guard bytes.first == 0x5A, bytes.count == expectedBytes + 1 else {
            throw CompressionError(message: "not flipped")
        }
        return bytes.dropFirst().map { $0 ^ 0xFF }
    }
}
