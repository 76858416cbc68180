import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct AlterTests {
    private let fixture: EngineFixture
    private let engine: StorageEngine

    init() throws {
        fixture = try EngineFixture()
        engine = try fixture.start()
        try AlterFixture.prepare(fixture, engine)
    }

    @Test func rowsComeInNewColumnsAndLoadsBesideItStay() throws {
        #expect(try engine.tablet(2).header.state == .notReady)
        let row = try engine.alter(AlterFixture.alter(3))
        #expect(row.version == 4)
        #expect(!row.versionMiss && row.isUsed)
        #expect(try engine.visible(2) == "[0-3][4-4]")
        #expect(try readRows(engine, 2) == AlterFixture.allRows)
        #expect(try readRows(engine, 2, version: 3) == Array(AlterFixture.allRows.prefix(17)))
        // The base is as it was, and the task can come again.
        #expect(try engine.visible(1) == "[0-1][2-2][3-3][4-4]")
        #expect(try engine.alter(AlterFixture.alter(3)).version == 4)
        #expect(engine.strayFiles(fixture) == [])
        // A publish that comes again finds its rows.
        #expect(try engine.publish(.sample(103, 3)).failures.isEmpty)
    }

    @Test func aTabletThatIsNotReadyTakesLoadsOnly() throws {
        let notReady = EngineError.tabletNotRunning(2, .notReady)
        #expect(throws: notReady) { try engine.openScan(2) }
        #expect(throws: notReady) { try engine.openScan(2, version: 1) }
        #expect(throws: notReady) { try engine.compactNow(2) }
        #expect(throws: notReady) {
            try SnapshotService(engine: engine).make(SnapshotRequest(tabletID: 2, schemaHash: 8))
        }
        #expect(engine.dueCompactions().allSatisfy { $0.tabletID != 2 })
        // Nothing is missing in it, and what it reports is whole.
        let row = try engine.createTablet(AlterFixture.newRequest())
        #expect((row.version, row.versionMiss, row.isUsed) == (1, false, false))
        // A load that began before it was made passes it by.
        let url = "http://fe/late"
        _ = fixture.serve(url, ["x,y,z"])
        _ = try engine.push(AlterFixture.push(1, 105, url))
        #expect(try engine.publish(.sample(105, 5, strict: true)).failures.isEmpty)
        #expect(try engine.alter(AlterFixture.alter(5)).version == 5)
        #expect(try readRows(engine, 2) == AlterFixture.allRows + ["z,new,x"])
    }

    @Test func stateSurvivesARestart() throws {
        let fixture = try EngineFixture()
        func restarted(_ body: (StorageEngine) throws -> Void) throws {
            let engine = try fixture.start()
            defer { engine.close() }
            try body(engine)
        }
        try restarted { try AlterFixture.prepare(fixture, $0) }
        try restarted { engine in
            let header = try engine.tablet(2).header
            #expect(header.state == .notReady)
            #expect(header.alterBaseID == 1)
            _ = try engine.alter(AlterFixture.alter(3))
        }
        try restarted { engine in
            let rows = try readRows(engine, 2)
            #expect(rows == AlterFixture.allRows)
            #expect(engine.strayFiles(fixture) == [])
        }
    }

    @Test func aVersionThatWasMergedAwayIsTakenWithTheRowsetThatHasIt() throws {
        try engine.compactNow(1)
        try fixture.time.advance(by: .seconds(301))
        try engine.sweepTrash()
        #expect(try engine.visible(1) == "[0-1][2-4]")
        let row = try engine.alter(AlterFixture.alter(3))
        #expect(row.version == 4)
        #expect(try engine.visible(2) == "[0-4]")
        #expect(try readRows(engine, 2) == AlterFixture.allRows)
        #expect(try engine.publish(.sample(104, 4)).failures.isEmpty)
    }

    @Test func allVersionsWithoutAnAlterVersion() throws {
        #expect(try engine.alter(AlterFixture.alter(nil)).version == 4)
        #expect(try readRows(engine, 2) == AlterFixture.allRows)
    }

    @Test func aLoadThatBeganBeforeTheChangeCanEndAfterIt() throws {
        let url = "http://fe/old"
        _ = fixture.serve(url, ["p,q,r"])
        _ = try engine.alter(AlterFixture.alter(3))
        _ = try engine.push(AlterFixture.push(2, 105, url))
        _ = try engine.push(AlterFixture.push(1, 105, url))
        _ = try engine.publish(.sample(105, 5))
        #expect(try readRows(engine, 2) == AlterFixture.allRows + ["r,new,p"])
    }

    // MARK: Refusals

    @Test func whatCanNotBeIsRefused() throws {
        let before = try engine.visible(2)
        expect(AlterFixture.alter(9), .internalError)  // above what the base has
        expect(AlterFixture.alter(Version.greatest.next), .invalidArgument)
        expect(AlterFixture.alter(3, hash: 9), .alreadyExist)
        var request = AlterFixture.alter(3)
        request.baseTabletID = 2
        expect(request, .invalidArgument)
        request.baseTabletID = 77
        expect(request, .notFound)
        request = AlterFixture.alter(3)
        request.newTabletID = 78
        expect(request, .notFound)
        request = AlterFixture.alter(3)
        request.kind = .migration
        expect(request, .notImplementedError)
        request = AlterFixture.alter(3)
        request.sources = [.init(column: "d", hasExpression: true)]
        expect(request, .notImplementedError)
        request.sources = [.init(column: "d", originColumn: "nowhere")]
        expect(request, .invalidArgument)
        request.sources = [.init(column: "nowhere", originColumn: "a")]
        expect(request, .invalidArgument)
        request.sources = [.init(column: "d", originColumn: "a"), .init(column: "d", originColumn: "b")]
        expect(request, .invalidArgument)
        request = AlterFixture.alter(3)
        request.baseColumns = [AlterFixture.column("a", 0)]
        expect(request, .invalidArgument)
        #expect(try engine.visible(2) == before)
        #expect(try engine.tablet(2).header.state == .notReady)
        #expect(engine.strayFiles(fixture) == [])
        _ = try engine.alter(AlterFixture.alter(3))
        // Filled from another version, or another base.
        expect(AlterFixture.alter(9), .aborted)
        request = AlterFixture.alter(3)
        request.baseTabletID = 77
        expect(request, .notFound)
    }

    private func expect(_ request: AlterRequest, _ code: StatusCode, _ location: SourceLocation = #_sourceLocation) {
        do {
            _ = try engine.alter(request)
            Issue.record("\(request) was taken", sourceLocation: location)
        } catch {
            #expect(RPCStatus(describing: error).code == code, "\(error)", sourceLocation: location)
        }
    }

    @Test func aTabletOfItsOwnIsNotReplaced() throws {
        var request = AlterFixture.newRequest()
        request.tabletID = 3
        request.baseTabletID = nil
        _ = try engine.createTablet(request)
        var alter = AlterFixture.alter(3)
        alter.newTabletID = 3
        expect(alter, .aborted)
    }

    @Test func aNewHalfNeedsItsBase() throws {
        var request = AlterFixture.newRequest()
        request.tabletID = 3
        request.baseTabletID = 99
        #expect(throws: EngineError.unknownTablet(99)) { try engine.createTablet(request) }
        request.baseTabletID = 3
        #expect(throws: EngineError.self) { try engine.createTablet(request) }
        request.baseTabletID = 1
        request.baseSchemaHash = 70
        #expect(throws: EngineError.schemaHashMismatch(1, local: 7, requested: 70)) { try engine.createTablet(request) }
    }

    @Test func rowsWithoutADelimiterAreRefused() throws {
        var schema = AlterFixture.schema(9, AlterFixture.base)
        schema.delimiter = nil
        var request = AlterFixture.newRequest(schema)
        request.tabletID = 3
        _ = try engine.createTablet(request)
        var alter = AlterFixture.alter(3, hash: 9)
        alter.newTabletID = 3
        expect(alter, .invalidArgument)
    }

    // MARK: Meanwhile

    @Test func otherWorkOnTheNewTabletRefusesIt() throws {
        let tablet = try engine.tablet(2)
        #expect(tablet.tryBegin(.clone))
        expect(AlterFixture.alter(3), .aborted)
        tablet.end(.clone)
        _ = try engine.alter(AlterFixture.alter(3))
    }

    @Test(arguments: [TabletID(1), 2]) func aDropMeanwhileEndsIt(dropped: TabletID) throws {
        let engine = engine
        fixture.interruption.before(skipping: 3, { $0.name == "append" }) {
            try? engine.dropTablet(DropTabletRequest(tabletID: dropped))
        }
        expect(AlterFixture.alter(3), .illegalState)
        #expect(!fixture.interruption.cancel())
        if dropped == 1 { #expect(try engine.tablet(2).header.state == .notReady) }
        #expect(throws: EngineError.unknownTablet(dropped)) { try engine.tablet(dropped) }
        try engine.sweepTrash(all: true)
        #expect(engine.strayFiles(fixture) == [])
    }

    @Test func clearingEndsIt() throws {
        let engine = engine
        fixture.interruption.before(skipping: 3, { $0.name == "append" }) {
            #expect(engine.alterProgress.map(\.newTabletID) == [2])
            try? engine.clearAlter(ClearAlterRequest(tabletID: 1, schemaHash: 7))
        }
        expect(AlterFixture.alter(3), .aborted)
        #expect(try engine.tablet(2).header.state == .notReady)
        #expect(engine.strayFiles(fixture) == [])
        #expect(engine.alterProgress == [])
        // Nothing to clear is fine, and the alter can be done after it.
        try engine.clearAlter(ClearAlterRequest(tabletID: 5, schemaHash: 1))
        _ = try engine.alter(AlterFixture.alter(3))
        #expect(try readRows(engine, 2) == AlterFixture.allRows)
    }

    @Test func aPublishMeanwhileIsReplacedOrKept() throws {
        let engine = engine
        let url = "http://fe/v5"
        _ = fixture.serve(url, AlterFixture.rows(5, 2))
        // While the new tablet is being filled.
        fixture.interruption.before(skipping: 3, { $0.name == "append" }) {
            for id in [TabletID(1), 2] { _ = try? engine.push(AlterFixture.push(id, 105, url)) }
            _ = try? engine.publish(.sample(105, 5))
        }
        _ = try engine.alter(AlterFixture.alter(4))
        #expect(!fixture.interruption.cancel())
        #expect(try engine.visible(2) == "[0-4][5-5]")
        #expect(
            try readRows(engine, 2) == AlterFixture.allRows + AlterFixture.altered(AlterFixture.rows(5, 2)))
    }

    @Test func namesInOtherScripts() throws {
        let names = ["城市", "имя", "nom é"]
        var base = AlterFixture.baseRequest()
        base.tabletID = 5
        base.schema.columns = names.map { AlterFixture.column($0, -1) }
        _ = try engine.createTablet(base)
        var request = AlterFixture.newRequest(
            AlterFixture.schema(8, [AlterFixture.column("город", -1), AlterFixture.column("имя", -1)]))
        request.tabletID = 6
        request.baseTabletID = 5
        _ = try engine.createTablet(request)
        let url = "http://fe/names"
        _ = fixture.serve(url, ["北京,Иван,é"])
        _ = try engine.push(.sample(5, transaction: 300, url: url))
        _ = try engine.publish(.sample(300, 2))
        var alter = AlterFixture.alter(2)
        (alter.baseTabletID, alter.newTabletID) = (5, 6)
        alter.sources = [.init(column: "город", originColumn: "城市")]
        _ = try engine.alter(alter)
        #expect(try readRows(engine, 6) == ["北京,Иван"])
    }
}
