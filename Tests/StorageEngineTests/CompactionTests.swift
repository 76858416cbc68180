import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct CompactionTests {
    private func loaded(_ fixture: EngineFixture, _ counts: [Int]) throws -> (StorageEngine, LoadedTablet) {
        let engine = try fixture.start()
        var tablet = try LoadedTablet(fixture, engine)
        for count in counts { try tablet.load(count, in: engine) }
        return (engine, tablet)
    }

    @Test func rowsStayAsTheyAreAndInOrder() throws {
        let fixture = try EngineFixture()
        let (engine, tablet) = try loaded(fixture, [10, 1, 0, 25, 3])
        let before = try engine.tablet1().rowsets.map(\.meta)
        try engine.compactNow()
        let merged = try #require(try engine.tablet1().rowsets.last?.meta)
        #expect(try engine.visible() == "[0-1][2-6]")
        #expect(try readRows(engine, 1) == tablet.rows)
        #expect(merged.rowCount == 39)
        // Segments end at the configured size, as a load's do.
        #expect(merged.segments.count > 1)
        #expect(merged.segments.allSatisfy { $0.sizeBytes < 700 })
        let filled = before.filter { $0.rowCount > 0 }
        #expect(merged.oldestWrite == filled.map(\.oldestWrite).min())
        #expect(merged.newestWrite == filled.map(\.newestWrite).max())
        let row = try engine.tablet(1).singleRow
        #expect(row.versionCount == 2 && row.rowCount == 39 && row.version == 6 && row.isUsed)
        #expect(row.dataSizeBytes == merged.sizeBytes)
        #expect(engine.diskReports()[0].dataUsedBytes == merged.sizeBytes)
        #expect(engine.counters.finishedCompactions == 1 && engine.counters.inputRowsets == 5)
    }

    @Test func largeBlocksAreCopiedAndSmallOnesGathered() throws {
        var options = EngineOptions.small
        options.maxSegmentBytes = 1 << 20
        options.targetBlockBytes = 400
        let fixture = try EngineFixture(options: options)
        let (engine, tablet) = try loaded(fixture, [1, 1, 1, 1, 100])
        func blocks(_ rowset: Rowset) throws -> [UInt32] {
            let tablet = try engine.tablet1()
            return try rowset.meta.segments.indices.flatMap {
                try engine.openSegment($0, of: rowset, in: tablet).footer.blocks.map(\.rawBytes)
            }
        }
        let large = try blocks(try #require(try engine.tablet1().rowsets.last))
        try engine.compactNow()
        let merged = try blocks(try #require(try engine.tablet1().rowsets.last))
        // The four rows make one block; the large load's blocks are what they were.
        #expect(merged.count == large.count + 1)
        #expect(Array(merged.dropFirst()) == large)
        #expect(try readRows(engine, 1) == tablet.rows)
    }

    @Test func emptyRowsetsMergeToOneWithoutAFile() throws {
        let fixture = try EngineFixture()
        let (engine, _) = try loaded(fixture, [0, 0, 0])
        try engine.compactNow()
        #expect(try engine.visible() == "[0-1][2-4]")
        #expect(fixture.segmentFiles == [])
    }

    @Test func whoAsksForABaseCompactionGetsWhatIsBelowThePoint() throws {
        var options = EngineOptions.small
        // Everything is large.
        options.compaction.promotionMinBytes = 1
        options.compaction.promotionBytes = 1
        let fixture = try EngineFixture(options: options)
        let (engine, tablet) = try loaded(fixture, [10, 10])
        #expect(try engine.compactNow(1, .cumulative) == .nothing)
        try engine.compactNow(1, .base)
        #expect(try engine.visible() == "[0-3]")
        #expect(try readRows(engine, 1) == tablet.rows)
        #expect(try engine.compactNow(1, .base) == .nothing)
    }

    @Test func aPublishBesideItIsNoConflict() throws {
        let fixture = try EngineFixture()
        var (engine, tablet) = try loaded(fixture, [10, 10])
        let snapshot = try engine.tablet1().snapshot
        try tablet.load(5, in: engine)
        // What a compaction that began before would commit.
        let inputs = Array(snapshot.rowsets.dropFirst())
        let merged = try merge(inputs, engine)
        try engine.tablet1().commit(
            TabletChange(
                addRowsets: [merged], removeRowsets: inputs.map(\.meta.id), keepsRemovedAsStale: true))
        #expect(try engine.visible() == "[0-1][2-3][4-4]")
        #expect(try readRows(engine, 1) == tablet.rows)
    }

    @Test func inputsThatAreNotVisibleAnyMoreMakeItAConflict() throws {
        let fixture = try EngineFixture()
        let (engine, tablet) = try loaded(fixture, [10, 10])
        let inputs = Array(try engine.tablet1().snapshot.rowsets.dropFirst())
        try engine.compactNow()
        let merged = try merge(inputs, engine)
        #expect(throws: EngineError.self) {
            try engine.tablet1().commit(
                TabletChange(
                    addRowsets: [merged], removeRowsets: inputs.map(\.meta.id), keepsRemovedAsStale: true))
        }
        #expect(try readRows(engine, 1) == tablet.rows)
    }

    private func merge(_ inputs: [Rowset], _ engine: StorageEngine) throws -> RowsetMeta {
        let tablet = try engine.tablet1()
        let writer = RowsetWriter(
            tablet, id: engine.environment.random.rowsetID(), now: engine.environment.time.wallNow)
        defer { writer.end() }
        var merger = RowsetMerger(engine: engine, tablet: tablet, writer: writer)
        for input in inputs { try merger.copy(input) }
        return try merger.finish(inputs, createdAt: engine.environment.time.wallNow)
    }

    @Test func otherWorkOnTheTabletKeepsItAway() throws {
        let fixture = try EngineFixture()
        let (engine, _) = try loaded(fixture, [1, 1, 1, 1, 1])
        let tablet = try engine.tablet1()
        #expect(engine.dueCompactions().map(\.tabletID) == [1])
        #expect(tablet.tryBegin(.clone))
        #expect(throws: EngineError.busy(1, what: "clone")) { try engine.compactNow() }
        #expect(engine.dueCompactions().isEmpty)
        #expect(!tablet.tryBegin(.compaction))
        tablet.end(.clone)
        try engine.compactNow()
        #expect(tablet.currentWork == nil)
    }

    @Test func anUnknownTabletAndAWrongSchemaAreErrors() throws {
        let fixture = try EngineFixture()
        let (engine, _) = try loaded(fixture, [1])
        #expect(throws: EngineError.unknownTablet(9)) { try engine.compactNow(9) }
        #expect(throws: EngineError.schemaHashMismatch(1, local: 7, requested: 8)) {
            try engine.compact(CompactionRequest(tabletID: 1, schemaHash: 8, kind: .base), isAsked: true)
        }
        #expect(try engine.compactNow() == .nothing)
    }

    @Test func aFullDirIsNamedAndNothingIsLost() throws {
        var options = EngineOptions.small
        options.floodStageUsagePercent = 90
        let fixture = try EngineFixture(
            dirs: [DataDirSpec(path: "/be/d1", capacityBytes: 200)], options: options)
        let (engine, tablet) = try loaded(fixture, [10, 10])
        #expect {
            try engine.compactNow()
        } throws: { error in
            "\(error)".contains("/be/d1")
        }
        #expect(try readRows(engine, 1) == tablet.rows)
        #expect(engine.strayFiles(fixture) == [])
    }

    @Test func aTabletDroppedMeanwhileEndsItCleanly() throws {
        let fixture = try EngineFixture()
        let (engine, _) = try loaded(fixture, [10, 10])
        // The drop comes when the compaction syncs its first segment.
        let hook = DropHook(engine)
        let inner = fixture.machine.fileSystem
        let outcome = try engine.compactNow(during: { hook.drop() }, on: inner, fixture)
        #expect(outcome == .superseded)
        #expect(hook.error == nil)
        try engine.sweepTrash()
        #expect(fixture.segmentFiles == [])
        #expect(engine.tabletCount == 0)
    }

    // MARK: What is due

    @Test func tabletsWithMostToMergeComeFirst() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        for (id, loads) in [(1, 5), (2, 7), (3, 2)] as [(TabletID, Int64)] {
            _ = try engine.createTablet(.sample(id))
            for number in 1...loads {
                let transaction = TransactionID(id.rawValue * 100 + number)
                _ = fixture.serve("http://fe/\(transaction)", ["a"])
                _ = try engine.push(.sample(id, transaction: transaction, url: "http://fe/\(transaction)"))
                _ = try engine.publish(.sample(transaction, Version(number + 1)))
            }
        }
        let due = engine.dueCompactions()
        #expect(due.map(\.tabletID) == [2, 1])
        #expect(due.map(\.score) == [7, 5])
        #expect(engine.maxCompactionScore == 7)
        for run in due {
            _ = try engine.compact(CompactionRequest(tabletID: run.tabletID, kind: run.kind), isAsked: false)
        }
        #expect(engine.dueCompactions().isEmpty)
        #expect(engine.maxCompactionScore == 2)
    }
}

/// Drops tablet 1 in the midst of something else.
private final class DropHook {
    private let engine: StorageEngine
    private(set) var error: (any Error)?

    init(_ engine: StorageEngine) { self.engine = engine }

    func drop() {
        do {
            try engine.dropTablet(DropTabletRequest(tabletID: 1))
        } catch {
            self.error = error
        }
    }
}

extension StorageEngine {
    /// Merges tablet 1 by hand, with something in between.
    fileprivate func compactNow(
        during body: () -> Void, on fileSystem: MemoryFileSystem, _ fixture: EngineFixture
    ) throws -> CompactionOutcome {
        let tablet = try tablet1()
        let hold = try tablet.hold()
        defer { withExtendedLifetime(hold) {} }
        let inputs = Array(tablet.snapshot.rowsets.dropFirst())
        let writer = RowsetWriter(tablet, id: environment.random.rowsetID(), now: environment.time.wallNow)
        defer { writer.end() }
        do {
            var merger = RowsetMerger(engine: self, tablet: tablet, writer: writer)
            try merger.copy(inputs[0])
            body()
            try merger.copy(inputs[1])
            return .nothing
        } catch EngineError.tabletNotRunning {
            writer.abandon()
            return .superseded
        }
    }
}
