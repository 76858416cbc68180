import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct DropTests {
    private func loaded(_ fixture: EngineFixture, rows: Int = 20, policy: String = "") throws -> StorageEngine {
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1, policy: policy))
        _ = fixture.serve("http://fe/1", sampleRows(rows))
        _ = try engine.push(.sample(1, transaction: 5, url: "http://fe/1"))
        _ = try engine.publish(.sample(5, 2))
        return engine
    }

    @Test func droppedTabletIsInTheTrashUntilItsTime() throws {
        let fixture = try EngineFixture()
        let engine = try loaded(fixture)
        let bytes = engine.diskReports()[0].dataUsedBytes
        try engine.dropTablet(DropTabletRequest(tabletID: 1, schemaHash: 7, replicaID: 500))
        #expect(throws: EngineError.unknownTablet(1)) { try engine.dropTablet(DropTabletRequest(tabletID: 1)) }
        #expect(fixture.segmentFiles.isEmpty)
        #expect(engine.diskReports()[0].dataUsedBytes == 0)
        #expect(engine.diskTrash()[0].usedBytes == bytes)
        try engine.sweepTrash()
        #expect(engine.diskTrash()[0].usedBytes == bytes)
        try fixture.time.advance(by: .seconds(259_201))
        try engine.sweepTrash()
        #expect(engine.diskTrash()[0].usedBytes == 0)
        #expect(fixture.machine.keyValueStores.entries("/be/d1/meta").map(\.key) == [Array("F".utf8)])
    }

    @Test func sweepOfAllEmptiesTheTrashAtOnce() throws {
        let fixture = try EngineFixture()
        let engine = try loaded(fixture)
        try engine.dropTablet(DropTabletRequest(tabletID: 1))
        try engine.sweepTrash(all: true)
        #expect(try fixture.machine.fileSystem.list("/be/d1/trash").isEmpty)
    }

    @Test func otherReplicaOrSchemaIsNotDropped() throws {
        let fixture = try EngineFixture()
        let engine = try loaded(fixture)
        #expect(throws: EngineError.replicaMismatch(1, local: 500, requested: 501)) {
            try engine.dropTablet(DropTabletRequest(tabletID: 1, replicaID: 501))
        }
        #expect(throws: EngineError.schemaHashMismatch(1, local: 7, requested: 8)) {
            try engine.dropTablet(DropTabletRequest(tabletID: 1, schemaHash: 8))
        }
        #expect(try readRows(engine, 1).count == 20)
    }

    @Test func scanGoesOnOverADrop() throws {
        let fixture = try EngineFixture()
        let engine = try loaded(fixture)
        do {
            let scan = try engine.openScan(1)
            let first = try scan.next()
            #expect(first != nil)
            try engine.dropTablet(DropTabletRequest(tabletID: 1))
            #expect(throws: EngineError.unknownTablet(1)) { try engine.openScan(1) }
            #expect(throws: EngineError.busy(1, what: "the drop of its former replica")) {
                try engine.createTablet(.sample(1))
            }
            var rows = first?.rowCount ?? 0
            while let block = try scan.next() { rows += block.rowCount }
            #expect(rows == 20)
            #expect(!fixture.segmentFiles.isEmpty)
        }
        try engine.sweepTrash()
        #expect(fixture.segmentFiles.isEmpty)
        _ = try engine.createTablet(.sample(1))
    }

    @Test func dropTakesPendingRowsetsAlong() throws {
        let fixture = try EngineFixture()
        let engine = try loaded(fixture)
        _ = fixture.serve("http://fe/2", sampleRows(3))
        _ = try engine.push(.sample(1, transaction: 6, url: "http://fe/2"))
        try engine.dropTablet(DropTabletRequest(tabletID: 1))
        #expect(engine.pending.count == 0)
        _ = try engine.createTablet(.sample(1))
        #expect(try engine.publish(.sample(6, 2)).failures.map(\.tabletID) == [1])
    }

    @Test func dropOfATableRemembersTheRemoteFolder() throws {
        let fixture = try EngineFixture()
        let engine = try loaded(fixture, policy: "cold")
        try engine.dropTablet(DropTabletRequest(tabletID: 1, isDropTableOrPartition: true))
        let garbage = try engine.remoteTabletGarbage()
        #expect(garbage.map(\.garbage) == [RemoteTabletGarbage(tabletID: 1, resources: ["cold"])])
        try engine.finishRemoteTabletGarbage(1, in: garbage[0].dir)
        #expect(try engine.remoteTabletGarbage().isEmpty)
    }

    @Test func dropOfAReplicaLeavesTheRemoteFolder() throws {
        let fixture = try EngineFixture()
        let engine = try loaded(fixture, policy: "cold")
        try engine.dropTablet(DropTabletRequest(tabletID: 1, isDropTableOrPartition: false))
        #expect(try engine.remoteTabletGarbage().isEmpty)
    }
}
