internal import Checksums

/// The file `image.{log id}`: the metadata as of one log id.
///
/// "TBDIMAGE", format version (u32), then sections: kind (u32), length (u64), payload (a message of
/// proto/edit_log.proto), CRC32C of kind, length and payload (u32). Numbers are big-endian. The header section is first; a
/// file without the end section is torn, and that one tells how many there are and what they hold (`ImageDigest`). A section kind that is not known is an error: nothing is skipped silently.
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

/// What the sections of an image hold, one after the other: two images with one digest are the same.
struct ImageDigest: Hashable, Sendable {
    private(set) var sections: UInt64 = 0
    /// xxHash64 of a section's kind and payload, seeded by that of the sections before it.
    private(set) var hash: UInt64 = 0

    mutating func add(_ section: ImageFormat.Section, _ payload: [UInt8]) {
        sections += 1
        hash = XXHash64.hash(payload, seed: hash &+ UInt64(section.rawValue))
    }

    /// The payload of the end section: both numbers, big-endian.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(sections)
        bytes.appendBigEndian(hash)
        return bytes
    }
}
