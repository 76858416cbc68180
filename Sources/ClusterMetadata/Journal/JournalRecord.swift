internal import Checksums

/// One record of the edit log: op code (i16), format version (u16), payload (protobuf), CRC32C (u32); numbers big-endian.
/// The checksum covers the log id too, so that a record under another's key is found out.
package enum JournalRecord {
    static let formatVersion: UInt16 = 1
    private static let headBytes = 4
    private static let checksumBytes = 4

    /// A record without its checksum, which its log id is part of.
    static func head(_ entry: JournalEntry) throws(MetadataError) -> [UInt8] {
        let operation = entry.operation
        let payload: [UInt8]
        do {
            payload = try entry.encodedPayload()
        } catch {
            throw .notEncodable(operation: operation, reason: "\(error)")
        }
        var record: [UInt8] = []
        record.reserveCapacity(headBytes + payload.count + checksumBytes)
        record.appendBigEndian(operation.rawValue)
        record.appendBigEndian(formatVersion)
        record += payload
        return record
    }

    package static func decode(_ record: UnsafeRawBufferPointer, logID: Int64) throws(JournalError) -> JournalEntry {
        guard record.count >= headBytes + checksumBytes else {
            throw .corrupt(logID: logID, reason: "it has \(record.count) bytes, which is less than a record's frame")
        }
        let end = record.count - checksumBytes
        let stored = record.loadBigEndian(at: end, as: UInt32.self)
        let computed = checksum(logID, UnsafeRawBufferPointer(rebasing: record[..<end]))
        guard stored == computed else {
            throw .corrupt(
                logID: logID,
                reason: """
                    stored checksum \(String(stored, radix: 16)), computed \(String(computed, radix: 16)); it says that it \
                    is \(operationSaid(record))
                    """)
        }
        let code = record.loadBigEndian(at: 0, as: Int16.self)
        guard let operation = OperationCode(rawValue: code) else { throw .unknownOperation(logID: logID, code: code) }
        let version = record.loadBigEndian(at: 2, as: UInt16.self)
        guard version <= formatVersion else {
            throw .newerFormat(logID: logID, operation: operation, found: version, supported: formatVersion)
        }
        do {
            return try JournalEntry(operation, payload: UnsafeRawBufferPointer(rebasing: record[headBytes..<end]))
        } catch {
            throw .corrupt(logID: logID, reason: "\(operation) can't be parsed: \(error)")
        }
    }

    /// Of a record whose checksum may not fit.
    static func code(_ record: UnsafeRawBufferPointer) -> Int16? {
        record.count >= headBytes ? record.loadBigEndian(at: 0, as: Int16.self) : nil
    }

    private static func operationSaid(_ record: UnsafeRawBufferPointer) -> String {
        guard let code = code(record) else { return "nothing" }
        return OperationCode(rawValue: code)?.description ?? "op \(code), which is unknown"
    }

    static func checksum(_ logID: Int64, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var crc = CRC32C()
        withUnsafeBytes(of: logID.bigEndian) { crc.update($0) }
        crc.update(bytes)
        return crc.value
    }
}

/// An entry that can be written: encoded before others are validated against it, so that one that can't be is nobody else's
/// trouble.
public struct EncodedEntry: Sendable {
    public let entry: JournalEntry
    private let head: [UInt8]

    /// - Throws: `.notEncodable`.
    public init(_ entry: JournalEntry) throws(MetadataError) {
        self.entry = entry
        head = try JournalRecord.head(entry)
    }

    /// About what it takes in the journal.
    var bytes: Int { head.count }

    package func record(logID: Int64) -> [UInt8] {
        var record = head
        record.appendBigEndian(head.withUnsafeBytes { JournalRecord.checksum(logID, $0) })
        return record
    }
}

extension [UInt8] {
    package mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}

extension UnsafeRawBufferPointer {
    package func loadBigEndian<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: T.Type) -> T {
        T(bigEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }
}
