internal import Checksums
internal import StoredFormats
internal import TabletModel

/// The furthest metadata position that a master told of, as each data dir's meta store keeps it (`mp`).
///
/// Format version 1: version u8 · sequence u64 · epoch i64 · life i64 · log id i64 · id end i64 · CRC32C u32 of all before.
/// Little-endian. A dir that was away has an older one: the highest sequence counts.
struct MasterPositionRecord: Hashable, Sendable {
    static let formatVersion: UInt8 = 1
    private static let byteCount = 1 + 8 + 4 * 8 + 4

    /// Grows with each position that is written.
    var sequence: UInt64
    var position: MetadataPosition

    var encoded: [UInt8] {
        var bytes: [UInt8] = [Self.formatVersion]
        bytes.appendLittleEndian(sequence)
        for number in [position.epoch, position.life, position.logID, position.idEnd] {
            bytes.appendLittleEndian(number)
        }
        bytes.appendLittleEndian(crc32c(bytes))
        return bytes
    }

    init(sequence: UInt64, position: MetadataPosition) {
        self.sequence = sequence
        self.position = position
    }

    init(decoding bytes: UnsafeRawBufferPointer) throws(StoredFormatError) {
        let record = "master position record"
        guard bytes.count > 4 else { throw StoredFormatError(record, .noChecksum) }
        let body = UnsafeRawBufferPointer(rebasing: bytes.dropLast(4))
        let stored: UInt32 = bytes.littleEndian(at: body.count)
        let computed = crc32c(body)
        guard stored == computed else {
            throw StoredFormatError(record, .checksumMismatch(stored: stored, computed: computed))
        }
        guard body[0] <= Self.formatVersion else {
            throw StoredFormatError(
                record, .newerFormat(found: UInt32(body[0]), supported: UInt32(Self.formatVersion)))
        }
        guard bytes.count == Self.byteCount else {
            throw StoredFormatError(record, .invalidField("length", value: "\(bytes.count)"))
        }
        sequence = body.littleEndian(at: 1)
        position = MetadataPosition(
            epoch: body.littleEndian(at: 9), life: body.littleEndian(at: 17), logID: body.littleEndian(at: 25),
            idEnd: body.littleEndian(at: 33))
    }
}
