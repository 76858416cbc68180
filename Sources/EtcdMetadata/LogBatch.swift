internal import Checksums
internal import ClusterMetadata

/// Entries of the edit log that follow each other: the value of one key in etcd. Numbers big-endian:
///
///     format u8 (1) · term i64 · first log id i64 · count u32 · count × (length u32 · record) · CRC32C u32 of all before
///
/// A record is that of the edit log everywhere (`JournalRecord`), with its own checksum. The term is the creation revision of
/// the master's leader key: two masters never write the same bytes, so who finds his own batch knows that it is his.
struct LogBatch {
    static let format: UInt8 = 1
    static let maximumCount = 1000
    static let headBytes = 1 + 8 + 8 + 4
    private static let checksumBytes = 4

    let first: Int64
    let count: Int
    private let value: [UInt8]

    var last: Int64 { first + Int64(count) - 1 }

    // MARK: Writing

    static func encode(term: Int64, first: Int64, records: ArraySlice<[UInt8]>) -> [UInt8] {
        var value: [UInt8] = []
        value.reserveCapacity(records.reduce(headBytes + checksumBytes) { $0 + $1.count + 4 })
        value.append(format)
        value.appendBigEndian(term)
        value.appendBigEndian(first)
        value.appendBigEndian(UInt32(records.count))
        for record in records {
            value.appendBigEndian(UInt32(record.count))
            value += record
        }
        value.appendBigEndian(crc32c(value))
        return value
    }

    // MARK: Reading

    /// - Parameter first: what its key says.
    /// - Throws: `JournalError.corrupt` with that log id, or `EtcdLogError.newerFormat`.
    init(_ value: [UInt8], first: Int64, key: String) throws {
        func corrupt(_ reason: String) -> JournalError {
            .corrupt(logID: first, reason: "its batch \(key) in etcd \(reason)")
        }
        guard let found = value.first else { throw corrupt("is empty") }
        guard found == Self.format else {
            throw EtcdLogError.newerFormat(key: key, found: found, supported: Self.format)
        }
        guard value.count >= Self.headBytes + Self.checksumBytes else { throw corrupt("has \(value.count) bytes") }
        let (said, count) = try value.withUnsafeBytes { bytes in
            let end = bytes.count - Self.checksumBytes
            let stored = bytes.loadBigEndian(at: end, as: UInt32.self)
            let computed = crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
            guard stored == computed else {
                throw corrupt(
                    "has the checksum \(String(stored, radix: 16)), computed \(String(computed, radix: 16))")
            }
            return (bytes.loadBigEndian(at: 9, as: Int64.self), bytes.loadBigEndian(at: 17, as: UInt32.self))
        }
        guard said == first else { throw corrupt("says that it begins with entry \(said)") }
        guard (1...Self.maximumCount).contains(Int(count)) else { throw corrupt("says that it has \(count) entries") }
        self.first = first
        self.count = Int(count)
        self.value = value
    }

    /// Hands out the records from a log id on until `body` returns false; then this returns false.
    func records(
        from start: Int64 = 0, _ body: (_ logID: Int64, _ record: UnsafeRawBufferPointer) throws -> Bool
    ) throws -> Bool {
        try value.withUnsafeBytes { bytes in
            let end = bytes.count - Self.checksumBytes
            var place = Self.headBytes
            for logID in first..<first + Int64(count) {
                guard place + 4 <= end else { throw tooShort(logID) }
                let length = Int(bytes.loadBigEndian(at: place, as: UInt32.self))
                place += 4
                guard length <= end - place else { throw tooShort(logID) }
                defer { place += length }
                guard logID >= start else { continue }
                let record = UnsafeRawBufferPointer(rebasing: bytes[place..<place + length])
                guard try body(logID, record) else { return false }
            }
            return true
        }
    }

    private func tooShort(_ logID: Int64) -> JournalError {
        .corrupt(logID: logID, reason: "its batch in etcd, of entry \(first), ends before it")
    }
}
