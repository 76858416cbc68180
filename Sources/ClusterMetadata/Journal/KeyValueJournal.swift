public import Platform
internal import Synchronization

/// The edit log in a key-value store of its own: RocksDB in the daemon. An entry is `JournalRecord` under "log/" + log id
/// (i64, big-endian). "truncated" holds the log id up to which entries were forgotten (i64, big-endian), so that the
/// numbering goes on when none is left.
public final class KeyValueJournal: Journal {
    private let store: ReopeningStore
    /// The last id, once it was looked up; unknown again after a failed append.
    private let known = Mutex<Int64?>(nil)
    private let volume = Atomic<Int64>(0)
    static let prefix: [UInt8] = Array("log/".utf8)
    static let truncatedKey: [UInt8] = Array("truncated".utf8)

    public init(_ store: ReopeningStore) { self.store = store }

    public var failure: String? { store.failure?.description }

    public func reopen() throws {
        known.withLock { $0 = nil }
        _ = try store.reopen()
    }

    public func append(_ entries: [EncodedEntry]) throws -> Int64 {
        var logID = try lastLogIDForAppend()
        var batch = WriteBatch()
        var bytes: Int64 = 0
        for entry in entries {
            logID += 1
            let record = entry.record(logID: logID)
            bytes += Int64(record.count)
            batch.put(Self.key(logID), record)
        }
        known.withLock { $0 = nil }
        do {
            try store.write(batch, sync: true)
        } catch let error as KeyValueStoreError {
            switch error.outcome {
            case .refused: throw JournalAppendError.refused(reason: "\(error)")
            case .unknown: throw JournalAppendError.outcomeUnknown(reason: "\(error)")
            }
        }
        let last = logID
        known.withLock { $0 = last }
        volume.add(bytes, ordering: .relaxed)
        return logID
    }

    public func read(from start: Int64, _ body: (Int64, JournalEntry) throws -> Void) throws {
        var expected = start
        try store.scan(prefix: Self.prefix, from: Self.key(start)) { key, value in
            let logID = try Self.logID(key)
            guard logID == expected else {
                let truncated = try truncatedLogID
                throw truncated >= expected
                    ? JournalError.truncated(expected: expected, truncated: truncated)
                    : JournalError.gap(expected: expected, found: logID)
            }
            expected = logID + 1
            volume.add(Int64(value.count), ordering: .relaxed)
            try body(logID, try JournalRecord.decode(value, logID: logID))
            return true
        }
        let truncated = try truncatedLogID
        guard truncated < expected else { throw JournalError.truncated(expected: expected, truncated: truncated) }
    }

    public func records(from start: Int64, _ body: (JournalRow) throws -> Bool) throws {
        try store.scan(prefix: Self.prefix, from: Self.key(start)) { key, value in
            try body(JournalRow(logID: try Self.logID(key), record: value))
        }
    }

    public var volumeBytes: Int64 { volume.load(ordering: .relaxed) }

    public func truncate(upTo end: Int64) throws {
        guard end > (try truncatedLogID) else { return }
        var batch = WriteBatch()
        var mark: [UInt8] = []
        mark.appendBigEndian(end)
        batch.deleteRange(from: Self.key(1), to: Self.key(end + 1))
        batch.put(Self.truncatedKey, mark)
        try store.write(batch, sync: true)
        // Beyond the last entry nothing is left, and the numbering goes on behind the mark.
        known.withLock { if let last = $0, last < end { $0 = end } }
    }

    private func lastLogIDForAppend() throws(JournalAppendError) -> Int64 {
        do {
            return try lastLogID
        } catch {
            throw .refused(reason: "\(error)")
        }
    }

    public var lastLogID: Int64 {
        get throws {
            if let id = known.withLock({ $0 }) { return id }
            let found: Int64
            if let last = try store.last(prefix: Self.prefix) {
                found = try last.key.withUnsafeBytes { try Self.logID($0) }
            } else {
                found = try truncatedLogID
            }
            known.withLock { $0 = found }
            return found
        }
    }

    public var truncatedLogID: Int64 {
        get throws {
            guard let mark = try store.get(Self.truncatedKey) else { return 0 }
            guard mark.count == 8 else {
                throw JournalError.corrupt(logID: 0, reason: "the mark of the last truncation has \(mark.count) bytes")
            }
            return mark.withUnsafeBytes { $0.loadBigEndian(at: 0, as: Int64.self) }
        }
    }

    static func key(_ logID: Int64) -> [UInt8] {
        var key = prefix
        key.appendBigEndian(logID)
        return key
    }

    private static func logID(_ key: UnsafeRawBufferPointer) throws -> Int64 {
        guard key.count == prefix.count + 8 else {
            throw JournalError.corrupt(logID: 0, reason: "the edit log holds a key of \(key.count) bytes")
        }
        return key.loadBigEndian(at: prefix.count, as: Int64.self)
    }
}
