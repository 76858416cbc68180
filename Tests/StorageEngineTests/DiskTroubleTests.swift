import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

/// Full is not broken, read-only is not broken, and what could not be opened is not lost. // found A8
@Suite struct DiskTroubleTests {
    private let rows = sampleRows(40)

    /// An engine with one tablet that holds rows, and a second load on offer.
    private func loaded(_ fixture: EngineFixture) throws -> StorageEngine {
        let engine = try fixture.start()
        try engine.persistClusterID(42)
        _ = try engine.createTablet(.sample(1))
        _ = fixture.serve("http://fe/1", rows)
        _ = try engine.push(.sample(1, transaction: 5, url: "http://fe/1"))
        #expect(try engine.publish(.sample(5, 2)).failures.isEmpty)
        _ = fixture.serve("http://fe/2", ["more"])
        return engine
    }

    private func fixture() throws -> EngineFixture {
        var options = EngineOptions.small
        // Only what the disk itself says is asked here.
        options.floodStageUsagePercent = 100
        return try EngineFixture(options: options)
    }

    /// Somebody else takes all that is left.
    private func fill(_ fixture: EngineFixture) {
        fixture.machine.fileSystem.capacityBytes = fixture.machine.fileSystem.usedBytes
    }

    private func expectServed(_ engine: StorageEngine, _ state: DiskState) throws {
        #expect(try readRows(engine, 1) == rows)
        #expect(engine.tabletReport().rows.count == 1)
        let disk = try #require(engine.diskReports().first)
        #expect(disk.isUsed && disk.condition.state == state && !disk.takesData)
        #expect(disk.condition.reason.contains("/be/d1") && disk.condition.since != nil)
    }

    private func expectWritable(_ engine: StorageEngine) throws {
        #expect(engine.checkDataDirs().recovered == ["/be/d1"])
        #expect(engine.diskReports().map(\.takesData) == [true])
        _ = try engine.push(.sample(1, transaction: 6, url: "http://fe/2"))
        #expect(try engine.publish(.sample(6, 3)).failures.isEmpty)
        #expect(try readRows(engine, 1).count == 41)
    }

    @Test func aFullDirIsReadAndReportedAndTakesRowsAgainOnceThereIsRoom() throws {
        let fixture = try fixture()
        let engine = try loaded(fixture)
        fill(fixture)
        #expect(engine.checkDataDirs().wentBad == ["/be/d1"])
        try expectServed(engine, .full)
        let error = #expect(throws: EngineError.self) {
            try engine.push(.sample(1, transaction: 6, url: "http://fe/2"))
        }
        #expect("\(error!)".contains("full"))
        fixture.machine.fileSystem.capacityBytes = 1 << 40
        try expectWritable(engine)
    }

    @Test func aBackendWhoseOnlyDirIsFullStartsAndFreesItsOwnTrash() throws {
        let fixture = try fixture()
        try {
            let engine = try loaded(fixture)
            _ = try engine.createTablet(.sample(2))
            _ = fixture.serve("http://fe/3", rows)
            _ = try engine.push(.sample(2, transaction: 7, url: "http://fe/3"))
            _ = try engine.publish(.sample(7, 3))
            try engine.dropTablet(DropTabletRequest(tabletID: 2, schemaHash: 7))
            engine.close()
        }()
        fixture.machine.crash()
        let left = fixture.machine.fileSystem.usedBytes
        fill(fixture)
        let engine = try fixture.start()
        #expect(engine.clusterID == 42)
        try expectServed(engine, .full)
        // Its own trash is what a person removes first.
        try engine.sweepTrash(all: true)
        #expect(fixture.machine.fileSystem.usedBytes < left)
        try expectWritable(engine)
    }

    @Test func aDirThatTurnsReadOnlyIsReadAndReportedAndNothingOfItChanges() throws {
        let fixture = try fixture()
        var engine = try loaded(fixture)
        fixture.machine.fileSystem.setReadOnly("/be/d1")
        #expect(engine.checkDataDirs().wentBad == ["/be/d1"])
        try expectServed(engine, .readOnly)
        let before = fixture.machine.keyValueStores.entries("/be/d1/meta").count
        #expect(throws: EngineError.self) { try engine.push(.sample(1, transaction: 6, url: "http://fe/2")) }
        #expect(throws: EngineError.self) { try engine.createTablet(.sample(3)) }
        #expect(throws: EngineError.self) {
            try engine.dropTablet(DropTabletRequest(tabletID: 1, schemaHash: 7))
        }
        #expect(throws: EngineError.self) {
            try engine.compact(CompactionRequest(tabletID: 1, schemaHash: 7, kind: .base), isAsked: true)
        }
        try engine.sweepTrash(all: true)
        #expect(fixture.machine.keyValueStores.entries("/be/d1/meta").count == before)
        engine.close()
        fixture.machine.crash()
        // So it starts.
        engine = try fixture.start()
        try expectServed(engine, .readOnly)
        fixture.machine.fileSystem.setReadOnly(nil)
        try expectWritable(engine)
    }

    @Test func aReadOnlyDirIsServedAlthoughSomethingOfItWouldBeCleanedUp() throws {
        let fixture = try fixture()
        try {
            let engine = try loaded(fixture)
            let published = fixture.segmentFiles
            _ = try engine.push(.sample(1, transaction: 6, url: "http://fe/2"))
            let pending = try #require(fixture.segmentFiles.first { !published.contains($0) })
            try fixture.machine.fileSystem.remove(pending)
            engine.close()
        }()
        fixture.machine.fileSystem.setReadOnly("/be/d1")
        let engine = try fixture.start()
        try expectServed(engine, .readOnly)
        #expect(engine.pending.count == 0)
    }

    @Test func aProcessWithoutDescriptorsConcludesNothingAboutItsDisks() throws {
        let fixture = try fixture()
        let engine = try loaded(fixture)
        fixture.machine.fileSystem.setTrouble(.exhausted)
        let check = engine.checkDataDirs()
        #expect(check.wentBad.isEmpty && check.recovered.isEmpty)
        #expect(throws: FileSystemError.self) { try readRows(engine, 1) }
        #expect(engine.tabletReport().rows.count == 1)
        fixture.machine.fileSystem.setTrouble(nil)
        #expect(try readRows(engine, 1) == rows)
        #expect(engine.counters.lostRowsets == 0)
    }

    @Test func aDiskThatIsAwayCostsNoRowset() throws {
        let fixture = try fixture()
        let engine = try loaded(fixture)
        // An unmounted disk: its mount point is there, and empty.
        try fixture.machine.fileSystem.rename("/be/d1", to: "/be/away")
        try fixture.machine.fileSystem.createDirectory("/be/d1")
        #expect(throws: FileSystemError.self) { try readRows(engine, 1) }
        #expect(engine.checkDataDirs().wentBad == ["/be/d1"])
        #expect(engine.tabletReport().rows.count == 0)
        #expect(engine.dataDirs[0].failure?.contains("mounted") == true)
        #expect(try fixture.machine.fileSystem.list("/be/d1").isEmpty)
        try fixture.machine.fileSystem.remove("/be/d1")
        try fixture.machine.fileSystem.rename("/be/away", to: "/be/d1")
        #expect(engine.checkDataDirs().recovered == ["/be/d1"])
        #expect(try readRows(engine, 1) == rows)
        #expect(engine.counters.lostRowsets == 0)
    }

    @Test func oneErrorOfAProbeIsNoBadDisk() throws {
        let fixture = try fixture()
        let engine = try loaded(fixture)
        fixture.plan.restart(.fail(1))
        #expect(engine.checkDataDirs().wentBad.isEmpty)
        #expect(fixture.plan.wasTouched)
        fixture.plan.restart(.failFrom(0))
        #expect(engine.checkDataDirs().wentBad == ["/be/d1"])
    }

    @Test func aFullDirGetsTheClusterIDOnceThereIsRoom() throws {
        let fixture = try EngineFixture(dirs: [DataDirSpec(path: "/be/d1"), DataDirSpec(path: "/be/d2")])
        let engine = try fixture.start()
        fixture.plan.restart(.none)
        fixture.machine.fileSystem.setReadOnly("/be/d2")
        try engine.persistClusterID(42)
        #expect(engine.dataDirs.map(\.health.state) == [.good, .readOnly])
        fixture.machine.fileSystem.setReadOnly(nil)
        _ = engine.checkDataDirs()
        #expect(try fixture.machine.fileSystem.readAll("/be/d2/cluster_id") == Array("42".utf8))
    }

    @Test func aClusterIDThatDoesNotFitTakesNoDirOutOfUse() throws {
        let fixture = try fixture()
        let engine = try fixture.start()
        fill(fixture)
        #expect(throws: (any Error).self) { try engine.persistClusterID(42) }
        #expect(engine.dataDirs[0].health.state == .full && engine.dataDirs[0].isUsable)
        fixture.machine.fileSystem.capacityBytes = 1 << 40
        _ = engine.checkDataDirs()
        try engine.persistClusterID(42)
        #expect(engine.clusterID == 42)
    }

    @Test func theAgeOfAStateIsThatOfItsBeginning() throws {
        let fixture = try fixture()
        let engine = try loaded(fixture)
        fill(fixture)
        _ = engine.checkDataDirs()
        let since = engine.dataDirs[0].health.since
        try fixture.time.advance(by: .seconds(60))
        _ = engine.checkDataDirs()
        #expect(since != nil && engine.dataDirs[0].health.since == since)
        #expect(fixture.time.wallNow > since!)
    }
}
