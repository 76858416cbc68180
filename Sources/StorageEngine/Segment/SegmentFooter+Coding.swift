internal import Checksums
internal import TabletModel

extension SegmentFooter {
    /// Footer and tail.
    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(
            SegmentFormat.footerFixedBytes + blocks.count * SegmentFormat.indexEntryBytes + SegmentFormat.tailBytes)
        bytes += [compressor, 0, 0, 0]
        bytes.appendLittleEndian(UInt32(blocks.count))
        bytes.appendLittleEndian(rowCount)
        bytes.appendLittleEndian(rawBytes)
        bytes.appendLittleEndian(blockAreaBytes)
        bytes.appendLittleEndian(oldestWrite.milliseconds)
        bytes.appendLittleEndian(newestWrite.milliseconds)
        for block in blocks {
            bytes.appendLittleEndian(block.storedBytes)
            bytes.appendLittleEndian(block.rawBytes)
            bytes.appendLittleEndian(block.rowCount)
        }
        bytes.appendLittleEndian(UInt32(bytes.count))
        bytes.appendLittleEndian(SegmentFormat.version)
        bytes.appendLittleEndian(bytes.withUnsafeBytes { crc32c($0) })
        bytes += SegmentFormat.magic
        return bytes
    }

    /// Bytes of the footer, from the last 20 bytes of the file.
    static func footerBytes(tail: UnsafeRawBufferPointer, fileBytes: Int64, file: String) throws(SegmentError) -> Int {
        let magicStart = SegmentFormat.tailBytes - SegmentFormat.magic.count
        guard tail[magicStart...].elementsEqual(SegmentFormat.magic) else { throw SegmentError(file: file, .badMagic) }
        let version: UInt32 = tail.littleEndian(at: 4)
        guard version <= SegmentFormat.version else {
            throw SegmentError(file: file, .newerFormat(found: version, supported: SegmentFormat.version))
        }
        let footerBytes = Int(tail.littleEndian(at: 0, as: UInt32.self))
        guard version >= 1, footerBytes >= SegmentFormat.footerFixedBytes, footerBytes <= SegmentFormat.maxFooterBytes,
            (footerBytes - SegmentFormat.footerFixedBytes).isMultiple(of: SegmentFormat.indexEntryBytes),
            Int64(footerBytes + SegmentFormat.tailBytes) <= fileBytes
        else {
            throw SegmentError(file: file, .footerInvalid("it claims \(footerBytes) bytes, version \(version)"))
        }
        return footerBytes
    }

    /// - Parameter bytes: footer and tail, as long as `footerBytes(tail:)` says.
    init(decoding bytes: UnsafeRawBufferPointer, fileBytes: Int64, file: String) throws(SegmentError) {
        let tailStart = bytes.count - SegmentFormat.tailBytes
        let stored: UInt32 = bytes.littleEndian(at: tailStart + 8)
        let computed = crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<(tailStart + 8)]))
        guard stored == computed else {
            throw SegmentError(file: file, .footerChecksum(stored: stored, computed: computed))
        }
        let blockCount = Int(bytes.littleEndian(at: 4, as: UInt32.self))
        guard SegmentFormat.footerFixedBytes + blockCount * SegmentFormat.indexEntryBytes == tailStart else {
            throw SegmentError(file: file, .footerInvalid("\(blockCount) blocks in \(tailStart) bytes"))
        }
        let blockArea: Int64 = bytes.littleEndian(at: 24)
        self.init(
            compressor: bytes[0], rowCount: bytes.littleEndian(at: 8), rawBytes: bytes.littleEndian(at: 16),
            oldestWrite: UnixTime(milliseconds: bytes.littleEndian(at: 32)),
            newestWrite: UnixTime(milliseconds: bytes.littleEndian(at: 40)),
            blocks: Self.blocks(in: bytes, count: blockCount))
        try check(blockArea: blockArea, fileBytes: fileBytes, footerBytes: bytes.count, file: file)
    }

    private static func blocks(in bytes: UnsafeRawBufferPointer, count: Int) -> [SegmentBlock] {
        var blocks: [SegmentBlock] = []
        blocks.reserveCapacity(count)
        var offset: Int64 = 0
        for index in 0..<count {
            let entry = SegmentFormat.footerFixedBytes + index * SegmentFormat.indexEntryBytes
            let block = SegmentBlock(
                offset: offset, storedBytes: bytes.littleEndian(at: entry), rawBytes: bytes.littleEndian(at: entry + 4),
                rowCount: bytes.littleEndian(at: entry + 8))
            blocks.append(block)
            offset = block.endOffset
        }
        return blocks
    }

    private func check(blockArea: Int64, fileBytes: Int64, footerBytes: Int, file: String) throws(SegmentError) {
        guard blockArea == blockAreaBytes, blockArea + Int64(footerBytes) == fileBytes else {
            throw SegmentError(
                file: file,
                .footerInvalid("blocks of \(blockArea) bytes and a footer of \(footerBytes) in \(fileBytes) bytes"))
        }
        guard UnixTime.plausible.contains(oldestWrite), UnixTime.plausible.contains(newestWrite) else {
            throw SegmentError(file: file, .footerInvalid("write times \(oldestWrite) and \(newestWrite) ms"))
        }
        var rows: Int64 = 0
        var raw: Int64 = 0
        for (index, block) in blocks.enumerated() {
            guard block.rawBytes <= SegmentFormat.maxBlockBytes, block.storedBytes <= SegmentFormat.maxBlockBytes else {
                throw SegmentError(file: file, block: index, .footerInvalid("it claims \(block.rawBytes) bytes"))
            }
            rows += Int64(block.rowCount)
            raw += Int64(block.rawBytes)
        }
        guard rows == rowCount, raw == rawBytes else {
            throw SegmentError(file: file, .footerInvalid("\(rowCount) rows, \(rows) in its blocks"))
        }
    }
}
