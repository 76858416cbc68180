internal import Checksums
internal import Platform
internal import TabletModel

/// A local segment on its way to the object store. Reading it ends when the run is told to stop, so that a conf change
/// does not wait for a large upload.
struct UploadSource: ObjectSource {
    private let file: FileSource
    private let run: CooldownRun

    init(_ file: any ReadableFile, run: CooldownRun) {
        self.file = FileSource(file)
        self.run = run
    }

    var sizeBytes: Int64 { file.sizeBytes }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
        try run.check()
        try file.read(into: buffer, at: offset)
    }

    /// Why the file is not what its rowset says; nil when it is. Reads it once, which also warms it for the upload.
    func mismatch(with expected: SegmentMeta) throws -> String? {
        guard sizeBytes == expected.sizeBytes else {
            return "it has \(sizeBytes) bytes, \(expected.sizeBytes) were written"
        }
        var checksum = CRC32C()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var offset: Int64 = 0
        while offset < sizeBytes {
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Int(min(sizeBytes - offset, 1 << 20))))
            try read(into: piece, at: offset)
            checksum.update(UnsafeRawBufferPointer(piece))
            offset += Int64(piece.count)
        }
        guard checksum.value == expected.crc32c else {
            return
                "stored checksum 0x\(String(expected.crc32c, radix: 16)), computed 0x\(String(checksum.value, radix: 16))"
        }
        return nil
    }
}
