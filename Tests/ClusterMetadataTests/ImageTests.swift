import ClusterTestKit
import MetadataTestKit
import Platform
import TabletModel
import Testing

@testable import ClusterMetadata

@Suite struct ImageTests {
    private func storeWithImages(_ count: Int, machine: MetadataMachine) throws -> (MetadataStore, ClusterState) {
        var generator = StateEntryGenerator(seed: 21)
        let store = try machine.open()
        for _ in 0..<count {
            for _ in 0..<20 { try store.commit([generator.next()]) }
            _ = try store.checkpoint()
        }
        for _ in 0..<5 { try store.commit([generator.next()]) }
        return (store, generator.state)
    }

    @Test func theNewestTwoAreKeptAndTheJournalReachesBackToTheOlder() throws {
        let machine = MetadataMachine()
        let (store, _) = try storeWithImages(4, machine: machine)
        #expect(try store.images.logIDs() == [80, 60])
        #expect(store.imageLogID == 80)
        var first: Int64?
        try store.journal.read(from: 61) { id, _ in first = first ?? id }
        #expect(first == 61)
        #expect(throws: JournalError.self) { try store.journal.read(from: 60) { _, _ in } }
    }

    @Test func oneImageAloneTruncatesNothing() throws {
        let machine = MetadataMachine()
        let (store, _) = try storeWithImages(1, machine: machine)
        var count = 0
        try store.journal.read(from: 1) { _, _ in count += 1 }
        #expect(count == 25)
    }

    @Test func aCorruptNewestImageIsSetAsideAndTheOlderServes() throws {
        let machine = MetadataMachine()
        let (_, state) = try storeWithImages(3, machine: machine)
        let files = machine.machine.fileSystem
        let size = try #require(try files.status("/meta/image/image.60")).sizeBytes
        for offset in stride(from: 0, to: Int(size), by: 97) {
            try files.corrupt("/meta/image/image.60", at: offset, xor: 0x04)
            let store = try machine.open()
            #expect(try store.snapshot().durableBytes() == state.durableBytes(), "byte \(offset)")
            #expect(try store.images.logIDs() == [40])
            try files.rename("/meta/image/image.60.corrupt", to: "/meta/image/image.60")
            try files.corrupt("/meta/image/image.60", at: offset, xor: 0x04)
        }
        #expect(try machine.open().images.logIDs() == [60, 40])
    }

    @Test func withoutAnyGoodImageATruncatedJournalStopsTheStart() throws {
        let machine = MetadataMachine()
        _ = try storeWithImages(3, machine: machine)
        for id in [60, 40] { try machine.machine.fileSystem.corrupt("/meta/image/image.\(id)", at: 30) }
        #expect(throws: JournalError.self) { try machine.open() }
    }

    @Test func aTornImageIsCorruptAtEveryLength() throws {
        let machine = MetadataMachine()
        let (store, _) = try storeWithImages(1, machine: machine)
        let files = machine.machine.fileSystem
        let whole = try files.readAll("/meta/image/image.20")
        for length in stride(from: 0, to: whole.count, by: 13) {
            try files.replaceFile("/meta/image/image.7", with: Array(whole[..<length]))
            let error = #expect(throws: MetadataError.self) {
                _ = try ImageReader.read(store.images.path(7), from: files)
            }
            guard case .imageCorrupt? = error else {
                Issue.record("length \(length): \(String(describing: error))")
                return
            }
        }
    }

    @Test func anImageOfANewerFormatStopsTheStart() throws {
        let machine = MetadataMachine()
        _ = try storeWithImages(2, machine: machine)
        try machine.machine.fileSystem.corrupt("/meta/image/image.40", at: 11, xor: 0x03)
        #expect(throws: MetadataError.imageNewerFormat(path: "/meta/image/image.40", found: 2, supported: 1)) {
            try machine.open()
        }
    }

    @Test func anImageAheadOfTheJournalStopsTheStart() throws {
        let machine = MetadataMachine()
        _ = try storeWithImages(2, machine: machine)
        machine.machine.keyValueStores.destroy("/meta/journal")
        #expect(throws: JournalError.behindImage(last: 0, image: 40)) { try machine.open() }
    }

    @Test func changesMadeWhileAnImageIsWrittenAreNotInIt() throws {
        let machine = MetadataMachine()
        let (store, _) = try storeWithImages(0, machine: machine)
        let applied = store.appliedNow()
        let before = try applied.state.durableBytes()
        try store.commit([.setEpoch(1_000)])
        #expect(try applied.state.durableBytes() == before)
        #expect(applied.lastLogID == store.lastLogID - 1)
    }

    @Test func aCheckpointIsDueByEntriesOrByTimeWithSomethingNew() {
        var trigger = CheckpointTrigger(rollEntries: 100, interval: .seconds(60))
        func isDue(_ last: Int64, _ seconds: Int64) -> Bool {
            trigger.isDue(lastLogID: last, now: MonotonicTime(nanoseconds: seconds * 1_000_000_000))
        }
        #expect(!isDue(0, 0))
        #expect(!isDue(5, 1))
        #expect(!isDue(5, 60))
        #expect(isDue(5, 61))
        let begun = [trigger.begin(), trigger.begin()]
        #expect(begun == [true, false])
        trigger.end(image: 5)
        #expect(!isDue(5, 500))
        #expect(isDue(105, 62))
    }
}
