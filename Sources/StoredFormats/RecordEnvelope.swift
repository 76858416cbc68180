internal import Checksums
internal import SwiftProtobuf
internal import TabletModel

/// SwiftProtobuf has a type of this name too.
typealias Version = TabletModel.Version

/// The frame of every stored protobuf record: the message, then field 2047 (fixed32) with the CRC32C of the message.
///
/// A protobuf parser that knows nothing of it sees one more unknown field, so a record stays readable as plain protobuf;
/// our own reader checks the sum over the bytes before it parses any. Layout: message, 0xFD 0x7F (the tag), 4 bytes
/// little-endian.
enum RecordEnvelope {
    static let tag: [UInt8] = [0xFD, 0x7F]
    static let trailerBytes = 6

    static func seal(_ message: some Message, record: @autoclosure () -> String) throws(StoredFormatError) -> [UInt8] {
        var bytes: [UInt8]
        do {
            bytes = try message.serializedBytes()
        } catch {
            throw StoredFormatError(record(), .notParsable("\(error)"))
        }
        let checksum = bytes.withUnsafeBytes { crc32c($0) }
        bytes += tag
        withUnsafeBytes(of: checksum.littleEndian) { bytes.append(contentsOf: $0) }
        return bytes
    }

    static func open<M: Message>(
        _ bytes: UnsafeRawBufferPointer, as type: M.Type, record: @autoclosure () -> String
    ) throws(StoredFormatError) -> M {
        let end = bytes.count - trailerBytes
        guard end >= 0, bytes[end] == tag[0], bytes[end + 1] == tag[1] else {
            throw StoredFormatError(record(), .noChecksum)
        }
        let body = UnsafeRawBufferPointer(rebasing: bytes[..<end])
        let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: end + 2, as: UInt32.self))
        let computed = crc32c(body)
        guard stored == computed else {
            throw StoredFormatError(record(), .checksumMismatch(stored: stored, computed: computed))
        }
        do {
            return try M(serializedBytes: Array(body))
        } catch {
            throw StoredFormatError(record(), .notParsable("\(error)"))
        }
    }

    /// The message of a record that ends in the right checksum; nil for any other.
    @inline(__always)
    static func verifiedBody(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let end = bytes.count - trailerBytes
        guard end >= 0, bytes[end] == 0xFD, bytes[end + 1] == 0x7F else { return nil }
        let body = UnsafeRawBufferPointer(rebasing: bytes[..<end])
        let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: end + 2, as: UInt32.self))
        return stored == crc32c(body) ? body : nil
    }

    static func check(version: UInt32, supported: UInt32, record: @autoclosure () -> String) throws(StoredFormatError) {
        guard version >= 1 else { throw StoredFormatError(record(), .missingField("format_version")) }
        guard version <= supported else {
            throw StoredFormatError(record(), .newerFormat(found: version, supported: supported))
        }
    }
}
