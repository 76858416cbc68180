import Checksums
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct StorageRecordTests {
    static let s3 = S3Resource(
        endpoint: "http://s3:9000", region: "r", accessKey: "key", secretKey: "secret", sessionToken: "token",
        bucket: "cold", rootPath: "a/b", usePathStyle: false, maxConnections: 7, requestTimeoutMs: 8,
        connectTimeoutMs: 9)

    /// Format version 1 of `sp_`, byte by byte as builds before the change wrote it.
    static func fixedRecord(_ name: String, _ s3: S3Resource?, revision: UInt64 = 7) -> [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.appendLittleEndian(revision)
        bytes.appendLittleEndian(Int64.min)
        bytes.appendLittleEndian(Int64(10))
        bytes.append(s3 == nil ? 0 : 1)
        func append(_ text: String) {
            bytes.appendLittleEndian(UInt32(text.utf8.count))
            bytes += Array(text.utf8)
        }
        append(name)
        append("sum")
        if let s3 {
            for text in [
                s3.endpoint, s3.region, s3.accessKey, s3.secretKey, s3.sessionToken ?? "", s3.bucket, s3.rootPath,
            ] { append(text) }
            bytes.append(s3.usePathStyle ? 1 : 0)
            for number in [s3.maxConnections, s3.requestTimeoutMs, s3.connectTimeoutMs] {
                bytes.appendLittleEndian(number)
            }
        }
        bytes.appendLittleEndian(crc32c(bytes))
        return bytes
    }

    @Test("a resource record comes back; with any byte changed it is refused, and its error carries no secret")
    func resourceRecord() throws {
        let record = StorageResourceRecord(
            key: "10021", name: "s3", version: 3, s3: Self.s3, policyNames: ["p1"], formerNames: ["p0"], revision: 9)
        let bytes = try record.encoded()
        let decoded = try bytes.withUnsafeBytes { try StorageResourceRecord(decoding: $0, name: "10021") }
        #expect(decoded == record)
        expectRefusals(of: bytes) { _ = try StorageResourceRecord(decoding: $0, name: "10021") }
    }

    @Test("a policy record comes back; with any byte changed it is refused")
    func policyRecord() throws {
        let record = StoragePolicyRecord(
            name: "hot10", cooldownAt: UnixTime(seconds: 5), cooldownTTLSeconds: 10, checksum: "1", resource: "10021",
            revision: 4)
        let bytes = try record.encoded()
        #expect(try bytes.withUnsafeBytes { try StoragePolicyRecord(decoding: $0, name: "hot10") } == record)
        #expect(!bytes.withUnsafeBytes { FixedStoragePolicyRecord.isOne($0) })
        expectRefusals(of: bytes) { _ = try StoragePolicyRecord(decoding: $0, name: "hot10") }
    }

    @Test("the older policy record, which held the resource too, is read")
    func fixedRecord() throws {
        let bytes = Self.fixedRecord("hot10", Self.s3)
        try bytes.withUnsafeBytes { bytes in
            #expect(FixedStoragePolicyRecord.isOne(bytes))
            let (policy, s3) = try FixedStoragePolicyRecord.decode(bytes, name: "hot10")
            #expect(s3 == Self.s3)
            #expect(
                policy
                    == StoragePolicyRecord(name: "hot10", cooldownTTLSeconds: 10, checksum: "sum", revision: 7))
        }
        expectRefusals(of: bytes) { _ = try FixedStoragePolicyRecord.decode($0, name: "hot10") }
    }

    private func expectRefusals(of bytes: [UInt8], _ decode: (UnsafeRawBufferPointer) throws -> Void) {
        for index in bytes.indices {
            var broken = bytes
            broken[index] ^= 0x21
            #expect {
                try broken.withUnsafeBytes { try decode($0) }
            } throws: {
                $0 is StoredFormatError && !"\($0)".contains("secret")
            }
            #expect(throws: StoredFormatError.self) { try bytes[..<index].withUnsafeBytes { try decode($0) } }
        }
    }
}
