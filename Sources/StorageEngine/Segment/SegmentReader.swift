internal import Checksums
public import Platform
public import TabletModel

/// Reads one segment: footer first, then blocks in order, each verified before a row of it is handed out.
/// Used by one thread at a time.
public final class SegmentReader {
    public let name: String
    public let footer: SegmentFooter
    private let source: any SegmentSource
    private let compressor: any BlockCompressor
    private var nextBlock = 0
    /// Blocks fetched ahead: file bytes from `aheadStart` on.
    private var ahead: [UInt8] = []
    private var aheadStart: Int64 = 0

    /// Reads and verifies the footer; one read for a footer of up to 64 KiB.
    ///
    /// - Parameters:
    ///   - name: path or key, for errors.
    ///   - expected: what the rowset says of the segment; its size and rows must agree.
    ///   - compressor: gives the compressor for a format code, nil when there is none.
    public init(
        source: any SegmentSource, name: String, expected: SegmentMeta? = nil,
        compressor: (UInt8) -> (any BlockCompressor)?
    ) throws {
        self.name = name
        self.source = source
        if let expected, expected.sizeBytes != source.sizeBytes {
            throw SegmentError(
                file: name, .metaMismatch("it has \(source.sizeBytes) bytes, \(expected.sizeBytes) were written"))
        }
        self.footer = try Self.readFooter(of: source, name: name)
        if let expected, expected.rowCount != footer.rowCount {
            throw SegmentError(
                file: name, .metaMismatch("it has \(footer.rowCount) rows, \(expected.rowCount) were written"))
        }
        guard let found = compressor(footer.compressor) else {
            throw SegmentError(file: name, .unknownCompressor(footer.compressor))
        }
        self.compressor = found
    }

    private static func readFooter(of source: any SegmentSource, name: String) throws -> SegmentFooter {
        let size = source.sizeBytes
        guard size >= Int64(SegmentFormat.tailBytes + SegmentFormat.footerFixedBytes) else {
            throw SegmentError(file: name, .tooShort(bytes: size))
        }
        var bytes = try source.read((size - min(size, 64 << 10))..<size)
        let footerBytes = try bytes.withUnsafeBytes { buffer in
            try SegmentFooter.footerBytes(
                tail: UnsafeRawBufferPointer(rebasing: buffer.suffix(SegmentFormat.tailBytes)), fileBytes: size,
                file: name)
        }
        let wanted = footerBytes + SegmentFormat.tailBytes
        if wanted > bytes.count { bytes = try source.read((size - Int64(wanted))..<size) }
        return try bytes.withUnsafeBytes { buffer in
            try SegmentFooter(
                decoding: UnsafeRawBufferPointer(rebasing: buffer.suffix(wanted)), fileBytes: size, file: name)
        }
    }

    /// What the footer says of the next block; nil after the last.
    public var upcoming: SegmentBlock? { nextBlock < footer.blocks.count ? footer.blocks[nextBlock] : nil }

    /// Place of the block that was read last.
    var lastBlock: Int { nextBlock - 1 }

    /// Passes over the next block without reading it.
    func skip() { nextBlock = min(nextBlock + 1, footer.blocks.count) }

    /// The rows of the next block; nil after the last.
    public func next() throws -> RowBlock? {
        guard let stored = try nextStored() else { return nil }
        return try rows(of: stored)
    }

    /// The rows of the block that `nextStored` gave last.
    func rows(of stored: StoredBlock) throws -> RowBlock {
        let index = nextBlock - 1
        let raw: [UInt8]
        do {
            raw = try stored.bytes.withUnsafeBytes {
                try compressor.decompress($0, expectedBytes: Int(stored.rawBytes))
            }
        } catch {
            throw SegmentError(file: name, block: index, .decompression("\(error)"))
        }
        guard raw.count == Int(stored.rawBytes) else {
            throw SegmentError(
                file: name, block: index, .decompression("\(raw.count) bytes instead of \(stored.rawBytes)"))
        }
        return try RowBlock(checking: raw, rowCount: Int(stored.rowCount), file: name, block: index)
    }

    /// The next block as it is stored, verified, for a copy; nil after the last.
    public func nextStored() throws -> StoredBlock? {
        guard nextBlock < footer.blocks.count else { return nil }
        let index = nextBlock
        let block = footer.blocks[index]
        let bytes = try bytes(of: block)
        let header = bytes.withUnsafeBytes { BlockHeader(decoding: $0) }
        guard header.storedBytes == block.storedBytes, header.rawBytes == block.rawBytes,
            header.rowCount == block.rowCount
        else {
            throw SegmentError(
                file: name, block: index,
                .blockHeader(
                    "\(header.storedBytes)/\(header.rawBytes) bytes, \(header.rowCount) rows; the footer says "
                        + "\(block.storedBytes)/\(block.rawBytes) bytes, \(block.rowCount) rows"))
        }
        let stored = bytes.dropFirst(SegmentFormat.blockHeaderBytes)
        let computed = stored.withUnsafeBytes { header.checksum(of: $0) }
        guard computed == header.checksum else {
            throw SegmentError(file: name, block: index, .blockChecksum(stored: header.checksum, computed: computed))
        }
        nextBlock += 1
        return StoredBlock(
            compressor: footer.compressor, bytes: stored, rawBytes: block.rawBytes, rowCount: block.rowCount)
    }

    /// Header and stored bytes of a block, out of a read that covers as many blocks as the source likes.
    private func bytes(of block: SegmentBlock) throws -> ArraySlice<UInt8> {
        if block.endOffset > aheadStart + Int64(ahead.count) || block.offset < aheadStart {
            var end = block.endOffset
            for following in footer.blocks[nextBlock...].dropFirst() {
                guard following.endOffset - block.offset <= Int64(source.readAheadBytes) else { break }
                end = following.endOffset
            }
            ahead = []
            ahead = try source.read(block.offset..<end)
            aheadStart = block.offset
        }
        return ahead[Int(block.offset - aheadStart)..<Int(block.endOffset - aheadStart)]
    }
}

/// A block as its segment stores it.
public struct StoredBlock: Sendable {
    public let compressor: UInt8
    public let bytes: ArraySlice<UInt8>
    public let rawBytes: UInt32
    public let rowCount: UInt32
}
