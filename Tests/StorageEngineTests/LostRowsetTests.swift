import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct LostRowsetTests {
    private func loaded(_ fixture: EngineFixture, _ counts: [Int]) throws -> (StorageEngine, LoadedTablet) {
        let engine = try fixture.start()
        var tablet = try LoadedTablet(fixture, engine)
        for count in counts { try tablet.load(count, in: engine) }
        return (engine, tablet)
    }

    private func segment(of version: Version, _ engine: StorageEngine) throws -> String {
        let tablet = try engine.tablet1()
        let rowset = try #require(tablet.rowsets.first { $0.meta.versions.contains(version) })
        return tablet.segmentPath(rowset.meta.id, 0)
    }

    private func trash(_ fixture: EngineFixture) throws -> [String] {
        try fixture.machine.fileSystem.list("/be/d1/trash")
    }

    enum Damage: CaseIterable { case removed, cutOff, corrupt }

    private func damage(_ path: String, _ damage: Damage, _ fixture: EngineFixture) throws {
        let fileSystem = fixture.machine.fileSystem
        switch damage {
        case .removed:
            try fileSystem.remove(path)
            // Or a crash would bring it back.
            try fileSystem.syncDirectory(parentDirectory(of: path))
        case .cutOff:
            let bytes = try fileSystem.readAll(path)
            try fileSystem.replaceFile(path, with: Array(bytes.dropLast(3)))
        case .corrupt: try fileSystem.corrupt(path, at: 25)
        }
    }

    private func holes(_ engine: StorageEngine) -> [TabletID] {
        var holes: [TabletID] = []
        engine.tabletReport().rows.forEachChunk { rows in holes += rows.filter(\.versionMiss).map(\.tabletID) }
        return holes
    }

    /// No grace period: a publish can't fill it.
    @Test(arguments: [Damage.removed, .cutOff]) func aStartFindsItAndReportsTheHoleAtOnce(_ kind: Damage) throws {
        let fixture = try EngineFixture()
        let (rows, path) = try {
            let (engine, tablet) = try loaded(fixture, [5, 6, 7])
            defer { engine.close() }
            return (tablet.rows, try segment(of: 3, engine))
        }()
        try damage(path, kind, fixture)
        let engine = try fixture.start()
        #expect(try engine.visible() == "[0-1][2-2][4-4]")
        let row = try engine.tablet(1).singleRow
        #expect(row.isUsed && row.versionMiss && row.version == 4 && row.versionCount == 3)
        #expect(holes(engine) == [1])
        #expect(try engine.tablet1().versionGraph.missing == [VersionRange(3, 3)])
        #expect(engine.counters.lostRowsets == 1)
        #expect(try readRows(engine, 1, version: 2) == Array(rows.prefix(5)))
        #expect(engine.strayFiles(fixture) == [])
        #expect(try trash(fixture).count == (kind == .removed ? 0 : 1))
        engine.close()
    }

    /// The loss is durable: what was taken out does not come back.
    @Test func aRestartRemembersTheLoss() throws {
        let fixture = try EngineFixture()
        try {
            let (engine, _) = try loaded(fixture, [5, 6, 7])
            try damage(try segment(of: 3, engine), .corrupt, fixture)
            #expect(throws: SegmentError.self) { try readRows(engine, 1) }
            #expect(try engine.visible() == "[0-1][2-2][4-4]")
        }()
        fixture.machine.crash()
        let engine = try fixture.start()
        #expect(try engine.visible() == "[0-1][2-2][4-4]")
        #expect(try trash(fixture).count == 1)
    }

    @Test(arguments: Damage.allCases) func aScanThatMeetsItTakesItOut(_ kind: Damage) throws {
        let fixture = try EngineFixture()
        let (engine, tablet) = try loaded(fixture, [5, 40, 7])
        let files = try #require(try engine.tablet1().rowsets.first { $0.meta.versions.start == 3 }).meta.segments.count
        #expect(files > 1)
        try damage(try segment(of: 3, engine), kind, fixture)
        #expect(throws: (any Error).self) { try readRows(engine, 1) }
        #expect(try engine.visible() == "[0-1][2-2][4-4]")
        #expect(holes(engine) == [1])
        #expect(try readRows(engine, 1) == Array(tablet.rows.prefix(5)))
        #expect(try trash(fixture).count == (kind == .removed ? files - 1 : files))
        #expect(engine.strayFiles(fixture) == [])
    }

    @Test func aCompactionThatMeetsItTakesItOutAndLeavesNothing() throws {
        let fixture = try EngineFixture()
        let (engine, tablet) = try loaded(fixture, [5, 6, 7])
        try damage(try segment(of: 3, engine), .corrupt, fixture)
        #expect(throws: SegmentError.self) { try engine.compactNow() }
        #expect(try engine.visible() == "[0-1][2-2][4-4]")
        #expect(engine.strayFiles(fixture) == [])
        #expect(try engine.compactNow() == .nothing)
        #expect(try readRows(engine, 1) == Array(tablet.rows.prefix(5)))
        #expect(try engine.tablet1().currentWork == nil)
    }

    @Test func aDiskThatAnswersWithErrorsHasLostNothing() throws {
        let fixture = try EngineFixture()
        let (engine, _) = try loaded(fixture, [5, 6])
        let error = FileSystemError(.io, operation: "read", path: "/x", message: "input/output error")
        #expect(!StorageEngine.isLoss(error))
        #expect(!StorageEngine.isLoss(SegmentError(file: "/x", .newerFormat(found: 9, supported: 1))))
        #expect(StorageEngine.isLoss(SegmentError(file: "/x", .badMagic)))
        #expect(try engine.visible() == "[0-1][2-2][3-3]")
    }

    @Test func aDirThatIsAwayHasLostNothing() throws {
        let fixture = try EngineFixture()
        let (engine, _) = try loaded(fixture, [5, 6])
        try fixture.machine.fileSystem.rename("/be/d1/data", to: "/be/away")
        #expect(throws: (any Error).self) { try readRows(engine, 1) }
        #expect(try engine.visible() == "[0-1][2-2][3-3]")
        // Its disk is what is bad: the tablet is not reported until it is back, and is whole then.
        _ = engine.checkDataDirs()
        #expect(engine.tabletReport().rows.count == 0)
        try fixture.machine.fileSystem.rename("/be/away", to: "/be/d1/data")
        _ = engine.checkDataDirs()
        #expect(try engine.tablet(1).singleRow.isUsed && engine.tabletReport().rows.count == 1)
    }

    @Test func theNewestVersionLostMakesTheReplicaLagBehind() throws {
        let fixture = try EngineFixture()
        let (engine, tablet) = try loaded(fixture, [5, 6])
        try damage(try segment(of: 3, engine), .removed, fixture)
        engine.removeOrphans(in: engine.dataDirs[0])
        let row = try engine.tablet(1).singleRow
        #expect(row.version == 2 && !row.versionMiss && row.isUsed)
        #expect(try readRows(engine, 1) == Array(tablet.rows.prefix(5)))
    }

    /// No rowset at the newest version is left: nothing can be repaired piece by piece.
    @Test func aTabletThatLosesItsOnlyRowsetIsBad() throws {
        let fixture = try EngineFixture()
        var options = EngineOptions.small
        options.compaction.promotionMinBytes = 1
        options.compaction.promotionBytes = 1
        fixture.options = options
        let (engine, _) = try loaded(fixture, [5, 6])
        try engine.compactNow(1, .base)
        try fixture.time.advance(by: .seconds(300))
        try engine.sweepTrash()
        try damage(try segment(of: 3, engine), .removed, fixture)
        engine.removeOrphans(in: engine.dataDirs[0])
        let row = try engine.tablet(1).singleRow
        #expect(row.version == .none && !row.isUsed)
    }

    // MARK: Stale rowsets

    /// A compaction's inputs are still there: nothing is lost.
    @Test func staleRowsetsTakeThePlaceOfALostOne() throws {
        let fixture = try EngineFixture()
        let rows = try {
            let (engine, tablet) = try loaded(fixture, [5, 6, 7])
            defer { engine.close() }
            try engine.compactNow()
            try damage(try segment(of: 3, engine), .corrupt, fixture)
            #expect(throws: SegmentError.self) { try readRows(engine, 1) }
            #expect(try engine.visible() == "[0-1][2-2][3-3][4-4]")
            #expect(try readRows(engine, 1) == tablet.rows)
            let row = try engine.tablet(1).singleRow
            #expect(row.isUsed && !row.versionMiss && row.version == 4)
            #expect(try engine.tablet1().staleRowsets.isEmpty)
            #expect(engine.counters.recoveredRowsets == 1)
            return tablet.rows
        }()
        fixture.machine.crash()
        let engine = try fixture.start()
        #expect(try readRows(engine, 1) == rows)
        #expect(engine.strayFiles(fixture) == [])
        try engine.compactNow()
        #expect(try engine.visible() == "[0-1][2-4]")
    }

    @Test func staleRowsetsThatAreLeftNarrowTheHole() throws {
        let fixture = try EngineFixture()
        let (engine, _) = try loaded(fixture, [5, 6, 7])
        let stale = try segment(of: 3, engine)
        try engine.compactNow()
        try damage(stale, .removed, fixture)
        try damage(try segment(of: 3, engine), .removed, fixture)
        engine.removeOrphans(in: engine.dataDirs[0])
        #expect(try engine.visible() == "[0-1][2-2][4-4]")
        #expect(holes(engine) == [1])
    }

    @Test func aLostStaleRowsetCostsOldVersionsOnly() throws {
        let fixture = try EngineFixture()
        let (engine, tablet) = try loaded(fixture, [5, 6, 7])
        let stale = try segment(of: 3, engine)
        try engine.compactNow()
        try damage(stale, .removed, fixture)
        #expect(throws: FileSystemError.self) { try readRows(engine, 1, version: 3) }
        #expect(throws: EngineError.versionNotReadable(1, 3, missing: [])) { try engine.openScan(1, version: 3) }
        #expect(try readRows(engine, 1, version: 2) == Array(tablet.rows.prefix(5)))
        #expect(try readRows(engine, 1) == tablet.rows)
        #expect(holes(engine) == [])
        try fixture.time.advance(by: .seconds(300))
        try engine.sweepTrash()
        #expect(engine.strayFiles(fixture) == [])
        #expect(try engine.tablet1().staleRowsets.isEmpty)
    }

    // MARK: Faults

    /// Each step of taking a rowset out fails or crashes in turn; after a restart it is out, and nothing else is.
    @Test(arguments: FaultKind.allCases) func aLossIsFinishedAfterARestart(kind: FaultKind) throws {
        for index in 0... {
            let fixture = try EngineFixture()
            let path = try {
                let (engine, _) = try loaded(fixture, [5, 30, 7])
                defer { engine.close() }
                return try segment(of: 3, engine)
            }()
            let wasTouched = try {
                let engine = try fixture.start()
                try damage(path, .removed, fixture)
                fixture.plan.restart(kind.fault(index))
                #expect(throws: (any Error).self) { try readRows(engine, 1) }
                if !fixture.plan.hasCrashed { engine.close() }
                return fixture.plan.wasTouched
            }()
            let place = "\(kind.rawValue) \(index): \(fixture.plan.touchedOperation?.description ?? "none")"
            if fixture.plan.hasCrashed {
                fixture.machine.crash(kind == .crashBeforeKeepingSome ? .seeded(UInt64(index)) : .everything)
            }
            fixture.plan.restart()
            let engine = try fixture.start()
            #expect(try engine.visible() == "[0-1][2-2][4-4]", "\(place)")
            #expect(engine.strayFiles(fixture) == [], "\(place)")
            #expect(try readRows(engine, 1).count == 5, "\(place)")
            if !wasTouched { break }
        }
    }
}
