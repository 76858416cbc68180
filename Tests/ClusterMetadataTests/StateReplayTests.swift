import ClusterTestKit
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
    func anEntrySurvivesItsRecord(seed: UInt64) throws {
        var generator = StateEntryGenerator(seed: seed)
        for (index, entry) in generator.entries(400).enumerated() {
            let record = try JournalRecord.encode(entry, logID: Int64(index))
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

    @Test func theIndexAgreesWithAPlainMapUnderRandomChanges() {
        let random = SeededRandom(seed: 11)
        var index = TabletIndex()
        var plain: [TabletID: [BackendID: ReplicaID]] = [:]
        for step in 0..<6000 {
            let tablet = TabletID(Int64(random.next(below: 900)))
            let backend = BackendID(Int64(random.next(below: 5)))
            switch random.next(below: 4) {
            case 0, 1:
                let replica = Replica(id: ReplicaID(Int64(step)), backendID: backend, versions: .init(version: 1))
                if plain[tablet] == nil {
                    index.insert(Tablet(id: tablet, tableID: 1, partitionID: 1, indexID: 1), replicas: [replica])
                } else {
                    index.insertReplica(replica, of: tablet)
                }
                plain[tablet, default: [:]][backend] = replica.id
            case 2:
                index.removeReplica(ReplicaKey(tabletID: tablet, backendID: backend))
                plain[tablet]?[backend] = nil
            default:
                guard random.oneIn(20) else { continue }
                let gone = Array(plain.keys.sorted().filter { $0 >= tablet }.prefix(200))
                index.remove(ascending: gone)
                for id in gone { plain[id] = nil }
            }
        }
        #expect(index.count == plain.count)
        #expect(index.replicaCount == plain.values.reduce(0) { $0 + $1.count })
        var seen: [TabletID] = []
        index.forEach { tablet, replicas in
            seen.append(tablet.id)
            #expect(replicas.map(\.id) == plain[tablet.id].map { $0.values.sorted() })
        }
        #expect(seen == plain.keys.sorted())
        var cursor = TabletCursor(index)
        for id in (0..<900).map({ TabletID(Int64($0)) }) {
            let isFound = cursor.seek(id)
            #expect(isFound == (plain[id] != nil))
        }
        for backend in (0..<5).map({ BackendID(Int64($0)) }) {
            let expected = plain.filter { $0.value[backend] != nil }.keys.sorted()
            #expect(Array(index.tablets(on: backend)) == expected)
        }
    }
}
