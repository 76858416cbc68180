/// A segment that can't be read, or a row that can't be written: which file, which block, why.
public struct SegmentError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Cause: Hashable, Sendable {
        case tooShort(bytes: Int64)
        case badMagic
        case newerFormat(found: UInt32, supported: UInt32)
        case footerChecksum(stored: UInt32, computed: UInt32)
        case footerInvalid(String)
        case unknownCompressor(UInt8)
        case blockChecksum(stored: UInt32, computed: UInt32)
        /// The block's own header differs from what the footer says of it.
        case blockHeader(String)
        case decompression(String)
        /// The block's bytes are whole, but no rows.
        case rows(String)
        /// The file differs from what the rowset's meta says of it.
        case metaMismatch(String)
        case rowTooLong(bytes: Int, limit: Int)
    }

    public var file: String
    /// Counted from 0; nil when the error is not about one block.
    public var block: Int?
    public var cause: Cause

    public init(file: String, block: Int? = nil, _ cause: Cause) {
        self.file = file
        self.block = block
        self.cause = cause
    }

    public var description: String {
        "segment \(file)\(block.map { " block \($0)" } ?? ""): \(reason)"
    }

    private var reason: String {
        switch cause {
        case .tooShort(let bytes): "\(bytes) bytes are too few for a segment: the file is cut off"
        case .badMagic: "does not end in the segment magic: not a segment, or cut off"
        case .newerFormat(let found, let supported):
            "format version \(found), this build reads up to \(supported): start a newer build"
        case .footerChecksum(let stored, let computed):
            "footer is corrupt: stored checksum \(hex(stored)), computed \(hex(computed))"
        case .footerInvalid(let what): "footer is invalid: \(what)"
        case .unknownCompressor(let code): "blocks are compressed in format \(code), which this build can't read"
        case .blockChecksum(let stored, let computed):
            "corrupt: stored checksum \(hex(stored)), computed \(hex(computed))"
        case .blockHeader(let what): "header is invalid: \(what)"
        case .decompression(let what): "can't be decompressed: \(what)"
        case .rows(let what): "rows are invalid: \(what)"
        case .metaMismatch(let what): "is not the file its rowset names: \(what)"
        case .rowTooLong(let bytes, let limit): "a row of \(bytes) bytes exceeds the limit of \(limit)"
        }
    }

    private func hex(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
}
