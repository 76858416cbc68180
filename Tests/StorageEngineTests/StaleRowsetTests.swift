import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct StaleRowsetTests {
    /// Versions 2 to 5 compacted to one rowset.
    private func compacted(_ fixture: EngineFixture) throws -> (StorageEngine, LoadedTablet) {
        let engine = try fixture.start()
        var tablet = try LoadedTablet(fixture, engine)
        try tablet.load(10, 11, 12, 13, in: engine)
        #expect(try engine.compactNow() == .merged(rowsets: 4, into: VersionRange(2, 5), bytes: visibleBytes(engine)))
        return (engine, tablet)
    }

    private func visibleBytes(_ engine: StorageEngine) throws -> Int64 {
        try engine.tablet1().rowsets.reduce(0) { $0 + $1.meta.sizeBytes }
    }

    @Test func oldVersionsStayReadableUntilTheSweep() throws {
        let fixture = try EngineFixture()
        let (engine, tablet) = try compacted(fixture)
        #expect(try engine.visible() == "[0-1][2-5]")
        for (version, count) in [(2, 10), (3, 21), (4, 33), (5, 46)] {
            #expect(try readRows(engine, 1, version: Version(Int64(version))) == Array(tablet.rows.prefix(count)))
        }
        try fixture.time.advance(by: .seconds(299))
        try engine.sweepTrash()
        #expect(try readRows(engine, 1, version: 3).count == 21)
        try fixture.time.advance(by: .seconds(1))
        try engine.sweepTrash()
        #expect(throws: EngineError.versionNotReadable(1, 3, missing: [])) { try engine.openScan(1, version: 3) }
        #expect(try readRows(engine, 1) == tablet.rows)
        #expect(engine.strayFiles(fixture) == [])
        #expect(try engine.tablet1().staleRowsets.isEmpty)
        #expect(try records(engine) == 0)
    }

    /// `clean_trash` removes trash of any age, but readers may still ask for a version that was just merged.
    @Test func cleaningTheTrashKeepsYoungStaleRowsets() throws {
        let fixture = try EngineFixture()
        let (engine, _) = try compacted(fixture)
        try engine.sweepTrash(all: true)
        #expect(try readRows(engine, 1, version: 3).count == 21)
    }

    @Test func aReaderThatCapturedAPathKeepsItsFiles() throws {
        let fixture = try EngineFixture()
        let (engine, tablet) = try compacted(fixture)
        var scan: TabletScan? = try engine.openScan(1, version: 4)
        let files = fixture.segmentFiles
        try fixture.time.advance(by: .seconds(300))
        try engine.sweepTrash()
        #expect(throws: EngineError.self) { try engine.openScan(1, version: 4) }
        // What nobody reads is gone, the rest waits.
        #expect(fixture.segmentFiles.count < files.count)
        engine.removeOrphans(in: engine.dataDirs[0])
        var rows: [String] = []
        while let block = try scan?.next() { block.forEachRow { rows.append(String(decoding: $0, as: UTF8.self)) } }
        #expect(rows == Array(tablet.rows.prefix(33)))
        scan = nil
        try engine.sweepTrash()
        #expect(engine.strayFiles(fixture) == [])
    }

    @Test func aRestartRebuildsStalePaths() throws {
        let fixture = try EngineFixture()
        let before: TabletVersionGraph = try {
            let (engine, _) = try compacted(fixture)
            defer { engine.close() }
            return try engine.tablet1().versionGraph
        }()
        fixture.machine.crash()
        let engine = try fixture.start()
        let graph = try engine.tablet1().versionGraph
        #expect(graph.stalePaths == before.stalePaths)
        #expect(graph.visible == before.visible)
        let singles = (2...5).map { VersionRange(single: Version($0)) }
        #expect(graph.stalePaths.map { $0.edges.map(\.versions) } == [singles])
        #expect(try readRows(engine, 1, version: 3).count == 21)
        #expect(engine.strayFiles(fixture) == [])
        try fixture.time.advance(by: .seconds(300))
        try engine.sweepTrash()
        #expect(try engine.tablet1().versionGraph.stalePaths.isEmpty)
        #expect(try records(engine) == 0)
        #expect(engine.strayFiles(fixture) == [])
        #expect(fixture.segmentFiles.count == (try engine.tablet1().rowsets.reduce(0) { $0 + $1.meta.segments.count }))
    }

    /// The stale rowsets may be all that is left of what is missing.
    @Test func nothingIsSweptWhileAVersionIsMissing() throws {
        let fixture = try EngineFixture()
        var (engine, tablet) = try compacted(fixture)
        try LoadedTablet.push(fixture, 7, 3, in: engine)
        #expect(try engine.publish(.sample(107, 7), gaps: .accept).published == [1])
        try fixture.time.advance(by: .seconds(600))
        try engine.sweepTrash()
        #expect(try readRows(engine, 1, version: 3).count == 21)
        try tablet.load(2, in: engine)
        try engine.sweepTrash()
        #expect(throws: EngineError.self) { try engine.openScan(1, version: 3) }
        engine.close()
    }

    @Test func aDropTakesStaleRowsetsAlong() throws {
        let fixture = try EngineFixture()
        let (engine, _) = try compacted(fixture)
        try engine.dropTablet(DropTabletRequest(tabletID: 1))
        #expect(fixture.segmentFiles == [])
        #expect(try records(engine) == 0)
        #expect(engine.diskReports()[0].dataUsedBytes == 0)
    }

    @Test func aDropThatACrashCutShortIsFinishedWithItsStaleRowsets() throws {
        let fixture = try EngineFixture()
        try {
            let (engine, _) = try compacted(fixture)
            // The header says so, and then the machine goes down.
            fixture.plan.restart(.crashAfter(0))
            #expect(throws: (any Error).self) { try engine.dropTablet(DropTabletRequest(tabletID: 1)) }
        }()
        fixture.machine.crash()
        fixture.plan.restart()
        let engine = try fixture.start()
        #expect(engine.tabletCount == 0)
        #expect(try records(engine) == 0)
        #expect(fixture.segmentFiles == [])
    }

    @Test func aStaleRecordWithoutItsTabletGoes() throws {
        let fixture = try EngineFixture()
        try {
            let (engine, _) = try compacted(fixture)
            var batch = WriteBatch()
            batch.delete(MetaKeys.header(1))
            try engine.dataDirs[0].writeMeta(batch)
            engine.close()
        }()
        let engine = try fixture.start()
        #expect(try records(engine) == 0)
    }

    private func records(_ engine: StorageEngine) throws -> Int {
        var count = 0
        try engine.dataDirs[0].scanMeta(prefix: MetaKeys.staleRowsets) { _, _ in
            count += 1
            return true
        }
        return count
    }
}
