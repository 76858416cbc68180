import ClusterTestKit
import Dispatch
import Platform
import StoredFormats
import Synchronization
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct RestingTabletTests {
    private func isResting(_ id: TabletID, _ engine: StorageEngine) -> Bool {
        if case .resting? = engine.tablets.look(id) { true } else { false }
    }

    @Test func whatNobodyUsesRestsAndComesBackAsItWas() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        var tablet = try LoadedTablet(fixture, engine)
        try tablet.load(3, 5, 2, in: engine)
        let rowsets = try engine.tablet(1).rowsets.map(\.meta)
        let header = try engine.tablet(1).header
        let row = try engine.tablet(1).singleRow
        #expect(!isResting(1, engine))
        engine.restIdleTablets()
        #expect(!isResting(1, engine), "it was asked for since the look before")
        engine.restIdleTablets()
        #expect(isResting(1, engine))
        #expect(engine.tablets.look(1)?.header == header)
        #expect(engine.tablets.look(1)?.singleRow(prefixOnly: false) == row)
        #expect(reported(engine) == [row])
        #expect(engine.tabletStats().map(\.rowCount) == [10])
        #expect(isResting(1, engine), "no report wakes it")
        #expect(try engine.tablet(1).rowsets.map(\.meta) == rowsets)
        #expect(try engine.tablet(1).header == header)
        #expect(try engine.tablet(1) === engine.tablet(1))
        #expect(engine.diskReports()[0].dataUsedBytes == row.dataSizeBytes)
        #expect(try readRows(engine, 1) == tablet.rows)
        try tablet.load(4, in: engine)
        #expect(try readRows(engine, 1) == tablet.rows)
    }

    private func reported(_ engine: StorageEngine) -> [TabletReportRow] {
        var rows: [TabletReportRow] = []
        engine.tabletReport().rows.forEachChunk { rows += Array($0) }
        return rows
    }

    /// The objects in hand are those that a later change has to retire.
    @Test func whoeverHasSomethingOfItKeepsItAwake() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        var loaded = try LoadedTablet(fixture, engine)
        try loaded.load(3, 5, in: engine)
        func stays(_ what: Comment, _ use: () throws -> Any) throws {
            let held = try use()
            engine.tablets.restIdle(all: true)
            #expect(!isResting(1, engine), what)
            withExtendedLifetime(held) {}
        }
        try stays("tablet") { try engine.tablet(1) }
        try stays("snapshot") { try engine.tablet(1).snapshot }
        try stays("rowset") { try engine.tablet(1).rowsets[1] }
        try stays("scan") { try engine.openScan(1) }
        try stays("hold") { try engine.tablet(1).hold() }
        #expect(try engine.tablet(1).tryBegin(.clone))
        try stays("work") { 0 }
        try engine.tablet(1).end(.clone)
        engine.tablets.restIdle(all: true)
        #expect(isResting(1, engine))
    }

    @Test func whatIsOddStaysAwake() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        var loaded = try LoadedTablet(fixture, engine)
        try loaded.load(3, 5, in: engine)
        try engine.compactNow()
        engine.tablets.restIdle(all: true)
        #expect(!isResting(1, engine), "stale rowsets wait for their sweep")
        try fixture.time.advance(by: engine.options.staleRowsetExpiry + .seconds(1))
        try engine.sweepStaleRowsets()
        engine.tablets.restIdle(all: true)
        #expect(isResting(1, engine))
        try engine.tablet(1).markBroken("test")
        engine.tablets.restIdle(all: true)
        #expect(!isResting(1, engine), "a broken one says so")

        _ = try engine.createTablet(.sample(2))
        _ = fixture.serve("http://fe/gap", ["a,1,b"])
        _ = try engine.push(.sample(2, transaction: 9, url: "http://fe/gap"))
        _ = try engine.publish(.sample(9, 5), gaps: .accept)
        engine.tablets.restIdle(all: true)
        #expect(!isResting(2, engine), "a hole is told")
    }

    /// A reader of before goes on; what it reads goes when it ends, although the tablet rested in between.
    @Test func filesOfRestedTabletsGoWithTheirLastReader() throws {
        var options = EngineOptions.small
        options.staleRowsetExpiry = .zero
        let fixture = try EngineFixture(options: options)
        let engine = try fixture.start()
        var loaded = try LoadedTablet(fixture, engine)
        try loaded.load(3, 5, in: engine)
        engine.tablets.restIdle(all: true)
        do {
            let scan = try engine.openScan(1)
            engine.tablets.restIdle(all: true)
            try engine.compactNow()
            try fixture.time.advance(by: .seconds(1))
            try engine.sweepTrash()
            #expect(fixture.segmentFiles.count > 1)
            while try scan.next() != nil {}
        }
        try engine.sweepTrash()
        engine.tablets.restIdle(all: true)
        #expect(isResting(1, engine))
        #expect(engine.strayFiles(fixture) == [])
        #expect(try readRows(engine, 1) == loaded.rows)
    }

    enum Damage: CaseIterable { case flipped, gone, foreign }

    @Test(arguments: Damage.allCases) func recordsThatChangedWhileItRestedMakeItBroken(damage: Damage) throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        var loaded = try LoadedTablet(fixture, engine)
        try loaded.load(3, 5, in: engine)
        engine.tablets.restIdle(all: true)
        let dir = engine.dataDirs[0]
        var batch = WriteBatch()
        try dir.scanMeta(prefix: MetaKeys.rowsets(of: 1)) { key, value in
            var bytes = Array(value)
            bytes[5] ^= 1
            switch damage {
            case .flipped: batch.put(Array(key), bytes)
            case .gone: batch.delete(Array(key))
            case .foreign:
                var meta = try RowsetRecord.decode(value)
                meta.tabletID = 2
                batch.put(Array(key), try RowsetRecord.encode(meta))
            }
            return false
        }
        try dir.writeMeta(batch)
        let row = try engine.tablet(1).singleRow
        #expect(!row.isUsed)
        engine.tablets.restIdle(all: true)
        #expect(!isResting(1, engine))
        #expect(reported(engine).map(\.isUsed) == [false])
        #expect(engine.diskReports()[0].dataUsedBytes == row.dataSizeBytes)
    }

    /// Nothing is made of what can't be read; the tablet goes on resting, and is there once it can.
    @Test func aStoreThatCanNotBeReadIsAnError() throws {
        let fixture = try EngineFixture()
        let stores = UnreadableStores(inner: fixture.machine.keyValueStores)
        fixture.stores = stores
        let engine = try fixture.start()
        var loaded = try LoadedTablet(fixture, engine)
        try loaded.load(3, in: engine)
        engine.tablets.restIdle(all: true)
        stores.isUnreadable.store(true, ordering: .relaxed)
        #expect(throws: EngineError.self) { try engine.tablet(1) }
        _ = try engine.createTablet(.sample(2))
        #expect(throws: EngineError.self) { try engine.tablet(2) }
        #expect(isResting(1, engine) && engine.tabletCount == 2)
        stores.isUnreadable.store(false, ordering: .relaxed)
        #expect(try readRows(engine, 1) == loaded.rows)
    }

    @Test func theMapKeepsItsOrderWhateverComesAndGoes() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        let random = SeededRandom(seed: 5)
        var there: Set<TabletID> = []
        for step in 0..<3000 {
            let id = TabletID(Int64(random.next(below: 700)) + 1)
            if there.contains(id), step % 3 == 0 {
                try engine.dropTablet(DropTabletRequest(tabletID: id))
                there.remove(id)
            } else {
                _ = try engine.createTablet(.sample(id, partition: PartitionID(id.rawValue % 5 + 1)))
                there.insert(id)
            }
            if step % 500 == 0 { engine.tablets.restIdle(all: true) }
        }
        #expect(engine.tablets.sorted.map(\.id) == there.sorted())
        #expect(engine.tabletCount == there.count && there.count > 256)
        for partition in 1...5 {
            let wanted = there.filter { $0.rawValue % 5 + 1 == partition }.sorted()
            #expect(Array(engine.tablets.ids(of: PartitionID(Int64(partition)))) == wanted)
        }
        #expect(there.allSatisfy { (try? engine.tablet($0))?.id == $0 })
        engine.close()
        fixture.machine.crash()
        let again = try fixture.start()
        #expect(again.tablets.sorted.map(\.id) == there.sorted())
        #expect(there.allSatisfy { isResting($0, again) })
    }

    /// Loads, readers, compactions and rest, from several threads: no version is lost, and nobody reads a wrong row.
    @Test func restDisturbsNobody() throws {
        var options = EngineOptions.small
        options.staleRowsetExpiry = .zero
        let fixture = try EngineFixture(options: options)
        let engine = try fixture.start()
        for id in 1...4 {
            _ = try engine.createTablet(.sample(TabletID(Int64(id)), partition: PartitionID(Int64(id) + 19)))
        }
        _ = fixture.serve("http://fe/rows", sampleRows(6))
        let failures = Mutex<[String]>([])
        let versions = Mutex<[Int64]>([1, 1, 1, 1])
        let rested = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 1200) { step in
            let place = step / 6 % 4
            let id = TabletID(Int64(place) + 1)
            do {
                switch step % 6 {
                case 0:
                    try versions.withLock { versions in
                        versions[place] += 1
                        let (transaction, partition) = (TransactionID(Int64(step) + 1), PartitionID(Int64(place) + 20))
                        _ = try engine.push(
                            .sample(id, transaction: transaction, url: "http://fe/rows", partition: partition))
                        let outcome = try engine.publish(
                            PublishVersionRequest(
                                transactionID: transaction,
                                partitions: [.init(partitionID: partition, version: Version(versions[place]))]))
                        if let failure = outcome.failures.first { throw failure.error }
                    }
                case 1: _ = try engine.compactNow(id)
                case 2:
                    try engine.sweepStaleRowsets()
                    engine.removeOrphans(in: engine.dataDirs[0])
                case 3, 4: rested.add(engine.tablets.restIdle(all: true), ordering: .relaxed)
                default:
                    let rows = try readRows(engine, id)
                    guard rows.count % 6 == 0 else { throw EngineError.brokenTablet(id, reason: "\(rows.count) rows") }
                }
            } catch EngineError.busy {
                return
            } catch {
                failures.withLock { $0.append("\(step): \(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(rested.load(ordering: .relaxed) > 0)
        for (place, version) in versions.withLock({ $0 }).enumerated() {
            #expect(try readRows(engine, TabletID(Int64(place) + 1)).count == Int(version - 1) * 6)
        }
        #expect(engine.counters.lostRowsets == 0)
        try engine.sweepTrash()
        #expect(engine.strayFiles(fixture) == [])
        let sum = engine.tabletStats().reduce(0) { $0 + $1.dataSizeBytes }
        #expect(engine.diskReports()[0].dataUsedBytes == sum)
    }
}

/// Stores whose scans fail for a while.
private final class UnreadableStores: KeyValueStoreOpener {
    let isUnreadable = Atomic<Bool>(false)
    private let inner: any KeyValueStoreOpener
    init(inner: any KeyValueStoreOpener) { self.inner = inner }

    func open(_ path: String) throws -> any KeyValueStore { Store(inner: try inner.open(path), stores: self) }
    func openForReading(_ path: String) throws -> any KeyValueStore {
        Store(inner: try inner.openForReading(path), stores: self)
    }

    private struct Store: KeyValueStore {
        let inner: any KeyValueStore
        let stores: UnreadableStores

        func get(_ key: [UInt8]) throws -> [UInt8]? { try inner.get(key) }
        func write(_ batch: WriteBatch, sync: Bool) throws { try inner.write(batch, sync: sync) }
        func last(prefix: [UInt8]) throws -> (key: [UInt8], value: [UInt8])? { try inner.last(prefix: prefix) }
        func close() { inner.close() }
        func scan(
            prefix: [UInt8], from start: [UInt8]?,
            _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool
        ) throws {
            if stores.isUnreadable.load(ordering: .relaxed) {
                throw KeyValueStoreError(.io, path: "/be/d1/meta", message: "a sector can't be read")
            }
            try inner.scan(prefix: prefix, from: start, body)
        }
    }
}
