import ClusterTestKit
import MetadataTestKit
import Platform
import TabletModel
import Testing

@testable import ClusterMembership
@testable import ClusterMetadata

@Suite struct JournalTests {
    private let opener = MemoryKeyValueStoreOpener()

    private func journal() throws -> KeyValueJournal { KeyValueJournal(try ReopeningStore(opener, path: "/journal")) }

    private func key(_ logID: Int64) -> [UInt8] {
        var key = Array("log/".utf8)
        key.appendBigEndian(logID)
        return key
    }

    private func readAll(_ journal: KeyValueJournal, from start: Int64 = 1) throws -> [JournalEntry] {
        var entries: [JournalEntry] = []
        try journal.read(from: start) { entries.append($1) }
        return entries
    }

    @Test(arguments: JournalContract.allCases)
    func keepsTheContract(check: JournalContract) throws {
        let store = try ReopeningStore(opener, path: "/journal")
        try check.check { KeyValueJournal(store) }
    }

    @Test func anyFlippedBitIsFoundAndNamesItsEntry() throws {
        let record = try EncodedEntry(.addBackend(Backend(id: 10_001, host: "be1", heartbeatPort: 9050)))
            .record(logID: 8)
        for place in record.indices {
            var broken = record
            broken[place] ^= 0x10
            let error = #expect(throws: JournalError.self) {
                try broken.withUnsafeBytes { _ = try JournalRecord.decode($0, logID: 8) }
            }
            #expect("\(try #require(error))".contains("entry 8"))
        }
    }

    @Test func aTornRecordIsFoundAndNamesItsEntry() throws {
        let record = try EncodedEntry(.saveNextID(end: 11_001)).record(logID: 4)
        for length in record.indices {
            let error = #expect(throws: JournalError.self) {
                try Array(record[..<length]).withUnsafeBytes { _ = try JournalRecord.decode($0, logID: 4) }
            }
            guard case .corrupt(4, _)? = error else {
                Issue.record("length \(length): \(String(describing: error))")
                return
            }
        }
    }

    @Test func aRecordUnderAnotherKeyIsCorrupt() throws {
        let store = try ReopeningStore(opener, path: "/journal")
        let journal = KeyValueJournal(store)
        _ = try journal.append([.setEpoch(1), .setEpoch(2)])
        var batch = WriteBatch()
        batch.put(key(2), try #require(try store.get(key(1))))
        try store.write(batch, sync: true)
        #expect(throws: JournalError.self) { try readAll(journal) }
    }

    @Test func anUnknownOperationStopsTheReplayAndIsNamed() throws {
        let store = try ReopeningStore(opener, path: "/journal")
        let journal = KeyValueJournal(store)
        _ = try journal.append([.setEpoch(1)])
        try put(operation: 31_000, format: 1, logID: 2, in: store)
        #expect(throws: JournalError.unknownOperation(logID: 2, code: 31_000)) { try readAll(journal) }
    }

    @Test func aNewerFormatStopsTheReplayAndIsNamed() throws {
        let store = try ReopeningStore(opener, path: "/journal")
        try put(operation: OperationCode.setEpoch.rawValue, format: 2, logID: 1, in: store)
        #expect(throws: JournalError.newerFormat(logID: 1, operation: .setEpoch, found: 2, supported: 1)) {
            try readAll(KeyValueJournal(store))
        }
    }

    /// A record as a build of another age would have written it.
    private func put(operation: Int16, format: UInt16, logID: Int64, in store: any KeyValueStore) throws {
        var record: [UInt8] = []
        record.appendBigEndian(operation)
        record.appendBigEndian(format)
        record.appendBigEndian(record.withUnsafeBytes { JournalRecord.checksum(logID, $0) })
        var batch = WriteBatch()
        batch.put(key(logID), record)
        try store.write(batch, sync: true)
    }

    @Test func aMissingEntryStopsTheReplay() throws {
        let store = try ReopeningStore(opener, path: "/journal")
        let journal = KeyValueJournal(store)
        _ = try journal.append([.setEpoch(1), .setEpoch(2), .setEpoch(3)])
        var batch = WriteBatch()
        batch.delete(key(2))
        try store.write(batch, sync: true)
        #expect(throws: JournalError.gap(expected: 2, found: 3)) { try readAll(journal) }
    }

    /// Head and payload of `dropBackend(10001)` in format version 1: a change here needs a new format version, and this
    /// record must stay readable.
    @Test func aRecordOfFormatOneIsStillRead() throws {
        let hex = "0033000108914e"
        var record = stride(from: 0, to: hex.count, by: 2).map { place in
            UInt8(hex.dropFirst(place).prefix(2), radix: 16)!
        }
        record.appendBigEndian(record.withUnsafeBytes { JournalRecord.checksum(7, $0) })
        #expect(try EncodedEntry(.dropBackend(10_001)).record(logID: 7) == record)
        #expect(try record.withUnsafeBytes { try JournalRecord.decode($0, logID: 7) } == .dropBackend(10_001))
    }
}
