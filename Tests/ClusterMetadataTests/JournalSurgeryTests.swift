import ClusterTestKit
import HTTPAPI
import MetadataTestKit
import Platform
import TabletModel
import Testing

@testable import ClusterMetadata

@Suite struct JournalSurgeryTests {
    private func surgery(_ folder: WellFolder, files: (any FileSystem)? = nil) throws -> JournalSurgery {
        try JournalSurgery(
            "/meta", files: files ?? folder.files, stores: folder.stores, now: UnixTime(milliseconds: 1234))
    }

    /// The memory store has no files; these stand for RocksDB's.
    private func putJournalFiles(_ folder: WellFolder) throws {
        try folder.files.createDirectory("/meta/journal/sub")
        try folder.files.replaceFile("/meta/journal/000007.log", with: [UInt8](repeating: 7, count: 3 << 20))
        try folder.files.replaceFile("/meta/journal/sub/x", with: [1, 2])
        try folder.files.replaceFile("/meta/journal/LOCK", with: [])
    }

    @Test func aStartThatMeetsACorruptRecordNamesItAndTheWayOut() throws {
        let folder = try WellFolder()
        try folder.flip(entry: 15, byte: 6)
        let error = #expect(throws: JournalError.self) { try folder.machine.open() }
        let text = "\(try #require(error))"
        #expect(text.contains("entry 15") && text.contains("op 129 (push cooldown conf)"))
        #expect(text.contains("tabletctl meta skip 15") && text.contains("truncate-after 14"))
    }

    @Test func skippingACorruptEntryMakesTheJournalReplayable() throws {
        let folder = try WellFolder()
        try putJournalFiles(folder)
        try folder.flip(entry: 15, byte: 6)
        let outcome = try surgery(folder).skip(15)
        #expect(outcome.lost == 15...15 && outcome.movedImages.isEmpty)
        let store = try folder.machine.open()
        var rest = WellMetadata.entries
        rest[14] = .skipped
        #expect(try store.snapshot().durableBytes() == ClusterState.replaying(rest).durableBytes())
        #expect(store.lastLogID == 17)
        folder.machine.crash()
        #expect(try MetadataVerification.run(folder.open()).isWell)
        // What a crash leaves of the copy is all of it.
        #expect(outcome.copies == "/meta/aside.1234")
        #expect(try folder.files.readAll("/meta/aside.1234/journal/000007.log").count == 3 << 20)
        #expect(try folder.files.readAll("/meta/aside.1234/journal/sub/x") == [1, 2])
        #expect(try !folder.files.exists("/meta/aside.1234/journal/LOCK"))
    }

    @Test func skippingAMissingEntryFillsItsPlace() throws {
        let folder = try WellFolder()
        try folder.edit { batch, _ in batch.delete(KeyValueJournal.key(15)) }
        #expect(throws: JournalError.self) { try folder.machine.open() }
        folder.machine.crash()
        _ = try surgery(folder).skip(15)
        #expect(try folder.machine.open().lastLogID == 17)
    }

    @Test func whatCanBeReadIsNotGivenUpByMistake() throws {
        let folder = try WellFolder()
        let error = #expect(throws: JournalSurgery.Refusal.self) { try surgery(folder).skip(15) }
        #expect("\(try #require(error))".contains("tablet 10020 is cooled by replica 10200"))
        #expect(throws: JournalSurgery.Refusal.outside(logID: 9, first: 10, last: 17)) { try surgery(folder).skip(9) }
        #expect(throws: JournalSurgery.Refusal.outside(logID: 18, first: 10, last: 17)) { try surgery(folder).skip(18) }
        #expect(try !folder.files.exists("/meta/aside.1234"))
        _ = try surgery(folder).skip(15, evenIfWhole: true)
        #expect(try folder.open().replayed().tablets.tablet(10_020)?.cooldownTerm == -1)
    }

    @Test func anEntryOfANewerBuildIsNotSkipped() throws {
        let folder = try WellFolder()
        try folder.edit { batch, _ in
            var record: [UInt8] = []
            record.appendBigEndian(Int16(31_000))
            record.appendBigEndian(UInt16(1))
            record.appendBigEndian(record.withUnsafeBytes { JournalRecord.checksum(16, $0) })
            batch.put(KeyValueJournal.key(16), record)
        }
        let error = #expect(throws: JournalSurgery.Refusal.self) { try surgery(folder).skip(16) }
        #expect("\(try #require(error))".contains("newer build"))
    }

    @Test func truncatingGivesTheStateOfThatMoment() throws {
        for logID in Int64(9)...17 {
            let folder = try WellFolder()
            let outcome = try surgery(folder).truncate(after: logID)
            #expect(outcome.lost == (logID < 17 ? (logID + 1)...17 : nil))
            #expect(outcome.movedImages == (logID < 13 ? ["image.13"] : []))
            #expect(try MetadataVerification.run(folder.open()).problems == [], "after \(logID)")
            let store = try folder.machine.open()
            let expected = ClusterState.replaying(WellMetadata.entries.prefix(Int(logID)))
            #expect(try store.snapshot().durableBytes() == expected.durableBytes(), "after \(logID)")
            // Ids go on there.
            try store.commit([.setEpoch(7)])
            #expect(store.lastLogID == logID + 1)
        }
    }

    @Test func truncatingBeforeTheOldestImageIsRefused() throws {
        let folder = try WellFolder()
        #expect(throws: JournalSurgery.Refusal.self) { try surgery(folder).truncate(after: 8) }
        #expect(throws: JournalSurgery.Refusal.self) { try surgery(folder).truncate(after: 18) }
        try folder.files.remove("/meta/image/image.9")
        #expect(throws: JournalSurgery.Refusal.needed(logID: 10, oldestImage: 13)) {
            try surgery(folder).truncate(after: 10)
        }
        #expect(try folder.open().info().images.map(\.logID) == [13])
    }

    @Test func aFolderThatAnFEHoldsIsNotTouched() throws {
        let folder = try WellFolder()
        let lock = try MetadataLock.take("/meta", folder.files)
        #expect(throws: FileSystemError.self) { try folder.open() }
        let error = #expect(throws: FileSystemError.self) { try surgery(folder) }
        #expect(try #require(error).code == .locked && #require(error).path.hasPrefix("/meta/"))
        withExtendedLifetime(lock) {}
    }

    /// Whatever operation of the copy or of the change fails or the machine goes down at: the journal is as it was or as it
    /// should be, and the work can be done again.
    @Test(arguments: [false, true], [false, true])
    func aFaultAtAnyOperationLeavesOneOrTheOther(crashes: Bool, truncates: Bool) throws {
        for k in 0... {
            let folder = try WellFolder()
            try putJournalFiles(folder)
            if !truncates { try folder.flip(entry: 15, byte: 6) }
            let plan = FaultPlan(crashes ? .crashBefore(k) : .fail(k))
            let files = FaultyFileSystem(folder.files, plan: plan)
            let stores = FaultyKeyValueStoreOpener(folder.stores, plan: plan)
            let attempt = Result {
                let surgery = try JournalSurgery("/meta", files: files, stores: stores, now: UnixTime(milliseconds: 5))
                // An image goes with the entries, too.
                return truncates ? try surgery.truncate(after: 11) : try surgery.skip(15)
            }
            let isTouched = plan.wasTouched
            folder.machine.crash()
            if truncates {
                // Before or after, and never in between.
                let last = try folder.machine.open().lastLogID
                #expect(last == 17 || last == 11, "operation \(k)")
                folder.machine.crash()
                if last == 17 { _ = try surgery(folder).truncate(after: 11) }
                #expect(try folder.machine.open().lastLogID == 11, "operation \(k)")
            } else {
                if case .failure = attempt { _ = try? surgery(folder).skip(15) }
                #expect(try folder.machine.open().lastLogID == 17, "operation \(k)")
            }
            folder.machine.crash()
            #expect(try MetadataVerification.run(folder.open()).isWell, "operation \(k)")
            if !isTouched { break }
        }
    }
}
