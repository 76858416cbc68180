import Glibc
import LocalFileSystem
import Platform
import PlatformContracts
import RocksDBStore
import ServerFixtures
import Synchronization
import Testing

struct RocksDBStoreTests {
    @Test(arguments: KeyValueStoreContract.allCases)
    func keepsTheContract(_ contract: KeyValueStoreContract) throws {
        let folder = try TemporaryFolder()
        try contract.check(RocksDBStoreOpener(), path: folder.path + "/store")
    }

    @Test func openerSharesItselfAmongManyStores() throws {
        let folder = try TemporaryFolder()
        let opener = RocksDBStoreOpener(cacheBytes: 1 << 20, memtableBytes: 1 << 20)
        let stores = try (0..<8).map { try opener.open(folder.path + "/store\($0)") }
        for (number, store) in stores.enumerated() {
            var batch = WriteBatch()
            for key in UInt8(0)..<100 { batch.put([key], [UInt8(number)]) }
            try store.write(batch, sync: true)
        }
        for (number, store) in stores.enumerated() { #expect(try store.get([50]) == [UInt8(number)]) }
    }

    /// Entries are fetched many at a time: each comes once, whole and in order, however large, and a scan may end anywhere.
    @Test func longScansMeetEveryEntryOnce() throws {
        let folder = try TemporaryFolder()
        let store = try RocksDBStoreOpener(cacheBytes: 1 << 20, memtableBytes: 1 << 20).open(folder.path + "/store")
        defer { store.close() }
        func key(_ prefix: UInt8, _ number: Int) -> [UInt8] { [prefix, UInt8(number >> 8), UInt8(number & 0xFF)] }
        func value(_ number: Int) -> [UInt8] {
            let sizes = [0, 1, 200, 4000, 4096, 5000, 131_072, 400_000]
            return [UInt8](
                repeating: UInt8(number & 0xFF), count: number % 500 == 7 ? sizes[number / 500 % 8] : number % 300)
        }
        for start in stride(from: 0, to: 5000, by: 500) {
            var batch = WriteBatch()
            for number in start..<(start + 500) {
                batch.put(key(5, number), value(number))
                batch.put(key(6, number), [1])
            }
            try store.write(batch, sync: false)
        }
        var next = 0
        try store.scan(prefix: [5], from: nil) { found, bytes in
            #expect(found.elementsEqual(key(5, next)) && bytes.elementsEqual(value(next)))
            next += 1
            return true
        }
        #expect(next == 5000)
        for end in [1, 2, 30, 400, 4999] {
            var count = 0
            try store.scan(prefix: [5], from: key(5, 5000 - end)) { found, _ in
                #expect(found.elementsEqual(key(5, 5000 - end + count)))
                count += 1
                return count < end / 2
            }
            #expect(count == max(1, end / 2))
        }
        // A scan inside a scan, and no entry at all.
        var inner = 0
        try store.scan(prefix: [6], from: nil) { found, _ in
            try store.scan(prefix: Array(found), from: nil) { _, _ in
                inner += 1
                return true
            }
            return inner < 300
        }
        #expect(inner == 300)
        try store.scan(prefix: [7], from: nil) { _, _ in
            Issue.record("there is no such entry")
            return false
        }
    }

    @Test func missingParentIsAnError() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: KeyValueStoreError.self) {
            _ = try RocksDBStoreOpener().open(folder.path + "/no/store")
        }
        #expect(error?.path == folder.path + "/no/store")
        #expect(error?.code == .io)
    }

    @Test func badBytesInATableAreCorruption() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/store"
        try fill(path, memtableBytes: 64 << 10)
        try damage(files(in: path, suffix: ".sst"), at: 100)
        let error = #expect(throws: KeyValueStoreError.self) {
            let store = try RocksDBStoreOpener().open(path)
            defer { store.close() }
            try store.scan(prefix: [], from: nil) { _, _ in true }
        }
        #expect(error?.code == .corruption)
    }

    @Test func aDamagedLogBeforeItsEndIsNotSilentlyCut() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/store"
        try fill(path, memtableBytes: 8 << 20)
        try damage(files(in: path, suffix: ".log"), at: 5000)
        let error = #expect(throws: KeyValueStoreError.self) { try RocksDBStoreOpener().open(path).close() }
        #expect(error?.code == .corruption)
    }

    @Test func aTornEndOfTheLogLosesTheLastBatchOnly() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/store"
        try fill(path, memtableBytes: 8 << 20)
        let log = try #require(try files(in: path, suffix: ".log").first)
        var found = stat()
        #expect(stat(log, &found) == 0)
        #expect(truncate(log, found.st_size - 3) == 0)
        let store = try RocksDBStoreOpener().open(path)
        defer { store.close() }
        #expect(try store.get(key(998)) != nil)
        #expect(try store.get(key(999)) == nil)
    }

    /// As a crash leaves the log: the last batch is there whole or not at all, wherever it was cut.
    @Test func aLogThatIsCutAtAnyByteOfItsLastBatchHoldsAllBeforeIt() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/store"
        var ends: [Int] = []
        do {
            let store = try RocksDBStoreOpener().open(path)
            defer { store.close() }
            for number in UInt8(1)...3 {
                var batch = WriteBatch()
                batch.put([number, 0], [UInt8](repeating: number, count: 40))
                batch.put([number, 1], [number])
                try store.write(batch, sync: true)
                let log = try #require(try files(in: path, suffix: ".log").first)
                ends.append(recordsEnd(of: try LocalFileSystem().readAll(log)))
            }
        }
        let whole = try LocalFileSystem().readAll(try #require(try files(in: path, suffix: ".log").first))
        try #require(ends[1] < ends[2] && ends[2] == whole.count)
        for length in ends[1]...whole.count {
            let log = try #require(try files(in: path, suffix: ".log").first)
            #expect(truncate(log, off_t(length)) == 0)
            // For reading: the folder stays as it is.
            let store = try RocksDBStoreOpener().openForReading(path)
            let isWhole = length == whole.count
            #expect(try store.get([2, 1]) == [2], "\(length) bytes")
            #expect(try store.get([3, 0]) == (isWhole ? [UInt8](repeating: 3, count: 40) : nil), "\(length) bytes")
            #expect(try store.get([3, 1]) == (isWhole ? [3] : nil), "\(length) bytes")
            store.close()
            let descriptor = open(log, O_WRONLY | O_TRUNC)
            #expect(whole.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == whole.count)
            close(descriptor)
        }
    }

    @Test func manyThreadsWriteReadAndScanWhileOneCloses() async throws {
        let folder = try TemporaryFolder()
        let store = try RocksDBStoreOpener().open(folder.path + "/store")
        let closedCount = await withTaskGroup(of: Int.self) { group in
            for worker in UInt8(0)..<4 {
                group.addTask {
                    for round in 0..<2000 {
                        do {
                            var batch = WriteBatch()
                            batch.put([worker] + key(round), [worker])
                            try store.write(batch, sync: false)
                            _ = try store.get([worker] + key(round))
                            try store.scan(prefix: [worker], from: nil) { _, _ in false }
                        } catch {
                            return (error as? KeyValueStoreError)?.code == .closed ? 1 : 100
                        }
                    }
                    return 1
                }
            }
            group.addTask {
                while (try? store.get([0] + key(50))) == .some(nil) {}
                store.close()
                return 1
            }
            return await group.reduce(0, +)
        }
        #expect(closedCount == 5)
    }
}

private func key(_ number: Int) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 0xFF)] }

/// 1,000 synced batches of about 150 incompressible bytes.
private func fill(_ path: String, memtableBytes: Int) throws {
    let store = try RocksDBStoreOpener(memtableBytes: memtableBytes).open(path)
    defer { store.close() }
    var state: UInt64 = 42
    for number in 0..<1000 {
        var batch = WriteBatch()
        batch.put(
            key(number),
            (0..<150).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(state >> 56)
            })
        try store.write(batch, sync: number % 100 == 99)
    }
}

private func files(in folder: String, suffix: String) throws -> [String] {
    try LocalFileSystem().list(folder).filter { $0.hasSuffix(suffix) }.map { folder + "/" + $0 }
}

private func damage(_ paths: [String], at offset: Int) throws {
    try #require(!paths.isEmpty)
    for path in paths {
        let file = open(path, O_RDWR)
        try #require(file >= 0)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 8)
        #expect(pread(file, &bytes, 8, off_t(offset)) == 8)
        for index in bytes.indices { bytes[index] ^= 0x5A }
        #expect(pwrite(file, bytes, 8, off_t(offset)) == 8)
    }
}
