import ClusterTestKit
import Platform
import StoredFormats
import Synchronization
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct CreationTests {
    @Test func aBatchIsOneSyncedWriteADir() throws {
        let fixture = try EngineFixture(dirs: [DataDirSpec(path: "/be/d1"), DataDirSpec(path: "/be/d2")])
        let engine = try fixture.start()
        let before = fixture.plan.count
        let results = engine.createTablets((1...500).map { .sample(TabletID($0)) })
        #expect(fixture.plan.count - before == 2)
        #expect(try results.map { try $0.get().tabletID.rawValue } == Array(1...500))
        #expect(engine.tabletCount == 500)
        #expect(engine.dataDirs.allSatisfy { $0.tabletCount.load(ordering: .relaxed) > 100 })
        engine.close()
        fixture.machine.crash()
        let again = try fixture.start()
        #expect(again.tabletReport().rows.count == 500)
        #expect(try (1...500).allSatisfy { try again.tablet(TabletID($0)).snapshot.maxVersion == 1 })
    }

    /// Each has an end of its own: one that can't be keeps none of the others.
    @Test func eachOfABatchEndsByItself() throws {
        let engine = try EngineFixture().start()
        let here = try engine.createTablet(.sample(3))
        let results = engine.createTablets([
            .sample(1), .sample(-4), .sample(3), .sample(3, schemaHash: 8), .sample(2), .sample(2),
        ])
        #expect(try results[0].get().tabletID == 1)
        #expect(throws: EngineError.self) { try results[1].get() }
        #expect(throws: EngineError.busy(3, what: "a creation or a drop")) { try results[3].get() }
        #expect(try results[2].get() == here)
        #expect(try results[4].get().tabletID == 2)
        #expect(throws: EngineError.busy(2, what: "a creation or a drop")) { try results[5].get() }
        #expect(engine.createTablets([]).isEmpty)
        // The ids are free again.
        #expect(throws: EngineError.schemaHashMismatch(3, local: 7, requested: 8)) {
            try engine.createTablet(.sample(3, schemaHash: 8))
        }
        #expect(engine.tabletCount == 3)
    }

    /// Whatever becomes of the write: all of them are there, or none, in memory as after a restart.
    @Test(arguments: FaultKind.allCases) func aFailedWriteMakesNone(kind: FaultKind) throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        fixture.plan.restart(kind.fault(1))
        let results = engine.createTablets((1...20).map { .sample(TabletID($0)) })
        let made = results.filter { if case .success = $0 { true } else { false } }.count
        #expect(made == 0 || made == 20)
        #expect(engine.tabletCount == made)
        let crashed = fixture.plan.hasCrashed
        fixture.plan.restart()
        if !crashed { engine.close() }
        fixture.machine.crash()
        let again = try fixture.start()
        #expect(again.tabletCount == 20 || made == 0)
        #expect(
            try again.createTablets((1...20).map { .sample(TabletID($0)) }).allSatisfy { try $0.get().version == 1 })
    }

    /// More than one group of headers, tablets at rest and others, and what a drop left between them.
    @Test func manyTabletsAreLoadedInGroups() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        let ids = (1...9000).map { TabletID(Int64($0) * 2) }
        let results = engine.createTablets(ids.map { .sample($0, policy: $0.rawValue % 100 == 0 ? "cold" : "") })
        #expect(results.allSatisfy { if case .success = $0 { true } else { false } })
        var batch = WriteBatch()
        let foreign = RecordTests.rowset(fixture.random, remote: false)
        for id in [TabletID(1), 8193, 18_001] {
            batch.put(MetaKeys.rowset(id, foreign.id), try RowsetRecord.encode(foreign))
        }
        batch.put(MetaKeys.header(8194), [1, 2, 3])
        try engine.dataDirs[0].writeMeta(batch)
        engine.close()
        fixture.machine.crash()
        let again = try fixture.start()
        #expect(again.tablets.sorted.map(\.id) == ids.filter { $0 != 8194 })
        #expect(again.startupProgress.totalTablets == 8999 && again.startupProgress.loadedTablets == 8999)
        #expect(try again.tablet(400).header.storagePolicy == "cold")
        for id in [TabletID(1), 8193, 18_001] {
            #expect(try again.dataDirs[0].readMeta(MetaKeys.rowset(id, foreign.id)) == nil)
        }
        var kept = 0
        try again.dataDirs[0].scanMeta(prefix: MetaKeys.rowsets(of: 8194)) { _, _ in
            kept += 1
            return true
        }
        #expect(kept == 1, "rowsets of a header that can't be read stay for a repair")
    }
}
