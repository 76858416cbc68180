internal import Checksums
public import TabletModel

/// Format version 1 of `sp_{name}`, which held the policy's resource too. Read, never written.
///
/// version u8 · revision u64 · cooldown moment ms i64 (min = unset) · ttl s i64 (min = unset) · has resource u8 · strings,
/// each a u32 length and UTF-8: name, checksum; with a resource: endpoint, region, access key, secret key, session token
/// ("" = none), bucket, root path · then path style u8, connections i32, request ms i32, connect ms i32 · CRC32C u32 of all
/// before. Little-endian.
public enum FixedStoragePolicyRecord {
    /// Whether the record is of this format: a protobuf message can't begin with this byte.
    public static func isOne(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.first == 1 }

    /// - Parameter name: for errors, which never carry the content.
    public static func decode(
        _ bytes: UnsafeRawBufferPointer, name: String
    ) throws(StoredFormatError) -> (policy: StoragePolicyRecord, s3: S3Resource?) {
        let record = "storage policy record \(name)"
        guard bytes.count > 4 else { throw StoredFormatError(record, .noChecksum) }
        let body = UnsafeRawBufferPointer(rebasing: bytes.dropLast(4))
        let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: body.count, as: UInt32.self))
        let computed = crc32c(body)
        guard stored == computed else {
            throw StoredFormatError(record, .checksumMismatch(stored: stored, computed: computed))
        }
        guard isOne(body) else {
            throw StoredFormatError(record, .newerFormat(found: UInt32(body[0]), supported: 1))
        }
        var fields = FieldReader(bytes: body, record: record, offset: 1)
        let revision = try fields.integer(UInt64.self)
        let moment = try fields.integer(Int64.self)
        let ttl = try fields.integer(Int64.self)
        let hasResource = try fields.integer(UInt8.self) == 1
        var policy = StoragePolicyRecord(name: try fields.string(), revision: revision)
        policy.checksum = try fields.string()
        policy.cooldownAt = moment == .min ? nil : UnixTime(milliseconds: moment)
        policy.cooldownTTLSeconds = ttl == .min ? nil : ttl
        return (policy, hasResource ? try resource(&fields) : nil)
    }

    private static func resource(_ fields: inout FieldReader) throws(StoredFormatError) -> S3Resource {
        let endpoint = try fields.string()
        let region = try fields.string()
        let accessKey = try fields.string()
        let secretKey = try fields.string()
        let sessionToken = try fields.string()
        let bucket = try fields.string()
        let rootPath = try fields.string()
        return S3Resource(
            endpoint: endpoint, region: region, accessKey: accessKey, secretKey: secretKey,
            sessionToken: sessionToken.isEmpty ? nil : sessionToken, bucket: bucket, rootPath: rootPath,
            usePathStyle: try fields.integer(UInt8.self) == 1, maxConnections: try fields.integer(Int32.self),
            requestTimeoutMs: try fields.integer(Int32.self), connectTimeoutMs: try fields.integer(Int32.self))
    }

    private struct FieldReader {
        let bytes: UnsafeRawBufferPointer
        let record: String
        var offset: Int

        mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) throws(StoredFormatError) -> T {
            guard bytes.count - offset >= MemoryLayout<T>.size else {
                throw StoredFormatError(record, .notParsable("it ends at byte \(offset)"))
            }
            defer { offset += MemoryLayout<T>.size }
            return T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
        }

        mutating func string() throws(StoredFormatError) -> String {
            let count = Int(try integer(UInt32.self))
            guard bytes.count - offset >= count else {
                throw StoredFormatError(record, .notParsable("it ends inside a text at byte \(offset)"))
            }
            defer { offset += count }
            return String(decoding: bytes[offset..<(offset + count)], as: UTF8.self)
        }
    }
}
