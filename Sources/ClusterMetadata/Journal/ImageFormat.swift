internal import Checksums

/// The file `image.{log id}`: the metadata as of one log id.
///
/// "TBDIMAGE", format version (u32), then sections: kind (u32), length (u64), payload (a message of
/// proto/edit_log.proto), CRC32C of kind, length and payload (u32). Numbers are big-endian. The header section is first; a
/// file without the end section is torn. A section kind that is not known is an error: nothing is skipped silently.
enum ImageFormat {
    static let magic: [UInt8] = Array("TBDIMAGE".utf8)
    static let version: UInt32 = 1
    static let fileHeadBytes = 12
    static let sectionHeadBytes = 12
    static let checksumBytes = 4

    enum Section: UInt32 {
        case header = 1
        case catalog = 2
        case tables = 3
        case transactions = 4
        case tablets = 5
        case end = 6
    }

    static var fileHead: [UInt8] {
        var head = magic
        head.appendBigEndian(version)
        return head
    }

    static func frame(_ section: Section, _ payload: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(sectionHeadBytes + payload.count + checksumBytes)
        frame.appendBigEndian(section.rawValue)
        frame.appendBigEndian(UInt64(payload.count))
        frame += payload
        frame.appendBigEndian(crc32c(frame))
        return frame
    }
}
