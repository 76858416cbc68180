internal import Checksums
internal import Platform
internal import TabletModel

/// Size, MD5 and CRC32C of a file, read once, in pieces that stay in a core's cache while both are made.
struct FileSums: Hashable {
    var sizeBytes: Int64
    /// 16 bytes; empty when it was not asked for.
    var md5: [UInt8]
    var crc32c: UInt32

    private static let pieceBytes = 256 << 10

    /// - Parameters:
    ///   - group: hashes files that are read at the same time; nil: no MD5 is wanted.
    ///   - check: asked before each piece; what it throws ends the reading.
    init(of file: any ReadableFile, md5 group: GroupedMD5?, check: () throws -> Void) throws {
        let body = GroupedMD5.Body()
        defer { group?.reset(body) }
        var crc = CRC32C()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceBytes, alignment: 64)
        defer { buffer.deallocate() }
        var offset: Int64 = 0
        while offset < file.sizeBytes {
            try check()
            let wanted = UnsafeMutableRawBufferPointer(
                rebasing: buffer.prefix(Int(min(file.sizeBytes - offset, Int64(Self.pieceBytes)))))
            try FileSource(file).read(into: wanted, at: offset)
            group?.update(body, UnsafeRawBufferPointer(wanted))
            crc.update(UnsafeRawBufferPointer(wanted))
            offset += Int64(wanted.count)
        }
        sizeBytes = offset
        md5 = group?.digest(body) ?? []
        crc32c = crc.value
    }

    /// Why they are not those of the segment; nil when they are.
    func mismatch(with expected: SegmentMeta) -> String? {
        guard sizeBytes == expected.sizeBytes else {
            return "it has \(sizeBytes) bytes, \(expected.sizeBytes) were written"
        }
        guard crc32c == expected.crc32c else {
            return "stored checksum 0x\(String(expected.crc32c, radix: 16)), computed 0x\(String(crc32c, radix: 16))"
        }
        return nil
    }
}
