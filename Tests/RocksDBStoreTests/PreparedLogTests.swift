import ClusterTestKit
import LocalFileSystem
import Platform
import RocksDBStore
import ServerFixtures
import Testing

/// Of a log whose last record ends with no zero: behind it are those that were written ahead.
func recordsEnd(of log: [UInt8]) -> Int { log.count - log.reversed().prefix { $0 == 0 }.count }

/// What a log is written into is zeros on the disk already, so that a sync changes nothing but bytes.
struct PreparedLogTests {
    private let folder: TemporaryFolder
    private let files = LocalFileSystem()
    private var path: String { folder.path + "/store" }

    init() throws { folder = try TemporaryFolder() }

    private func log(in store: String) throws -> (path: String, bytes: [UInt8]) {
        let name = try #require(try files.list(store).filter { $0.hasSuffix(".log") }.max())
        return (store + "/" + name, try files.readAll(store + "/" + name))
    }

    private func write(_ number: UInt8, bytes: Int, to store: any KeyValueStore) throws {
        var batch = WriteBatch()
        batch.put([number], [UInt8](repeating: number, count: bytes))
        try store.write(batch, sync: true)
    }

    @Test func aSmallWriteDoesNotChangeTheSizeOfTheLog() throws {
        let store = try RocksDBStoreOpener().open(path)
        try write(1, bytes: 100, to: store)
        let size = try log(in: path).bytes.count
        #expect(size > 256 << 10)
        for number in UInt8(2)...50 { try write(number, bytes: 100, to: store) }
        #expect(try log(in: path).bytes.count == size)
        // More than was prepared.
        try write(51, bytes: 3 << 20, to: store)
        #expect(try log(in: path).bytes.count > (3 << 20) + (256 << 10))
        store.close()
        // None is left behind the last record.
        #expect(try log(in: path).bytes.last == 51)
    }

    /// A copy of the folder while the store is open is what a crash leaves.
    @Test func aCrashLosesNothingAndIsNotTakenForATornWrite() throws {
        let store = try RocksDBStoreOpener().open(path)
        defer { store.close() }
        let copy = folder.path + "/copy"
        for round in UInt8(1)...3 {
            try write(round, bytes: 40_000, to: store)
            if try files.exists(copy) { try files.removeTree(copy) }
            try files.createDirectory(copy)
            for name in try files.list(path) where name != "LOCK" {
                let file = try files.create(copy + "/" + name)
                try files.readAll(path + "/" + name).withUnsafeBytes { try file.append($0) }
                try file.close()
            }
            let events = EventLog()
            let again = try RocksDBStoreOpener(logger: events.logger("store")).open(copy)
            defer { again.close() }
            for number in 1...round {
                #expect(try again.get([number]) == [UInt8](repeating: number, count: 40_000))
            }
            #expect(events.lines.isEmpty)
        }
    }
}
