internal import Checksums
public import Platform
public import TabletModel

/// Writes one segment, front to back, in memory of about one block. Used by one thread at a time.
///
/// After an error the file is of no use: the caller removes it. Nothing is durable before `finish` returned.
public final class SegmentWriter {
    private let file: any WritableFile
    private let path: String
    private let compressor: any BlockCompressor
    private let targetBlockBytes: Int
    private let maxRowBytes: Int
    private var raw: [UInt8] = []
    private var rawRows: UInt32 = 0
    private var fileChecksum = CRC32C()
    private var footer: SegmentFooter
    /// Bytes handed to the file so far.
    public private(set) var fileBytes: Int64 = 0

    /// - Parameter path: of `file`, for errors.
    public init(
        file: any WritableFile, path: String, compressor: any BlockCompressor, targetBlockBytes: Int = 64 << 10,
        maxRowBytes: Int = 16 << 20
    ) {
        precondition(targetBlockBytes > 0 && targetBlockBytes + maxRowBytes + 10 <= SegmentFormat.maxBlockBytes)
        self.file = file
        self.path = path
        self.compressor = compressor
        self.targetBlockBytes = targetBlockBytes
        self.maxRowBytes = maxRowBytes
        self.footer = SegmentFooter(
            compressor: compressor.formatCode, rowCount: 0, rawBytes: 0, oldestWrite: UnixTime(milliseconds: .max),
            newestWrite: UnixTime(milliseconds: .min), blocks: [])
        raw.reserveCapacity(targetBlockBytes + 4096)
    }

    public var rowCount: Int64 { footer.rowCount + Int64(rawRows) }

    /// - Throws: `SegmentError.rowTooLong`, or what the file or the compressor throws.
    public func append(row: UnsafeRawBufferPointer, writtenAt: UnixTime) throws {
        try append(row: row, written: writtenAt...writtenAt)
    }

    /// As `append(row:writtenAt:)`, for a row of which only the segment's range of write times is known.
    public func append(row: UnsafeRawBufferPointer, written: ClosedRange<UnixTime>) throws {
        guard row.count <= maxRowBytes else {
            throw SegmentError(file: path, .rowTooLong(bytes: row.count, limit: maxRowBytes))
        }
        var length = UInt(row.count)
        while length >= 0x80 {
            raw.append(UInt8(truncatingIfNeeded: length) | 0x80)
            length >>= 7
        }
        raw.append(UInt8(truncatingIfNeeded: length))
        raw.append(contentsOf: row)
        rawRows += 1
        note(written)
        if raw.count >= targetBlockBytes { try flushBlock() }
    }

    /// Appends a block as another segment of the same compressor stores it, without decoding it: compaction copies
    /// blocks so. The rows' write times are not in a block: the caller gives the other segment's.
    public func append(copy block: StoredBlock, written: ClosedRange<UnixTime>) throws {
        guard block.compressor == compressor.formatCode else {
            throw SegmentError(file: path, .unknownCompressor(block.compressor))
        }
        try flushBlock()
        note(written)
        try block.bytes.withUnsafeBytes { try writeBlock($0, rawBytes: block.rawBytes, rows: block.rowCount) }
    }

    /// Writes what is left and the footer, syncs and closes the file. On return its bytes are durable, its name is not
    /// (the folder is the caller's).
    public func finish() throws -> SegmentMeta {
        try flushBlock()
        if footer.blocks.isEmpty {
            footer.oldestWrite = UnixTime(milliseconds: 0)
            footer.newestWrite = UnixTime(milliseconds: 0)
        }
        try write(footer.encoded())
        try file.sync()
        try file.close()
        return SegmentMeta(sizeBytes: fileBytes, rowCount: footer.rowCount, crc32c: fileChecksum.value)
    }

    private func note(_ written: ClosedRange<UnixTime>) {
        footer.oldestWrite = min(footer.oldestWrite, written.lowerBound)
        footer.newestWrite = max(footer.newestWrite, written.upperBound)
    }

    private func flushBlock() throws {
        guard rawRows > 0 else { return }
        let stored = try raw.withUnsafeBytes { try compressor.compress($0) }
        try stored.withUnsafeBytes { try writeBlock($0, rawBytes: UInt32(raw.count), rows: rawRows) }
        raw.removeAll(keepingCapacity: true)
        rawRows = 0
    }

    private func writeBlock(_ stored: UnsafeRawBufferPointer, rawBytes: UInt32, rows: UInt32) throws {
        let block = SegmentBlock(
            offset: fileBytes, storedBytes: UInt32(stored.count), rawBytes: rawBytes, rowCount: rows)
        try write(BlockHeader(block, stored: stored).encoded())
        try write(stored)
        footer.blocks.append(block)
        footer.rowCount += Int64(rows)
        footer.rawBytes += Int64(rawBytes)
    }

    private func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        try file.append(bytes)
        fileChecksum.update(bytes)
        fileBytes += Int64(bytes.count)
    }
}

/// The 16 bytes before a block's stored bytes.
struct BlockHeader {
    var storedBytes: UInt32
    var rawBytes: UInt32
    var rowCount: UInt32
    var checksum: UInt32

    init(_ block: SegmentBlock, stored: UnsafeRawBufferPointer) {
        storedBytes = block.storedBytes
        rawBytes = block.rawBytes
        rowCount = block.rowCount
        checksum = 0
        checksum = checksum(of: stored)
    }

    init(decoding bytes: UnsafeRawBufferPointer) {
        storedBytes = bytes.littleEndian(at: 0)
        rawBytes = bytes.littleEndian(at: 4)
        rowCount = bytes.littleEndian(at: 8)
        checksum = bytes.littleEndian(at: 12)
    }

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(SegmentFormat.blockHeaderBytes)
        bytes.appendLittleEndian(storedBytes)
        bytes.appendLittleEndian(rawBytes)
        bytes.appendLittleEndian(rowCount)
        bytes.appendLittleEndian(checksum)
        return bytes
    }

    func checksum(of stored: UnsafeRawBufferPointer) -> UInt32 {
        var sum = CRC32C()
        withUnsafeBytes(of: (storedBytes.littleEndian, rawBytes.littleEndian, rowCount.littleEndian)) { sum.update($0) }
        sum.update(stored)
        return sum.value
    }
}
