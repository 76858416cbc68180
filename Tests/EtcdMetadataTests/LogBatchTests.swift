import Checksums
import ClusterMetadata
import EtcdClient
import Testing

@testable import EtcdMetadata

@Suite struct LogBatchTests {
    private let records = [[UInt8]](arrayLiteral: [1, 2, 3], [], [9])
    private var value: [UInt8] { LogBatch.encode(term: 7, first: 40, records: records[...]) }

    private func read(_ value: [UInt8], from start: Int64 = 0) throws -> [Int64: [UInt8]] {
        var found: [Int64: [UInt8]] = [:]
        _ = try LogBatch(value, first: 40, key: "k").records(from: start) { logID, record in
            found[logID] = Array(record)
            return true
        }
        return found
    }

    @Test func recordsComeBack() throws {
        #expect(try read(value) == [40: [1, 2, 3], 41: [], 42: [9]])
        #expect(try read(value, from: 42) == [42: [9]])
        #expect(try LogBatch(value, first: 40, key: "k").last == 42)
    }

    /// A batch of format 1: what changes here needs a new format number, and this one must stay readable.
    @Test func aBatchOfFormatOneIsStillRead() throws {
        let bytes: [UInt8] =
            [1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 40, 0, 0, 0, 3]
            + [0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 1, 9]
        var sealed = bytes
        sealed.appendBigEndian(crc32c(bytes))
        #expect(value == sealed)
    }

    @Test func anyFlippedBitAndAnyCutIsFound() throws {
        for place in value.indices where place != 0 {
            var broken = value
            broken[place] ^= 4
            #expect(throws: JournalError.self) { try read(broken) }
        }
        for length in value.indices {
            #expect(throws: JournalError.self) { try read(Array(value[..<length])) }
        }
        #expect(throws: JournalError.self) { try LogBatch(value, first: 41, key: "k") }
    }

    @Test func aNewerFormatIsNamed() {
        var newer = value
        newer[0] = 2
        #expect(throws: EtcdLogError.newerFormat(key: "k", found: 2, supported: 1)) { try read(newer) }
    }

    /// Sound as a batch, and yet its lengths say more than there is.
    @Test func lengthsBeyondTheEndAreFound() throws {
        var bytes = Array(value.dropLast(4))
        bytes[LogBatch.headBytes + 3] = 200
        bytes.appendBigEndian(crc32c(bytes))
        #expect(throws: JournalError.self) { try read(bytes) }
    }

    @Test func noTailIsEverTheSameAsAnother() {
        let tails = [(5, 1, 1), (5, 1, 2), (5, 2, 1), (6, 1, 1)].map { logID, term, serial in
            EtcdLogLayout.tail(Int64(logID), term: Int64(term), serial: UInt64(serial))
        }
        #expect(Set(tails).count == 4)
        #expect(tails.map { EtcdLogLayout.tail($0) } == [5, 5, 5, 6])
        // Of an older build.
        #expect(EtcdLogLayout.tail(Array("00000000000000ff".utf8)) == 255)
        for odd in ["", "5", "00000000000000ff ", "00000000000000fg", String(repeating: "0", count: 50)] {
            #expect(EtcdLogLayout.tail(Array(odd.utf8)) == nil, "\(odd)")
        }
    }

    @Test func keysAreInTheOrderOfLogIDs() throws {
        let layout = EtcdLogLayout(prefix: "/p")
        let ids: [Int64] = [0, 1, 9, 10, 255, 256, 1 << 40, .max]
        let keys = ids.map(layout.batch)
        #expect(keys == keys.sorted())
        #expect(keys.map(layout.first) == ids)
        #expect(layout.batches(from: 1).end.map { $0 > keys[7] && $0 < layout.tail && $0 < layout.truncated } == true)
        for odd in [layout.tail, layout.truncated, "/p/log/12", "/q/log/0000000000000001"] {
            #expect(layout.first(of: odd) == nil)
        }
    }
}
