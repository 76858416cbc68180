import ClusterTestKit
import Glibc
import LocalFileSystem
import Platform
import RocksDBStore
import ServerFixtures
import Testing

/// The end of the log as a crash leaves it is cut and told; any other end that is no record stops the opening.
struct TornLogTests {
    /// What a crash may leave of the third write, or behind it.
    enum Tear: CaseIterable {
        case shorter, onlyPartOfItsHeader, atTheEndOfABlock
        case lastSectorsNeverWritten, firstSectorNeverWritten, sectorInTheMiddleNeverWritten
        case lastSectorsNeverWrittenBeforeZeros, someBytesBehind

        /// The third write is whole, and something follows it.
        var isBehind: Bool { self == .someBytesBehind }

        func apply(to log: inout [UInt8], third: Int) {
            let end = log.count
            switch self {
            case .shorter: log.removeLast(3)
            case .onlyPartOfItsHeader: log.removeSubrange((third + 5)...)
            case .atTheEndOfABlock: log.removeSubrange((128 << 10)...)
            case .lastSectorsNeverWritten: log.zero((end - 5000)..<end)
            case .firstSectorNeverWritten: log.zero(third..<(third / 512 + 1) * 512)
            case .sectorInTheMiddleNeverWritten: log.zero((140 << 10)..<(140 << 10) + 512)
            case .lastSectorsNeverWrittenBeforeZeros:
                log.zero((end - 5000)..<end)
                log += [UInt8](repeating: 0, count: 100_000)
            case .someBytesBehind: log += [7, 7, 7, 7, 7]
            }
        }
    }

    @Test(arguments: Tear.allCases)
    func aTornEndIsCutAndTold(_ tear: Tear) throws {
        let store = try WrittenStore()
        let file = try store.file
        var log = try store.log()
        tear.apply(to: &log, third: store.ends[1])
        try store.put(log)
        let offset = store.ends[tear.isBehind ? 2 : 1]
        let events = EventLog()
        do {
            let opened = try RocksDBStoreOpener(logger: events.logger("store")).open(store.path)
            defer { opened.close() }
            #expect(try opened.get([1]) == WrittenStore.value(1) && opened.get([2]) == WrittenStore.value(2))
            #expect(try opened.get([3]) == (tear.isBehind ? WrittenStore.value(3) : nil))
        }
        let lines = events.lines(containing: "was cut there")
        #expect(lines.count == 1)
        #expect(lines.first?.contains("file=\(file) ") == true)
        #expect(lines.first?.hasSuffix("offset=\(offset)") == true)
        #expect(lines.first?.contains("bytes=\(log.count - offset) ") == true)
        // It was told once.
        try RocksDBStoreOpener(logger: events.logger("store")).open(store.path).close()
        #expect(events.lines.count == 1)
    }

    /// Logs are prepared with zeros: a crash leaves these behind the last record, on whatever place of a block.
    @Test(arguments: [0, 1, 6, 7, 4096, 100_000, 1 << 20])
    func aWholeLogIsLeftAsItIsAndNothingIsTold(zerosBehind: Int) throws {
        let store = try WrittenStore()
        try store.put(store.log() + [UInt8](repeating: 0, count: zerosBehind))
        let events = EventLog()
        let opened = try RocksDBStoreOpener(logger: events.logger("store")).open(store.path)
        defer { opened.close() }
        #expect(try opened.get([3]) == WrittenStore.value(3))
        #expect(events.lines.isEmpty)
    }

    /// What can be no torn write.
    enum Damage: CaseIterable {
        /// RocksDB takes the log's end for torn then, and drops all behind without a word.
        case lengthOfTheSecond
        case bytesOfTheSecond
        /// All its sectors are there.
        case bytesOfTheThird

        func apply(to log: inout [UInt8], ends: [Int]) {
            switch self {
            case .lengthOfTheSecond: log[ends[0] + 5] ^= 0x7F
            case .bytesOfTheSecond: log[ends[0] + 50] ^= 1
            case .bytesOfTheThird: log[ends[2] - 1] ^= 1
            }
        }
    }

    @Test(arguments: Damage.allCases)
    func aDamagedLogStopsTheOpening(_ damage: Damage) throws {
        // Small, so that all of it is in the last block, in which RocksDB forgives lengths.
        let store = try WrittenStore(valueBytes: 300)
        var log = try store.log()
        damage.apply(to: &log, ends: store.ends)
        try store.put(log)
        let offset = store.ends[damage == .bytesOfTheThird ? 1 : 0]
        let file = try store.file
        for isReader in [false, true] {
            let error = #expect(throws: KeyValueStoreError.self) {
                let opener = RocksDBStoreOpener()
                try (isReader ? opener.openForReading(store.path) : opener.open(store.path)).close()
            }
            #expect(error?.code == .corruption)
            #expect(error?.message.contains("\(file) is damaged behind byte \(offset)") == true)
        }
        #expect(try store.log() == log)
    }

    @Test func theLogOfAStoreThatIsOpenIsNotCut() throws {
        let store = try WrittenStore()
        let opened = try RocksDBStoreOpener().open(store.path)
        defer { opened.close() }
        var batch = WriteBatch()
        batch.put([4], WrittenStore.value(4))
        try opened.write(batch, sync: true)
        // As if it were in the middle of a write.
        let log = try store.log() + [1, 2, 3]
        try store.put(log)
        let error = #expect(throws: KeyValueStoreError.self) { try RocksDBStoreOpener().open(store.path).close() }
        #expect(error?.code == .locked)
        #expect(try store.log() == log)
    }
}

/// A store that was closed after three synced writes.
private struct WrittenStore {
    let folder: TemporaryFolder
    /// Where each write ended in the log.
    let ends: [Int]
    var path: String { folder.path + "/store" }

    /// Bytes that are never zero; as many as they are by default they take more than a block of the log.
    static func value(_ number: UInt8, bytes: Int = 50_000) -> [UInt8] {
        (0..<bytes).map { UInt8($0 % 251) &+ 1 &+ number % 2 }
    }

    init(valueBytes: Int = 50_000) throws {
        folder = try TemporaryFolder()
        let path = folder.path + "/store"
        let store = try RocksDBStoreOpener().open(path)
        defer { store.close() }
        var ends: [Int] = []
        for number in UInt8(1)...3 {
            var batch = WriteBatch()
            batch.put([number], Self.value(number, bytes: valueBytes))
            try store.write(batch, sync: true)
            ends.append(recordsEnd(of: try Self.log(in: path).bytes))
        }
        self.ends = ends
    }

    var file: String { get throws { try Self.log(in: path).file } }
    func log() throws -> [UInt8] { try Self.log(in: path).bytes }

    func put(_ log: [UInt8]) throws {
        let descriptor = open(try file, O_WRONLY | O_TRUNC)
        defer { close(descriptor) }
        #expect(log.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == log.count)
    }

    private static func log(in path: String) throws -> (file: String, bytes: [UInt8]) {
        let files = LocalFileSystem()
        let name = try #require(try files.list(path).filter { $0.hasSuffix(".log") }.max())
        return (path + "/" + name, try files.readAll(path + "/" + name))
    }
}

extension [UInt8] {
    fileprivate mutating func zero(_ range: Range<Int>) {
        for place in range { self[place] = 0 }
    }
}
