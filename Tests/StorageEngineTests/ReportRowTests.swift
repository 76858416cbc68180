import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

/// `contract/behaviour.md` §5: what a tablet says of itself.
@Suite struct ReportRowTests {
    private func rows(_ engine: StorageEngine) -> [TabletReportRow] {
        var all: [TabletReportRow] = []
        engine.tabletReport().rows.forEachChunk { all += $0 }
        return all
    }

    @Test func aVersionPublishedOverAGapIsReportedWithTheHole() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        var tablet = try LoadedTablet(fixture, engine)
        try tablet.load(5, in: engine)
        try LoadedTablet.push(fixture, 4, 3, in: engine)
        #expect(try engine.publish(.sample(104, 4), gaps: .wait).waiting == [1])
        #expect(try engine.publish(.sample(104, 4), gaps: .accept).published == [1])
        #expect(try engine.tablet1().versionGraph.missing == [VersionRange(3, 3)])
        #expect(try engine.tablet(1).singleRow.version == 4)
        // A publish may still fill it: a full report waits for the grace period, an answer about the tablet does not.
        #expect(try engine.tablet(1).singleRow.versionMiss)
        #expect(rows(engine).map(\.versionMiss) == [false])
        try fixture.time.advance(by: .seconds(60))
        #expect(rows(engine).map(\.versionMiss) == [true])
        // Later versions come in, and the hole stays exactly what it was.
        try LoadedTablet.push(fixture, 5, 3, in: engine)
        #expect(try engine.publish(.sample(105, 5), gaps: .accept).published == [1])
        #expect(try engine.tablet1().versionGraph.missing == [VersionRange(3, 3)])
        #expect(rows(engine).map(\.versionMiss) == [true])
        // The publish that was missing fills it.
        try LoadedTablet.push(fixture, 3, 3, in: engine)
        #expect(try engine.publish(.sample(103, 3), gaps: .wait).published == [1])
        #expect(try engine.tablet1().versionGraph.held == [VersionRange(0, 5)])
        #expect(rows(engine).map(\.versionMiss) == [false])
        #expect(try readRows(engine, 1).count == 14)
    }

    /// An FE of Doris takes the version for all that is whole, the FE of ours for the newest end, and a setting for either.
    @Test(arguments: [EngineOptions.ReportVersionStyle.auto, .newest, .continuous])
    func whichVersionStandsForATabletWithAHole(_ style: EngineOptions.ReportVersionStyle) throws {
        let fixture = try EngineFixture()
        fixture.options.reportVersionStyle = style
        let engine = try fixture.start()
        var tablet = try LoadedTablet(fixture, engine)
        try tablet.load(5, in: engine)
        try LoadedTablet.push(fixture, 4, 3, in: engine)
        _ = try engine.publish(.sample(104, 4), gaps: .accept)
        try fixture.time.advance(by: .seconds(60))
        for (dialect, newest) in [(WireDialect.year2023, false), (.tabletd, true), (.year2026, false)] {
            engine.masterSpeaks(dialect)
            let expected: Version = style == .newest || style == .auto && newest ? 4 : 2
            #expect(rows(engine).map(\.version) == [expected])
            // The hole is told of in any case.
            #expect(rows(engine).map(\.versionMiss) == [true])
            let told = engine.row(of: try engine.tablet(1))
            #expect(told.version == expected && told.versionMiss)
        }
    }

    /// One that an alter has not filled is not to be taken in by anybody, but nothing of it is missing.
    @Test(arguments: [TabletState.notReady, .running, .shutdown])
    func aTabletWithoutRowsetsIsNotToBeUsed(_ state: TabletState) throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        var header = try engine.tablet1().header
        header.state = state
        let tablet = Tablet(
            header: header, rowsets: [], dataDir: engine.dataDirs[0], now: fixture.time.monotonicNow)
        #expect(!tablet.singleRow.isUsed)
        #expect(tablet.singleRow.version == .none)
        #expect(!tablet.singleRow.versionMiss)
        #expect(tablet.versionGraph.held == [] && tablet.versionGraph.missing == [])
    }

    @Test func crossingVersionsMakeARunningTabletBad() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        let header = try engine.tablet1().header
        var metas = try engine.tablet1().rowsets.map(\.meta)
        metas[0].versions = VersionRange(0, 5)
        var crossing = metas[0]
        crossing.id = fixture.random.rowsetID()
        crossing.versions = VersionRange(4, 7)
        let tablet = Tablet(
            header: header, rowsets: metas + [crossing], dataDir: engine.dataDirs[0], now: fixture.time.monotonicNow)
        #expect(!tablet.singleRow.isUsed)
        #expect(tablet.compactionNeed(CompactionOptions()).kind == nil)
    }

    @Test func aRowSaysWhatTheContractAsksFor() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1, partition: 33, replica: 44, policy: "cold"))
        try LoadedTablet.push(fixture, 2, 3, in: engine)
        try fixture.time.advance(by: .seconds(1801))
        let row = try #require(rows(engine).first)
        #expect(row.partitionID == 33 && row.replicaID == 44)
        #expect(row.pathHash == engine.dataDirs[0].pathHash && row.medium == .hdd)
        #expect(row.transactionIDs == [102])
        #expect(row.isCooldown && row.cooldownReplicaID == -1 && row.cooldownTerm == -1)
        #expect(row.versionCount == 1 && row.version == 1 && row.isUsed && !row.versionMiss)
    }

    @Test func theVersionGraphNamesEveryRowset() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        var tablet = try LoadedTablet(fixture, engine)
        try tablet.load(5, 6, in: engine)
        try engine.compactNow()
        try tablet.load(7, in: engine)
        let graph = try engine.tablet1().versionGraph
        #expect(graph.tabletID == 1 && graph.maxVersion == 4 && graph.maxContinuousVersion == 4)
        #expect(graph.held == [VersionRange(0, 4)] && graph.missing == [])
        #expect(graph.visible.map(\.versions) == [VersionRange(0, 1), VersionRange(2, 3), VersionRange(4, 4)])
        #expect(graph.visible.map(\.rowCount) == [0, 11, 7])
        #expect(graph.visible.allSatisfy { !$0.isRemote })
        #expect(graph.stalePaths.map(\.id) == [1])
        #expect(graph.stalePaths[0].staleAt == fixture.time.wallNow)
        #expect(graph.stalePaths[0].edges.map(\.rowCount) == [5, 6])
    }
}
