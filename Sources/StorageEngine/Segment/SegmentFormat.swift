public import TabletModel

/// The segment file, format version 1. All numbers little-endian.
///
///     block*  footer  tail
///
///     block   16-byte header: stored bytes u32 · raw bytes u32 · rows u32 · CRC32C u32 of the 12 bytes before and the
///             stored bytes; then the stored bytes: the raw bytes, compressed.
///             raw bytes: rows, each a varint length (LEB128) and its bytes.
///     footer  compressor u8 · 3 bytes 0 · blocks u32 · rows u64 · raw bytes u64 · block area bytes u64
///             · oldest write ms i64 · newest write ms i64; then for each block: stored u32 · raw u32 · rows u32
///     tail    footer bytes u32 · format version u32 · CRC32C u32 of the footer and the 8 bytes before · magic "TDSEGMNT"
///
/// A reader checks the magic, then the version, then the footer, then each block it reads. Every byte is under one of
/// the checksums, the magic, or a comparison with the file's size. The file is written once and synced whole before any
/// meta names it, so there is no torn tail to repair: a file without a right tail is no segment.
public enum SegmentFormat {
    public static let version: UInt32 = 1
    static let magic: [UInt8] = Array("TDSEGMNT".utf8)
    static let tailBytes = 20
    static let footerFixedBytes = 48
    static let indexEntryBytes = 12
    static let blockHeaderBytes = 16
    /// No block claims more, raw or stored; a larger claim is corruption and is refused before memory is taken.
    static let maxBlockBytes = 64 << 20
    /// Likewise for the footer: about 11 million blocks.
    static let maxFooterBytes = 128 << 20
}

/// What the footer says of one block.
public struct SegmentBlock: Hashable, Sendable {
    /// Of the block's header, from the start of the file.
    public var offset: Int64
    public var storedBytes: UInt32
    public var rawBytes: UInt32
    public var rowCount: UInt32

    var endOffset: Int64 { offset + Int64(SegmentFormat.blockHeaderBytes) + Int64(storedBytes) }
}

/// The footer of a segment.
public struct SegmentFooter: Hashable, Sendable {
    public var compressor: UInt8
    public var rowCount: Int64
    public var rawBytes: Int64
    /// Wall-clock times of the oldest and newest row write.
    public var oldestWrite: UnixTime
    public var newestWrite: UnixTime
    public var blocks: [SegmentBlock]

    var blockAreaBytes: Int64 { blocks.last?.endOffset ?? 0 }
}

extension [UInt8] {
    mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}

extension UnsafeRawBufferPointer {
    /// - Precondition: the integer lies inside the buffer.
    func littleEndian<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: T.Type = T.self) -> T {
        T(littleEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }
}
