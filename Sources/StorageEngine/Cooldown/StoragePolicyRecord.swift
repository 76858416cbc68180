internal import Checksums
internal import StoredFormats
internal import TabletModel

/// A storage policy as a data dir's meta store keeps it (`sp_{name}`), so that cold rowsets can be read and cooling goes on
/// after a restart before the master has answered.
///
/// The record holds the secret key in clear: data dirs belong to the daemon's user alone, mode 0700.
/// Format version 1: version u8 · revision u64 · cooldown moment ms i64 (min = unset) · ttl s i64 (min = unset) · has
/// resource u8 · strings, each a u32 length and UTF-8: name, checksum; with a resource: endpoint, region, access key, secret
/// key, session token ("" = none), bucket, root path · then path style u8, connections i32, request ms i32, connect ms i32 ·
/// CRC32C u32 of all before. Little-endian.
enum StoragePolicyRecord {
    static let formatVersion: UInt8 = 1

    static func encode(_ entry: StoragePolicyEntry, revision: UInt64) -> [UInt8] {
        var bytes: [UInt8] = [formatVersion]
        bytes.appendLittleEndian(revision)
        bytes.appendLittleEndian(entry.cooldownAt?.milliseconds ?? .min)
        bytes.appendLittleEndian(entry.cooldownTTLSeconds ?? .min)
        bytes.append(entry.resource == nil ? 0 : 1)
        append(entry.name, to: &bytes)
        append(entry.checksum, to: &bytes)
        if let resource = entry.resource {
            for text in [
                resource.endpoint, resource.region, resource.accessKey, resource.secretKey,
                resource.sessionToken ?? "", resource.bucket, resource.rootPath,
            ] {
                append(text, to: &bytes)
            }
            bytes.append(resource.usePathStyle ? 1 : 0)
            bytes.appendLittleEndian(resource.maxConnections)
            bytes.appendLittleEndian(resource.requestTimeoutMs)
            bytes.appendLittleEndian(resource.connectTimeoutMs)
        }
        bytes.appendLittleEndian(crc32c(bytes))
        return bytes
    }

    /// - Parameter name: for errors, which never carry the content.
    static func decode(
        _ bytes: UnsafeRawBufferPointer, name: String
    ) throws(StoredFormatError) -> (entry: StoragePolicyEntry, revision: UInt64) {
        let record = "storage policy record \(name)"
        guard bytes.count > 4 else { throw StoredFormatError(record, .noChecksum) }
        let body = UnsafeRawBufferPointer(rebasing: bytes.dropLast(4))
        let stored: UInt32 = bytes.littleEndian(at: body.count)
        let computed = crc32c(body)
        guard stored == computed else {
            throw StoredFormatError(record, .checksumMismatch(stored: stored, computed: computed))
        }
        guard body[0] <= formatVersion else {
            throw StoredFormatError(record, .newerFormat(found: UInt32(body[0]), supported: UInt32(formatVersion)))
        }
        var fields = FieldReader(bytes: body, record: record)
        _ = try fields.integer(UInt8.self)
        let revision = try fields.integer(UInt64.self)
        let moment = try fields.integer(Int64.self)
        let ttl = try fields.integer(Int64.self)
        let hasResource = try fields.integer(UInt8.self) == 1
        var entry = StoragePolicyEntry(name: try fields.string())
        entry.checksum = try fields.string()
        entry.cooldownAt = moment == .min ? nil : UnixTime(milliseconds: moment)
        entry.cooldownTTLSeconds = ttl == .min ? nil : ttl
        if hasResource { entry.resource = try resource(&fields) }
        return (entry, revision)
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

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.appendLittleEndian(UInt32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    private struct FieldReader {
        let bytes: UnsafeRawBufferPointer
        let record: String
        var offset = 0

        init(bytes: UnsafeRawBufferPointer, record: String) {
            self.bytes = bytes
            self.record = record
        }

        mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) throws(StoredFormatError) -> T {
            guard bytes.count - offset >= MemoryLayout<T>.size else {
                throw StoredFormatError(record, .notParsable("it ends at byte \(offset)"))
            }
            defer { offset += MemoryLayout<T>.size }
            return bytes.littleEndian(at: offset)
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
