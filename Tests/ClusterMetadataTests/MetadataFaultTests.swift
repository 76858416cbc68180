import ClusterTestKit
import HTTPAPI
import Logging
import MetadataTestKit
import Platform
import TabletModel
import Testing

@testable import ClusterMetadata

/// Damage to image and journal, and disks that fail under them.
@Suite struct MetadataFaultTests {
    private static let path = "/meta/image/image.24"

    /// Images of some tens of KiB behind entries 12 and 24, and one entry behind those.
    private func machine() throws -> (MetadataMachine, [UInt8]) {
        let machine = MetadataMachine()
        let store = try machine.open()
        for round in 0..<24 {
            let first = Int64(20_000 + round * 1000)
            let tablets = (0..<200).map { TabletID(first + 100 + Int64($0)) }
            let table = Table(
                id: TableID(first), databaseID: 1, name: "t\(round)", delimiter: 0x2C, hasHeader: false,
                columns: TableColumn.text(["k"]), distributionColumn: 0, bucketCount: 200, replicationCount: 1,
                createdAt: UnixTime(seconds: 1),
                partitions: [
                    Partition(
                        id: PartitionID(first + 1), name: "t",
                        indexes: [MaterializedIndex(id: IndexID(first + 2), schemaHash: 1, tabletIDs: tablets)])
                ])
            let placements = tablets.map {
                TabletPlacement(
                    tabletID: $0, replicas: [.init(replicaID: ReplicaID($0.rawValue + 400), backendID: 1)])
            }
            try store.commit([.createTable(table, placements)])
            if round == 11 || round == 23 { _ = try store.checkpoint() }
        }
        try store.commit([
            .upsertTransaction(
                Transaction(
                    id: 9, databaseID: 1, tableID: 20_000, label: "l", timeoutMs: 1, preparedAt: UnixTime(seconds: 1)))
        ])
        let bytes = try store.snapshot().durableBytes()
        machine.crash()
        return (machine, bytes)
    }

    private func expectOlderServes(_ machine: MetadataMachine, _ bytes: [UInt8], _ place: String) throws {
        let store = try machine.open()
        #expect(try store.snapshot().durableBytes() == bytes, "\(place)")
        #expect(try store.images.logIDs() == [12], "\(place)")
        machine.crash()
        try machine.machine.fileSystem.remove(Self.path + ".corrupt")
    }

    @Test func anImageThatIsCutAtAny4KiBIsSetAsideAndTheOlderServes() throws {
        let (machine, bytes) = try machine()
        let files = machine.machine.fileSystem
        let whole = try files.readAll(Self.path)
        #expect(whole.count > 10 * 4096)
        for length in stride(from: 0, to: whole.count, by: 4096) {
            try files.replaceFile(Self.path, with: Array(whole[..<length]))
            try expectOlderServes(machine, bytes, "\(length) bytes")
        }
        try files.replaceFile(Self.path, with: whole)
        #expect(try machine.open().images.logIDs() == [24, 12])
    }

    @Test func aBitThatFlipsInAnySectionIsFoundAndTheOlderServes() throws {
        let (machine, bytes) = try machine()
        let files = machine.machine.fileSystem
        let whole = try files.readAll(Self.path)
        var sections = try ImageSections(Self.path, from: files)
        var places: [Int] = []
        while let (_, payload) = try sections.next() {
            let start = Int(sections.sectionStart)
            // In its kind, its length, its payload and its checksum.
            places += [start + 3, start + 10, start + 12 + payload.count / 2, start + 12 + payload.count + 1]
        }
        places.append(Int(sections.sectionStart) + 14)
        #expect(places.count > 20)
        for place in places {
            var broken = whole
            broken[place] ^= 0x20
            try files.replaceFile(Self.path, with: broken)
            try expectOlderServes(machine, bytes, "byte \(place)")
        }
    }

    /// The last record of the journal cut at any byte: it was acknowledged, so the start stops, and says where.
    @Test func aTornLastRecordStopsTheStartAtEveryLength() throws {
        let folder = try WellFolder()
        let key = KeyValueJournal.key(17)
        let whole = try #require(folder.stores.entries("/meta/journal").first { $0.key == key }).value
        for length in whole.indices {
            try folder.edit { batch, _ in batch.put(key, Array(whole[..<length])) }
            let error = #expect(throws: JournalError.self) { try folder.machine.open() }
            #expect("\(try #require(error))".hasPrefix("edit log entry 17 is corrupt"), "length \(length)")
            folder.machine.crash()
        }
    }

    @Test func recordsThatAreMissingDoubledOrOutOfOrderStopTheStartWhereTheyAre() throws {
        func start(_ edit: (inout WriteBatch, any KeyValueStore) throws -> Void) throws -> String {
            let folder = try WellFolder()
            try folder.edit(edit)
            let error = #expect(throws: JournalError.self) { try folder.machine.open() }
            return "\(try #require(error))"
        }
        func record(_ id: Int64, _ store: any KeyValueStore) throws -> [UInt8] {
            try #require(try store.get(KeyValueJournal.key(id)))
        }
        let missing = try start { batch, _ in batch.delete(KeyValueJournal.key(15)) }
        #expect(missing.hasPrefix("edit log entry 15 is missing, the next one is 16"))
        let doubled = try start { batch, store in batch.put(KeyValueJournal.key(16), try record(15, store)) }
        #expect(doubled.hasPrefix("edit log entry 16 is corrupt"))
        let swapped = try start { batch, store in
            batch.put(KeyValueJournal.key(15), try record(16, store))
            batch.put(KeyValueJournal.key(16), try record(15, store))
        }
        #expect(swapped.hasPrefix("edit log entry 15 is corrupt"))
    }

    /// Appends and checkpoints on a disk whose operations fail from the k-th on, reads too, until there is room again.
    @Test(arguments: [KeyValueStoreError.Code.io, .noSpace])
    func whateverFailsNothingIsLostAndAllGoesOnOnceItWorksAgain(code: KeyValueStoreError.Code) throws {
        for k in 0... {
            let machine = MetadataMachine()
            _ = try machine.open()
            machine.crash()
            let plan = FaultPlan(.none) { _ in true }
            let store = try open(machine, plan, code)
            var generator = StateEntryGenerator(seed: 8)
            for round in 0..<2 {
                for _ in 0..<10 { try store.commit([generator.next()]) }
                if round == 0 { _ = try store.checkpoint() }
            }
            var acknowledged = generator.state
            plan.restart(.failFrom(k))
            // What the disk does to these is their callers' to hear, and no more than that.
            var open: [JournalEntry] = []
            for _ in 0..<2 {
                let entry = generator.next()
                do {
                    try store.commit([entry])
                    acknowledged.apply(entry)
                } catch MetadataError.outcomeUnknown {
                    open = [entry]
                } catch is MetadataError {}
                do { _ = try store.checkpoint() } catch {}
            }
            let isTouched = plan.wasTouched
            plan.restart()
            if let settlement = try store.settle(), settlement.isDurable {
                #expect(settlement.entries == open, "operation \(k)")
                for entry in settlement.entries { acknowledged.apply(entry) }
            }
            #expect(store.trouble == nil, "operation \(k)")
            #expect(try store.snapshot().durableBytes() == acknowledged.durableBytes(), "operation \(k)")
            // There is room again.
            try store.commit([.setEpoch(1_000)])
            acknowledged.apply(.setEpoch(1_000))
            #expect(try store.checkpoint().logID == store.lastLogID)
            machine.crash()
            let again = try machine.open()
            #expect(try again.snapshot().durableBytes() == acknowledged.durableBytes(), "operation \(k)")
            #expect(try again.images.logIDs().count == 2)
            if !isTouched { break }
        }
    }

    private func open(
        _ machine: MetadataMachine, _ plan: FaultPlan, _ code: KeyValueStoreError.Code
    ) throws -> MetadataStore {
        let stores = FaultyKeyValueStoreOpener(machine.machine.keyValueStores, plan: plan, code: code)
        return try MetadataStore.open(
            folder: "/meta/image", files: FaultyFileSystem(machine.machine.fileSystem, plan: plan),
            journal: KeyValueJournal(try ReopeningStore(stores, path: "/meta/journal")), nodeName: "fe1",
            random: SeededRandom(seed: 4), time: machine.time, gates: DispatchGates(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// The machine goes down at any operation of a checkpoint, reads included; what it left is whole by `verify`, too.
    @Test(arguments: [false, true]) func aCrashAtAnyOperationOfACheckpointLeavesWhatIsWell(isAfter: Bool) throws {
        for k in 0... {
            let machine = MetadataMachine()
            _ = try machine.open()
            machine.crash()
            let plan = FaultPlan(.none) { _ in true }
            let store = try open(machine, plan, .io)
            for entry in WellMetadata.entries {
                try store.commit([entry])
                if [5, 10].contains(store.lastLogID) { _ = try store.checkpoint() }
            }
            plan.restart(isAfter ? .crashAfter(k) : .crashBefore(k))
            _ = try? store.checkpoint()
            let isTouched = plan.wasTouched
            machine.machine.crash(.seeded(UInt64(k)))
            let verdict = try MetadataVerification.run(
                MetadataFolder("/meta", files: machine.machine.fileSystem, stores: machine.machine.keyValueStores))
            #expect(verdict.problems == [], "operation \(k), \(String(describing: plan.touchedOperation))")
            #expect(
                try machine.open().snapshot().durableBytes()
                    == ClusterState.replaying(WellMetadata.entries).durableBytes())
            if !isTouched { break }
        }
    }

    // MARK: Clocks

    /// Ids, epochs, log ids and transactions come from counters, and intervals from a clock that does not jump.
    @Test func aWallClockThatGoesBackAnHourChangesNothing() throws {
        let machine = MetadataMachine()
        let node = machine.time.makeNode("fe")
        func open() throws -> MetadataStore {
            try MetadataStore.open(
                folder: "/meta/image", files: machine.machine.fileSystem,
                journal: KeyValueJournal(try ReopeningStore(machine.machine.keyValueStores, path: "/meta/journal")),
                nodeName: "fe1", random: SeededRandom(seed: 4), checkpoints: CheckpointTrigger(interval: .seconds(60)),
                time: node, gates: DispatchGates(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
        let first = try open()
        let epoch = try first.beginEpoch()
        let ids = try first.allocateIDs(5)
        #expect(try first.checkpointIfDue(now: node.monotonicNow) == nil)
        try machine.time.advance(by: .seconds(61))
        node.setWallSkew(.seconds(-3600))
        // By the clock that does not jump it is due.
        let checkpoint = try #require(try first.checkpointIfDue(now: node.monotonicNow))
        #expect(checkpoint.logID == first.lastLogID)
        machine.crash()
        let second = try open()
        #expect(try second.beginEpoch() == epoch + 1)
        #expect(try second.allocateIDs(5).lowerBound >= ids.upperBound)
        #expect(second.read { $0.lives.map(\.epoch) } == [epoch, epoch + 1])
        // An image that is newer by its log id and older by its file's time is the newest.
        _ = try second.checkpoint()
        #expect(try second.images.logIDs().first == second.lastLogID)
        machine.crash()
        #expect(try open().imageLogID == second.lastLogID)
    }
}
