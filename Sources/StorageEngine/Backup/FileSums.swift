internal import Checksums
internal import Platform
internal import TabletModel

/// Size, MD5 and CRC32C of a file, read once.
struct FileSums: Hashable {
    var sizeBytes: Int64
    /// 16 bytes; empty when it was not asked for.
    var md5: [UInt8]
    var crc32c: UInt32

    private static let pieceBytes = 1 << 20

    /// - Parameter check: asked before each piece; what it throws ends the reading.
    init(of file: any ReadableFile, withMD5: Bool = true, check: () throws -> Void) throws {
        var md5 = MD5()
        var crc = CRC32C()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceBytes, alignment: 64)
        defer { buffer.deallocate() }
        var offset: Int64 = 0
        while offset < file.sizeBytes {
            try check()
            let wanted = UnsafeMutableRawBufferPointer(
                rebasing: buffer.prefix(Int(min(file.sizeBytes - offset, Int64(Self.pieceBytes)))))
            try FileSource(file).read(into: wanted, at: offset)
            if withMD5 { md5.update(UnsafeRawBufferPointer(wanted)) }
            crc.update(UnsafeRawBufferPointer(wanted))
            offset += Int64(wanted.count)
        }
        sizeBytes = offset
        self.md5 = withMD5 ? md5.digest : []
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
