import ClusterTestKit
import MetadataTestKit
import Platform
import TabletModel
import Testing

@testable import ClusterMetadata

@Suite struct StateReplayTests {
    @Test(arguments: UInt64(1)...20)
    func everyEntryAppliedTwiceIsAppliedOnce(seed: UInt64) throws {
        var generator = StateEntryGenerator(seed: seed)
        var twice = ClusterState()
        for entry in generator.entries(300) {
            twice.apply(entry)
            twice.apply(entry)
        }
        #expect(try twice.durableBytes() == generator.state.durableBytes())
    }

    @Test(arguments: UInt64(1)...20)
    func entriesAppliedTogetherAreAppliedInTheirOrder(seed: UInt64) throws {
        var generator = StateEntryGenerator(seed: seed)
        // More of those that share an edit.
        let entries = generator.entries(300) + generator.entries(900).filter { $0.operation == .updateReplicas }
        var together = ClusterState()
        together.apply(entries)
        #expect(try together.durableBytes() == ClusterState.replaying(entries).durableBytes())
    }

    @Test(arguments: UInt64(1)...20)
    func anEntrySurvivesItsRecord(seed: UInt64) throws {
        var generator = StateEntryGenerator(seed: seed)
        for (index, entry) in generator.entries(400).enumerated() {
            let record = try EncodedEntry(entry).record(logID: Int64(index))
            let read = try record.withUnsafeBytes { try JournalRecord.decode($0, logID: Int64(index)) }
            #expect(read == entry)
        }
    }

    @Test func theGeneratorMakesEveryOperation() {
        var generator = StateEntryGenerator(seed: 3)
        let made = Set(generator.entries(3000).map(\.operation))
        #expect(made == Set(OperationCode.allCases))
    }

    @Test(arguments: UInt64(1)...5)
    func anImageAndTheTailGiveTheSameAsTheWholeLogAtEveryCut(seed: UInt64) throws {
        var generator = StateEntryGenerator(seed: seed)
        let entries = generator.entries(120)
        let whole = try ClusterState.replaying(entries).durableBytes()
        let files = MemoryFileSystem()
        try files.createDirectory("/image")
        let images = ImageStore(files: files, folder: "/image")
        for cut in 0...entries.count {
            let before = ClusterState.replaying(entries[..<cut])
            _ = try images.write(ImageWriter(state: before, logID: Int64(cut), clusterID: 9))
            let image = try ImageReader.read(images.path(Int64(cut)), from: files)
            #expect(image.logID == Int64(cut))
            #expect(image.clusterID == 9)
            var state = image.state
            for entry in entries[cut...] { state.apply(entry) }
            #expect(try state.durableBytes() == whole, "cut at \(cut)")
        }
    }

    @Test(arguments: UInt64(1)...5)
    func everyPrefixOfTheJournalReplaysToTheStateOfThatMoment(seed: UInt64) throws {
        var generator = StateEntryGenerator(seed: seed)
        let entries = generator.entries(60)
        let journal = KeyValueJournal(try ReopeningStore(MemoryKeyValueStoreOpener(), path: "/journal"))
        var live = ClusterState()
        for (index, entry) in entries.enumerated() {
            #expect(try journal.append([entry]) == Int64(index + 1))
            live.apply(entry)
            var replayed = ClusterState()
            try journal.read(from: 1) { replayed.apply($1) }
            #expect(try replayed.durableBytes() == live.durableBytes())
        }
    }

    @Test(arguments: UInt64(1)...10)
    func aSnapshotDoesNotMove(seed: UInt64) throws {
        var generator = StateEntryGenerator(seed: seed)
        _ = generator.entries(200)
        let snapshot = generator.state
        let bytes = try snapshot.durableBytes()
        _ = generator.entries(200)
        #expect(try snapshot.durableBytes() == bytes)
    }
}
