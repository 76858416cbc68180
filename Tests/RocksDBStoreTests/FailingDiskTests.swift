import CLibcStandIns
import Glibc
import LocalFileSystem
import Platform
import RocksDBStore
import ServerFixtures
import Testing

/// found A1, A9: RocksDB itself over a disk whose syncs fail. Its writer is never used again after that: it would abort the
/// process.
@Suite(.serialized) struct FailingDiskTests {
    private func batch(_ key: UInt8) -> WriteBatch {
        var batch = WriteBatch()
        batch.put([key], [UInt8](repeating: key, count: 100))
        return batch
    }

    @Test func aStoreWhoseLogFailedSaysThatItDoesNotKnowAndTakesNoMoreWrites() throws {
        let folder = try TemporaryFolder()
        let store = try RocksDBStoreOpener().open(folder.path + "/store")
        defer { store.close() }
        try store.write(batch(1), sync: true)
        stand_in_fail_syncs(folder.path, "", 1)
        defer { stand_in_fail_syncs("", "", 0) }
        let unknown = #expect(throws: KeyValueStoreError.self) { try store.write(batch(2), sync: true) }
        #expect(unknown?.outcome == .unknown)
        let refused = #expect(throws: KeyValueStoreError.self) { try store.write(batch(3), sync: true) }
        #expect(refused?.outcome == .refused)
        #expect(try store.get([1]) != nil)
    }

    /// found A9: RocksDB sees every five seconds whether there is room again, and would then go on with the log whose end
    /// nobody knows, which ends the process.
    @Test func aStoreOnAFullDiskIsNotTakenUpByRocksDBItself() throws {
        let folder = try TemporaryFolder()
        let opener = RocksDBStoreOpener()
        do {
            let store = try opener.open(folder.path + "/store")
            defer { store.close() }
            try store.write(batch(1), sync: true)
            stand_in_fail_syncs_as_full(folder.path, ".log", 1)
            defer { stand_in_fail_syncs("", "", 0) }
            let full = #expect(throws: KeyValueStoreError.self) { try store.write(batch(2), sync: true) }
            #expect(full?.code == .noSpace && full?.outcome == .unknown)
            // No event tells that it did nothing.
            sleep(7)
            #expect(throws: KeyValueStoreError.self) { try store.write(batch(3), sync: true) }
            #expect(try store.get([1]) != nil)
        }
        let store = try opener.open(folder.path + "/store")
        defer { store.close() }
        #expect(try store.get([1]) != nil)
        #expect(try store.get([3]) == nil)
    }

    /// The fault is for the log alone. RocksDB merges tables in a thread of its own: a sync of that one would take the
    /// fault, its error would be the next write's, and opening again would meet the fault of that round as well.
    @Test func aSyncThatFailsOnceIsSettledWhereItHappens() throws {
        let folder = try TemporaryFolder()
        let store = try ReopeningStore(RocksDBStoreOpener(), path: folder.path + "/store")
        defer { store.close() }
        for key in UInt8(0)..<20 {
            stand_in_fail_syncs(folder.path, ".log", 1)
            defer { stand_in_fail_syncs("", "", 0) }
            // Its bytes are in the file; opening again writes them into a table and syncs that.
            try store.write(batch(key), sync: true)
            #expect(stand_in_failing_syncs() == 0)
        }
        #expect(store.failure == nil)
        for key in UInt8(0)..<20 { #expect(try store.get([key]) != nil) }
    }

    @Test func aDiskThatSyncsNothingIsReadUntilItWorksAgain() throws {
        let folder = try TemporaryFolder()
        let store = try ReopeningStore(RocksDBStoreOpener(), path: folder.path + "/store")
        defer { store.close() }
        try store.write(batch(1), sync: true)
        stand_in_fail_syncs(folder.path, "", .max)
        defer { stand_in_fail_syncs("", "", 0) }
        let unknown = #expect(throws: KeyValueStoreError.self) { try store.write(batch(2), sync: true) }
        #expect(unknown?.outcome == .unknown)
        for _ in 0..<3 { #expect(throws: KeyValueStoreError.self) { try store.reopen() } }
        #expect(try store.get([1]) != nil)
        #expect(throws: KeyValueStoreError.self) { try store.write(batch(3), sync: true) }
        stand_in_fail_syncs("", "", 0)
        let settlement = try store.reopen()
        #expect(settlement.durable.count == 1 && settlement.absent.isEmpty)
        #expect(try store.get([2]) != nil)
        #expect(try store.get([3]) == nil)
        try store.write(batch(3), sync: true)
    }

    /// RocksDB's own file `LOG` would be written beside the store, and end the process when the disk is full.
    @Test func rocksDBWritesNoLogFileOfItsOwn() throws {
        let folder = try TemporaryFolder()
        let store = try RocksDBStoreOpener().open(folder.path + "/store")
        defer { store.close() }
        try store.write(batch(1), sync: true)
        let names = try LocalFileSystem().list(folder.path + "/store")
        #expect(names.contains("CURRENT") && !names.contains { $0.hasPrefix("LOG") })
    }
}
