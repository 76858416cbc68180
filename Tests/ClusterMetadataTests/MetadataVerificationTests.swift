import ClusterTestKit
import HTTPAPI
import MetadataTestKit
import Platform
import TabletModel
import Testing

@testable import ClusterMetadata

@Suite struct MetadataVerificationTests {
    private func verify(_ folder: WellFolder) throws -> MetadataVerdictView {
        try MetadataVerification.run(try folder.open())
    }

    @Test func whatIsWellIsSaidToBe() throws {
        let verdict = try verify(try WellFolder())
        #expect(verdict.problems == [])
        #expect(verdict.isWell && verdict.images == 2)
        // Up to the older image the journal was cut.
        #expect(verdict.entries == 8 && verdict.lastLogID == 17)
        #expect(verdict.tables == 1 && verdict.tablets == 4 && verdict.replicas == 11)
        #expect(verdict.notes == [])
    }

    @Test func aFolderWithoutAnImageYetIsWell() throws {
        let verdict = try verify(try WellFolder(imagesBehind: []))
        #expect(verdict.isWell && verdict.images == 0 && verdict.entries == 17)
    }

    @Test(arguments: UInt64(1)...10)
    func everyImageOfARandomLogIsWhatTheJournalGives(seed: UInt64) throws {
        var generator = StateEntryGenerator(seed: seed)
        let folder = try WellFolder(generator.entries(300), imagesBehind: [250])
        // Random entries name what is not there: what the state holds may not belong together, but images and journal do.
        let verdict = try verify(folder)
        #expect(verdict.problems.filter { $0.place != "state" } == [])
        #expect(verdict.entries == 300 && verdict.images == 1)
    }

    @Test func aFlippedBitInAnySectionOfAnImageIsFoundWithItsFileAndByte() throws {
        let folder = try WellFolder()
        let path = "/meta/image/image.13"
        let size = Int(try #require(try folder.files.status(path)).sizeBytes)
        for offset in stride(from: 0, to: size, by: 7) {
            try folder.files.corrupt(path, at: offset, xor: 0x10)
            let verdict = try verify(folder)
            let problem = try #require(verdict.problems.first, "byte \(offset)")
            #expect(problem.place == "image/image.13")
            #expect(try #require(problem.offset) <= Int64(offset), "byte \(offset)")
            #expect(verdict.problems.count == 1)
            try folder.files.corrupt(path, at: offset, xor: 0x10)
        }
        #expect(try verify(folder).isWell)
    }

    @Test func anImageThatIsWholeAndHoldsAnotherStateIsFound() throws {
        let folder = try WellFolder()
        var state = try folder.open().replayed()
        state.apply(.setEpoch(9))
        let images = ImageStore(files: folder.files, folder: "/meta/image")
        let cluster = try folder.open().identity.clusterID
        try folder.files.remove("/meta/image/image.13")
        _ = try images.write(ImageWriter(state: state, logID: 13, clusterID: cluster))
        let verdict = try verify(folder)
        #expect(verdict.problems.map(\.place) == ["image/image.13"])
        #expect(verdict.problems[0].text.contains("image.9 and the journal up to 13 give another state"))
    }

    @Test func anImageOfAnotherClusterOrLogIDIsFound() throws {
        let folder = try WellFolder()
        try folder.files.rename("/meta/image/image.13", to: "/meta/image/image.14")
        let renamed = try verify(folder)
        #expect(renamed.problems.contains { $0.place == "image/image.14" && $0.text.contains("up to log id 13") })
        try folder.files.rename("/meta/image/image.14", to: "/meta/image/image.13")
        try folder.files.replaceFile("/meta/image/VERSION", with: Array("clusterId=5\ntoken=t\n".utf8))
        let other = try verify(folder)
        #expect(other.problems.map(\.place) == ["image/image.9", "image/image.13"])
        #expect(other.problems.allSatisfy { $0.text.contains("VERSION says 5") })
    }

    @Test(arguments: ["VERSION", "ROLE"]) func aMissingIdentityFileIsFound(name: String) throws {
        let folder = try WellFolder()
        try folder.files.remove("/meta/image/" + name)
        #expect(try verify(folder).problems.map(\.place) == ["image/" + name])
    }

    @Test func everyFlippedBitOfARecordIsFoundWithItsLogID() throws {
        let folder = try WellFolder()
        for byte in [0, 1, 2, 3, 4, 7, -1, -4] {
            try folder.flip(entry: 15, byte: byte)
            let verdict = try verify(folder)
            #expect(verdict.problems.map(\.logID) == [15], "byte \(byte)")
            #expect(verdict.problems[0].place == "journal" && verdict.problems[0].text.contains("op "))
            try folder.flip(entry: 15, byte: byte)
        }
        #expect(try verify(folder).isWell)
    }

    @Test func aMissingRecordIsFoundAndSoIsOneUnderAnothersID() throws {
        let missing = try WellFolder()
        try missing.edit { batch, _ in batch.delete(KeyValueJournal.key(12)) }
        #expect(try verify(missing).problems.map(\.logID) == [12])

        let doubled = try WellFolder()
        try doubled.edit { batch, store in
            batch.put(KeyValueJournal.key(12), try store.get(KeyValueJournal.key(11)) ?? [])
        }
        #expect(try verify(doubled).problems.map(\.logID) == [12])

        let swapped = try WellFolder()
        try swapped.edit { batch, store in
            batch.put(KeyValueJournal.key(12), try store.get(KeyValueJournal.key(11)) ?? [])
            batch.put(KeyValueJournal.key(11), try store.get(KeyValueJournal.key(12)) ?? [])
        }
        #expect(try verify(swapped).problems.map(\.logID) == [11, 12])
    }

    @Test func anImageThatCoversMoreThanTheJournalIsFound() throws {
        let folder = try WellFolder()
        try folder.edit { batch, _ in
            batch.deleteRange(from: KeyValueJournal.key(12), to: KeyValueJournal.key(100))
        }
        let verdict = try verify(folder)
        #expect(verdict.problems.contains { $0.place == "journal" && $0.text.contains("image.13 covers more") })
    }

    @Test func aJournalThatWasCutTooFarIsFound() throws {
        let folder = try WellFolder()
        try folder.files.remove("/meta/image/image.13")
        try folder.files.remove("/meta/image/image.9")
        let verdict = try verify(folder)
        #expect(verdict.problems.contains { $0.text.contains("there is no image") })
    }

    // MARK: What belongs together

    @Test func whatDoesNotBelongTogetherIsFound() throws {
        let far: TabletID = 999_999
        let cases: [(JournalEntry, String)] = [
            (
                .addReplica(10_020, NewReplica(id: 12_000, backendID: 10_009, versions: ReplicaVersions(version: 2))),
                "backend 10009"
            ),
            (
                .addReplica(10_020, NewReplica(id: 13_001, backendID: 10_002, versions: ReplicaVersions(version: 2))),
                "replica 13001"
            ),
            (.createDatabase(Database(id: 20_000, name: "far")), "database far"),
            (.addBackend(Backend(id: 20_001, host: "far", heartbeatPort: 1)), "backend 20001"),
            (.upsertTransaction(WellMetadata.transaction(20_002)), "transaction 20002"),
            (.dropDatabase(10_001), ""),
            (
                .createPolicy(StoragePolicy(id: 10_050, name: "p", resource: "gone", cooldownTTLSeconds: 1)),
                "resource gone"
            ),
            (.setTablePolicy(10_010, policy: "gone"), "storage policy gone"),
            (.dropPolicy("cold"), "storage policy cold"),
            (
                .createTable(
                    WellMetadata.table(
                        policy: "cold",
                        partition: Partition(
                            id: 10_011, name: "flights",
                            indexes: [
                                MaterializedIndex(
                                    id: 10_012, schemaHash: 5, tabletIDs: WellMetadata.tablets + [far])
                            ])), WellMetadata.placements), "tablet 999999"
            ),
            (
                .createTable(
                    WellMetadata.table(
                        policy: "cold",
                        partition: Partition(
                            id: 10_011, name: "flights", visibleVersion: 5, nextVersion: 5,
                            indexes: [MaterializedIndex(id: 10_012, schemaHash: 5, tabletIDs: WellMetadata.tablets)])),
                    WellMetadata.placements), "shows version 5"
            ),
        ]
        for (entry, text) in cases {
            var state = ClusterState.replaying(WellMetadata.entries)
            state.apply(entry)
            var check = StateInvariants(state: state)
            check.run()
            if text.isEmpty {
                // Dropped with its tables: loads of them end at the next start.
                #expect(check.problems == [] && check.notes.count == 1)
            } else {
                #expect(check.problems.contains { $0.contains(text) }, "\(text): \(check.problems)")
            }
        }
    }

    @Test func aTabletWithoutItsTableOrIndexIsFound() {
        for (tablet, text) in [
            (Tablet(id: 10_024, tableID: 1, partitionID: 2, indexID: 3), "its table 1 is not there"),
            (Tablet(id: 10_024, tableID: 10_010, partitionID: 10_011, indexID: 3), "its index 3 is not there"),
            (Tablet(id: 10_024, tableID: 10_010, partitionID: 10_011, indexID: 10_012), "does not name it"),
            (Tablet(id: 10_020, tableID: 10_010, partitionID: 4, indexID: 10_012), "names partition 4"),
        ] {
            var state = ClusterState.replaying(WellMetadata.entries)
            var chunk = TabletChunk()
            chunk.append(tablet, [])
            state.tablets.insert(chunk)
            var check = StateInvariants(state: state)
            check.run()
            #expect(check.problems.contains { $0.contains(text) }, "\(check.problems)")
        }
    }

    @Test func manyProblemsAreCountedAndNotAllListed() {
        var state = ClusterState.replaying(WellMetadata.entries)
        for id in 0..<1200 {
            state.apply(.createDatabase(Database(id: DatabaseID(50_000 + Int64(id)), name: "d\(id)")))
        }
        var check = StateInvariants(state: state)
        check.run()
        #expect(check.problemCount == 1200 && check.problems.count == 1000)
    }
}
