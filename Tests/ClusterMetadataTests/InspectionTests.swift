import ClusterTestKit
import HTTPAPI
import MetadataTestKit
import Platform
import Synchronization
import TabletModel
import Testing

@testable import ClusterMetadata

/// Looking into a meta dir: info, stats, log, dump, diff.
@Suite struct InspectionTests {
    @Test func infoSaysWhatIsThereWithoutTheToken() throws {
        let folder = try WellFolder()
        let info = try folder.open().info()
        #expect(info.images.map(\.logID) == [13, 9] && info.images.allSatisfy { $0.sizeBytes > 100 })
        #expect(info.firstLogID == 10 && info.lastLogID == 17)
        #expect(info.epoch == 1 && info.nextIDBatch == 13_001 && info.lives.map(\.life) == ["4d"])
        let store = try folder.machine.open()
        #expect(try store.info() == info)
        #expect(info.clusterID == store.identity.clusterID && !"\(info)".contains(store.identity.token))
    }

    @Test func infoOfAJournalBehindTheImageCountsItsStarts() throws {
        let folder = try WellFolder()
        let store = try folder.machine.open()
        let epoch = try store.beginEpoch()
        folder.machine.crash()
        #expect(try folder.open().info().epoch == epoch)
    }

    @Test func infoOfADamagedJournalTellsWhatCanBeRead() throws {
        let folder = try WellFolder(imagesBehind: [])
        try folder.flip(entry: 2, byte: 5)
        let info = try folder.open().info()
        // By the start's own entry.
        #expect(info.epoch == 1 && info.lastLogID == 17 && info.nextIDBatch == 13_001)
        try folder.flip(entry: 3, byte: 5)
        #expect(try folder.open().info().epoch == 0)
    }

    @Test func aFolderThatIsNoMetaDirIsNotFound() throws {
        let files = MemoryFileSystem()
        try files.createDirectory("/other")
        let error = #expect(throws: FileSystemError.self) {
            try MetadataFolder("/other", files: files, stores: MemoryKeyValueStoreOpener())
        }
        #expect(try #require(error).code == .notFound)
        // Nothing was written there.
        #expect(try files.list("/other") == [])
    }

    @Test func statsAccountForEveryByteOfTheImage() throws {
        let folder = try WellFolder()
        let stats = try folder.open().stats()
        #expect(stats.imageLogID == 13)
        #expect(stats.sections.reduce(0) { $0 + $1.bytes } + Int64(ImageFormat.fileHeadBytes) == stats.imageBytes)
        #expect(stats.sections.map(\.kind) == ["header", "catalog", "tables", "transactions", "tablets", "end"])
        let counts = Dictionary(uniqueKeysWithValues: stats.objects.map { ($0.kind, $0.count) })
        #expect(counts["tablets"] == 4 && counts["replicas"] == 12 && counts["backends"] == 3 && counts["tables"] == 1)
        #expect(stats.journalEntries == 8)
        #expect(stats.operations.reduce(0) { $0 + $1.bytes } == stats.journalBytes)
        #expect(stats.operations.first { $0.kind == "op 100 (upsert transaction)" }?.count == 3)
        #expect(try folder.machine.open().stats() == stats)
    }

    @Test func theLogIsWordsAndGoesOnPastWhatCantBeRead() throws {
        let folder = try WellFolder(imagesBehind: [])
        try folder.flip(entry: 3, byte: 5)
        try folder.edit { batch, _ in batch.delete(KeyValueJournal.key(6)) }
        var lines: [JournalLineView] = []
        #expect(try folder.open().forEachLine(from: nil, to: nil) { lines.append($0) } == 2)
        #expect(lines.map(\.logID) == Array(1...17))
        #expect(lines.filter { !$0.isReadable }.map(\.logID) == [3, 6])
        #expect(lines[7].text == "table flights (10010) in database 10001 is made: 4 tablets, 12 replicas")
        #expect(lines[9].text == "load 10030 (load10030) of table 10010 is COMMITTED: version 2 of partition 10011")
        #expect(!lines.contains { $0.text.contains("secret") })
        lines = []
        #expect(try folder.open().forEachLine(from: 9, to: 10) { lines.append($0) } == 0)
        #expect(lines.map(\.logID) == [9, 10])
        #expect(lines.map(\.op) == [100, 100] && lines.map(\.name) == ["upsert transaction", "upsert transaction"])
    }

    @Test func aRunningFETellsItsLogInPieces() throws {
        let store = try WellFolder(imagesBehind: []).machine.open()
        let first = try store.lines(from: 0, to: .max, limit: 10)
        #expect(first.lines.map(\.logID) == Array(1...10) && first.next == 11)
        let second = try store.lines(from: 11, to: .max, limit: 10)
        #expect(second.lines.map(\.logID) == Array(11...17) && second.next == nil)
        #expect(try store.lines(from: 3, to: 4, limit: 10).lines.map(\.logID) == [3, 4])
        #expect(try store.lines(from: 18, to: .max, limit: 10) == JournalLinesView(lines: [], next: nil))
    }

    @Test func everyEntryHasWords() {
        var generator = StateEntryGenerator(seed: 3)
        for entry in generator.entries(3000) {
            let words = entry.words
            if words.isEmpty || words.contains("secret") { Issue.record("\(entry.operation) is \(words)") }
        }
    }

    @Test func aDumpHoldsImageAndJournalOneObjectALineWithoutSecrets() throws {
        let folder = try WellFolder()
        let lines = Mutex<[String]>([])
        try folder.open().dump(replayed: false) { line in lines.withLock { $0.append(line) } }
        let dump = lines.withLock { $0 }
        #expect(dump.allSatisfy { $0.hasPrefix("{\"kind\":\"") && $0.hasSuffix("}") && !$0.contains("\n") })
        #expect(dump.filter { $0.contains("\"kind\":\"tablet\"") }.count == 4)
        #expect(dump.filter { $0.contains("\"kind\":\"entry\"") }.count == 4)
        #expect(dump.contains { $0.hasPrefix("{\"kind\":\"resource\"") && $0.contains("AKID") })
        #expect(!dump.contains { $0.contains("very-secret") || $0.contains("also-secret") })
        #expect(
            dump.contains {
                $0.hasPrefix(
                    """
                    {"kind":"tablet","id":10020,"table_id":10010,"partition_id":10011,"index_id":10012,"replicas":[{"id":10200,\
                    "backend_id":10002,"version":2,
                    """)
            })
    }

    @Test func aReplayedDumpIsTheStateOfAStart() throws {
        let folder = try WellFolder()
        let lines = Mutex<[String]>([])
        try folder.open().dump(replayed: true) { line in lines.withLock { $0.append(line) } }
        let dump = lines.withLock { $0 }
        #expect(dump.filter { $0.contains("\"kind\":\"entry\"") }.isEmpty)
        #expect(dump.contains { $0.contains("\"id\":10020") && $0.contains("\"cooldown_term\":1") })
        #expect(dump.filter { $0.contains("\"kind\":\"transaction\"") }.count == 2)
        #expect(dump.first?.contains("\"log_id\":17") == true)
    }

    private func differences(
        _ left: [JournalEntry], _ right: [JournalEntry]
    ) throws -> [(change: String, name: String, details: [String])] {
        var found: [(String, String, [String])] = []
        let diff = Mutex<[MetadataDiff.Difference]>([])
        var run = MetadataDiff(
            left: ClusterState.replaying(left), right: ClusterState.replaying(right),
            out: { one in diff.withLock { $0.append(one) } })
        try run.run()
        for one in diff.withLock({ $0 }) { found.append((one.change.rawValue, one.name, one.details)) }
        return found
    }

    @Test func equalStatesDoNotDiffer() throws {
        #expect(try differences(WellMetadata.entries, WellMetadata.entries).isEmpty)
    }

    @Test func whatDiffersIsNamed() throws {
        let all = WellMetadata.entries
        let found = try differences(
            all,
            all + [
                .dropBackend(10_004), .createDatabase(Database(id: 12_999, name: "new")),
                .upsertTransaction(WellMetadata.transaction(10_031, state: .committed, version: 3)),
                .updateReplicas([
                    ReplicaUpdate(
                        key: ReplicaKey(tabletID: 10_023, backendID: 10_002), versions: ReplicaVersions(version: 2),
                        isBad: true)
                ]),
            ])
        #expect(found.contains { $0.change == "-" && $0.name == "backend 10004 (be2:9050)" })
        #expect(found.contains { $0.change == "+" && $0.name == "database 12999 (new)" })
        #expect(
            found.contains {
                $0.name == "transaction 10031 (load10031)" && $0.details.contains("- state: 1")
                    && $0.details.contains("+ state: 2")
            })
        #expect(
            found.contains {
                $0.name == "table 10010 (flights)" && $0.details == ["- next_version: 3", "+ next_version: 4"]
            })
        let tablet = try #require(found.first { $0.name == "tablet 10023" })
        #expect(tablet.details.contains { $0.hasPrefix("+ ") && $0.contains("bad") })
        #expect(found.filter { $0.name.hasPrefix("tablet") }.count == 4)
    }

    @Test func aTableThatOneOfThemLacksStandsForItsTablets() throws {
        let without = WellMetadata.entries + [.dropTable(10_010)]
        #expect(try differences(WellMetadata.entries, without).map(\.name) == ["table 10010 (flights)"])
        #expect(try differences(without, WellMetadata.entries).map(\.change) == ["+"])
    }

    @Test func changedKeysAreSaidToHaveChangedAndNotShown() throws {
        var other = WellMetadata.resource
        other.s3.secretKey = "another-secret"
        let found = try differences(WellMetadata.entries, WellMetadata.entries + [.alterResource(other)])
        #expect(found.map(\.name) == ["storage resource s3"])
        #expect(!"\(found)".contains("secret"))
    }
}
