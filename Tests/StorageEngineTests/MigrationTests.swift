import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct MigrationTests {
    @Test func aTabletMovesWithAllThatItHas() throws {
        var node = try MigrationFixture()
        let before = try node.engine.tablet1()
        let stale = before.staleRowsets.map(\.meta)
        #expect(stale.count > 1)
        let target = try node.other
        let row = try node.migrate()
        #expect(row.pathHash == target.pathHash && row.medium == target.medium)
        for _ in 0..<2 {
            let tablet = try node.engine.tablet1()
            #expect(tablet.dataDir.path == target.path)
            #expect(tablet.staleRowsets.map(\.meta) == stale)
            #expect(tablet.header.move == nil)
            #expect(try readRows(node.engine, 1) == node.loaded.rows)
            // A version that was merged away can still be read.
            #expect(try readRows(node.engine, 1, version: 3).count == 21)
            #expect(node.engine.tabletReport().rows.count == 1)
            try node.restart()
        }
        #expect(try node.engine.publish(.sample(MigrationFixture.pendingTransaction, 6)).published == [1])
        #expect(try readRows(node.engine, 1) == node.loaded.rows + MigrationFixture.pendingRows)
        try node.loaded.load(in: node.engine)
        _ = try node.engine.compactNow()
        #expect(try readRows(node.engine, 1) == node.loaded.rows + MigrationFixture.pendingRows)
        try node.checkClean()
        #expect(node.engine.counters.lostRowsets == 0)
    }

    @Test func whatItLeavesIsInTheTrash() throws {
        let node = try MigrationFixture()
        let source = try node.dir
        let files = node.fixture.segmentFiles.filter { $0.hasPrefix(source.layout.data) }
        #expect(!files.isEmpty)
        try node.migrate()
        let trash = node.fixture.machine.fileSystem.allFiles().map(\.path).filter { $0.hasPrefix(source.layout.trash) }
        #expect(trash.count == files.count)
        #expect(source.report.dataUsedBytes == 0)
        #expect(source.report.trashUsedBytes > 0)
        try node.checkClean()
    }

    @Test func itMovesThereAndBackAgain() throws {
        var node = try MigrationFixture()
        for _ in 0..<4 {
            try node.migrate()
            #expect(try readRows(node.engine, 1) == node.loaded.rows)
            try node.checkClean()
        }
        try node.restart()
        #expect(try readRows(node.engine, 1) == node.loaded.rows)
    }

    @Test func aTabletWithoutRowsMoves() throws {
        var node = try MigrationFixture()
        _ = try node.engine.createTablet(.sample(2, partition: 21))
        let from = try node.engine.tablet(2).dataDir
        let to = try #require(node.engine.dataDirs.first { $0 !== from })
        _ = try MigrationService(engine: node.engine).migrate(
            MigrateRequest(tabletID: 2, schemaHash: 7, dataDir: to.path))
        try node.restart()
        #expect(try node.engine.tablet(2).dataDir.path == to.path)
        #expect(try readRows(node.engine, 2) == [])
    }

    @Test func aHoleInTheVersionsMovesToo() throws {
        let node = try MigrationFixture()
        _ = node.fixture.serve("http://fe/late", sampleRows(2, "late"))
        _ = try node.engine.push(.sample(1, transaction: 77, url: "http://fe/late"))
        _ = try node.engine.publish(.sample(77, 9), gaps: .accept)
        let row = try node.migrate()
        #expect(row.versionMiss)
        #expect(try node.engine.tablet1().snapshot.maxContinuousVersion == 5)
    }

    // MARK: By medium

    @Test func aMediumIsFoundByItself() throws {
        let node = try MigrationFixture()
        let here = try node.dir
        let medium: StorageMedium = here.medium == .hdd ? .ssd : .hdd
        let service = MigrationService(engine: node.engine)
        #expect(throws: MigrationError.sameMedium(1, here.medium)) {
            try service.migrate(MigrateRequest(tabletID: 1, schemaHash: 7, medium: here.medium))
        }
        let row = try service.migrate(MigrateRequest(tabletID: 1, schemaHash: 7, medium: medium))
        #expect(row.medium == medium)
        let third = StorageMedium(rawValue: 7)
        #expect(throws: MigrationError.noSuchMedium(1, third)) {
            try service.migrate(MigrateRequest(tabletID: 1, schemaHash: 7, medium: third))
        }
    }

    @Test func theLeastLoadedDirOfTheMediumIsTaken() throws {
        var specs = MigrationFixture.twoDirs
        specs.append(DataDirSpec(path: "/be/d3", medium: .ssd))
        let fixture = try EngineFixture(dirs: specs)
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1, medium: .hdd))
        var loads = 0
        for id in 2...20 {
            loads += 1
            _ = try engine.createTablet(.sample(TabletID(Int64(id)), medium: .ssd))
        }
        let least = try #require(engine.dataDirs.filter { $0.medium == .ssd }.min { $0.load < $1.load })
        let row = try MigrationService(engine: engine).migrate(
            MigrateRequest(tabletID: 1, schemaHash: 7, medium: .ssd))
        #expect(row.pathHash == least.pathHash)
    }

    @Test func oneMediumAloneIsNoChoice() throws {
        let node = try MigrationFixture(["/be/d1", "/be/d2"].map { DataDirSpec(path: $0) })
        #expect(throws: MigrationError.oneMedium(1, .hdd)) {
            try MigrationService(engine: node.engine).migrate(
                MigrateRequest(tabletID: 1, schemaHash: 7, medium: .ssd))
        }
    }

    // MARK: Refusals

    @Test(arguments: [
        "", "/", "/be", "/be/d1/../d2", "/be/d2/.", "/be//d2", "be/d2", " /be/d2", "/be/d2 ", "/be/d2\u{0}", "/be/デ",
        "/be/d2/data", "/BE/D2", String(repeating: "x", count: 100_000),
    ])
    func onlyADirOfThisBackendIsATarget(path: String) throws {
        let node = try MigrationFixture()
        let error = #expect(throws: MigrationError.self) { try node.migrate(to: path) }
        #expect(error?.statusCode == .invalidArgument)
        #expect((error?.description.utf8.count ?? 0) < 1000)
        #expect(try readRows(node.engine, 1) == node.loaded.rows)
        try node.checkClean()
    }

    @Test func aSlashAtTheEndIsFine() throws {
        let node = try MigrationFixture()
        let target = try node.other
        #expect(try node.migrate(to: target.path + "/").pathHash == target.pathHash)
    }

    @Test func aLinkToADirIsNoDir() throws {
        let node = try MigrationFixture()
        let error = #expect(throws: MigrationError.self) { try node.migrate(to: "/be/link-to-d2") }
        #expect(error?.description.contains("it has /be/d1, /be/d2") == true)
    }

    @Test func dirsWithSpacesAndOtherScriptsAreDirs() throws {
        let specs = ["/be/mit leerraum", "/be/データ"].map { DataDirSpec(path: $0) }
        let node = try MigrationFixture(specs)
        for _ in 0..<2 { try node.migrate() }
        #expect(try readRows(node.engine, 1) == node.loaded.rows)
    }

    @Test func theSamePlaceUnknownTabletsAndOtherSchemasAreRefused() throws {
        let node = try MigrationFixture()
        let here = try node.dir
        #expect(throws: MigrationError.sameDir(1, dir: here.path)) { try node.migrate(to: here.path) }
        let service = MigrationService(engine: node.engine)
        #expect(throws: EngineError.unknownTablet(2)) {
            try service.migrate(MigrateRequest(tabletID: 2, schemaHash: 7, dataDir: here.path))
        }
        #expect(throws: EngineError.schemaHashMismatch(1, local: 7, requested: 8)) {
            try service.migrate(MigrateRequest(tabletID: 1, schemaHash: 8, dataDir: try node.other.path))
        }
        for id in [0, -1, Int64.min] {
            #expect(throws: EngineError.self) {
                try service.migrate(MigrateRequest(tabletID: TabletID(id), schemaHash: 7, dataDir: here.path))
            }
        }
        try node.engine.dropTablet(DropTabletRequest(tabletID: 1))
        #expect(throws: EngineError.unknownTablet(1)) {
            try service.migrate(MigrateRequest(tabletID: 1, schemaHash: 7, dataDir: here.path))
        }
    }

    /// The dir would be full with the tablet, although it is not now; and one that is full already.
    @Test(arguments: [Int64(2500), 1]) func aDirThatWouldBeFullIsRefused(capacity: Int64) throws {
        var specs = [DataDirSpec(path: "/be/d1", medium: .hdd), DataDirSpec(path: "/be/d2", medium: .ssd)]
        specs[1].capacityBytes = capacity
        var options = EngineOptions.small
        options.floodStageUsagePercent = 50
        options.floodStageLeftBytes = 1
        let fixture = try EngineFixture(dirs: specs, options: options)
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1, medium: .hdd))
        _ = fixture.serve("http://fe/rows", sampleRows(200))
        _ = try engine.push(.sample(1, transaction: 5, url: "http://fe/rows"))
        _ = try engine.publish(.sample(5, 2))
        for request in [
            MigrateRequest(tabletID: 1, schemaHash: 7, dataDir: "/be/d2"),
            MigrateRequest(tabletID: 1, schemaHash: 7, medium: .ssd),
        ] {
            let error = #expect(throws: EngineError.self) { try MigrationService(engine: engine).migrate(request) }
            #expect(error?.description.contains("/be/d2 is full") == true, "\(error?.description ?? "")")
        }
        #expect(try readRows(engine, 1) == sampleRows(200))
    }

    @Test(arguments: [TabletWork.compaction, .clone, .cooldown]) func otherWorkOnTheTabletGoesFirst(work: TabletWork)
        throws
    {
        let node = try MigrationFixture()
        let tablet = try node.engine.tablet1()
        #expect(tablet.tryBegin(work))
        let error = #expect(throws: EngineError.self) { try node.migrate() }
        #expect(error?.statusCode == .aborted && error?.description.contains(work.rawValue) == true)
        tablet.end(work)
        try node.migrate()
    }

    @Test func aBadReplicaStaysWhereItIs() throws {
        let node = try MigrationFixture()
        try node.engine.tablet1().markBroken("a test")
        #expect(throws: EngineError.brokenTablet(1, reason: "a test")) { try node.migrate() }
    }

    /// What is copied is what was written: a corrupt file is found, costs its rowset as any reader's find does, and the rest
    /// can move then.
    @Test func aCorruptFileIsNotCopied() throws {
        let node = try MigrationFixture()
        let tablet = try node.engine.tablet1()
        let rowset = try #require(tablet.rowsets.last { !$0.meta.segments.isEmpty })
        let path = tablet.segmentPath(rowset.meta.id, 0)
        var bytes = try node.fixture.machine.fileSystem.readAll(path)
        bytes[bytes.count / 2] ^= 0x40
        try node.fixture.machine.fileSystem.replaceFile(path, with: bytes)
        let error = #expect(throws: SegmentError.self) { try node.migrate() }
        #expect(error?.file == path)
        #expect(node.engine.counters.lostRowsets == 1)
        let row = try node.migrate()
        #expect(row.versionMiss || row.version < 5)
        try node.checkClean()
    }

    // MARK: Readers and writers beside it

    @Test func aReaderKeepsWhatItReads() throws {
        let node = try MigrationFixture()
        let source = try node.dir
        var scan: TabletScan? = try node.engine.openScan(1)
        try node.migrate()
        var rows: [String] = []
        while let block = try scan?.next() { block.forEachRow { rows.append(String(decoding: $0, as: UTF8.self)) } }
        #expect(rows == node.loaded.rows)
        #expect(node.engine.leaving.all.map(\.dataDir.path) == [source.path])
        // Neither back into what is still being read, nor dropped without it.
        #expect(throws: EngineError.self) { try node.migrate(to: source.path) }
        scan = nil
        try node.checkClean()
    }

    @Test func aDropAfterAMoveThatIsStillReadRemovesBoth() throws {
        var node = try MigrationFixture()
        var scan: TabletScan? = try node.engine.openScan(1)
        try node.migrate()
        try node.engine.dropTablet(DropTabletRequest(tabletID: 1))
        withExtendedLifetime(scan) {}
        scan = nil
        try node.engine.sweepTrash(all: true)
        #expect(node.fixture.segmentFiles == [])
        try node.restart()
        #expect(node.engine.tabletCount == 0)
        #expect(node.engine.diskReports().allSatisfy { $0.dataUsedBytes == 0 })
    }

    /// Before each operation of the move a load is published, or a transaction cleared: nothing is lost or comes back.
    @Test(arguments: ["publish", "push", "clear", "meta", "drop"]) func changesBesideItAreKept(kind: String) throws {
        var steps = 0
        while true {
            var node = try MigrationFixture()
            let engine = node.engine
            let fixture = node.fixture
            var rows = node.loaded.rows
            let place: Comment = "\(kind) at step \(steps)"
            _ = fixture.serve("http://fe/late", sampleRows(2, "late"))
            // Those of the switch are under the tablet's turn: what comes then waits for it.
            fixture.interruption.before(
                skipping: steps,
                { $0.seam == .file && !$0.name.hasPrefix("sync") && $0.name != "rename" }
            ) {
                #expect(throws: Never.self, place) { try Self.change(kind, engine) }
            }
            try node.migrate()
            let isOver = fixture.interruption.cancel()
            if !isOver, kind == "publish" { rows += MigrationFixture.pendingRows }
            try node.restart()
            #expect(try readRows(node.engine, 1) == rows, place)
            #expect(node.engine.pending.count == Self.pending(after: kind, done: !isOver), place)
            if !isOver, kind == "meta" { #expect(try node.engine.tablet1().partitionID == 33, place) }
            try node.checkClean(place)
            if isOver { break }
            steps += 1
        }
        #expect(steps > 8)
    }

    private static func change(_ kind: String, _ engine: StorageEngine) throws {
        switch kind {
        case "publish": _ = try engine.publish(.sample(MigrationFixture.pendingTransaction, 6))
        case "push":
            _ = try engine.push(.sample(1, transaction: 901, url: "http://fe/late"))
        case "clear":
            try engine.clearTransaction(ClearTransactionRequest(transactionID: MigrationFixture.pendingTransaction))
        case "meta":
            _ = try engine.updateTabletMeta([TabletMetaUpdate(tabletID: 1, partitionID: 33)])
        default:
            // The FE sends the DROP again.
            #expect(throws: EngineError.self) { try engine.dropTablet(DropTabletRequest(tabletID: 1)) }
        }
    }

    private static func pending(after kind: String, done: Bool) -> Int {
        switch kind {
        case "publish", "clear": done ? 0 : 1
        case "push": done ? 2 : 1
        default: 1
        }
    }

    /// While loads come during each round there is no end.
    @Test func aTabletThatNeverRestsIsGivenUp() throws {
        let node = try MigrationFixture()
        let (engine, fixture) = (node.engine, node.fixture)
        let next = Counter()
        _ = fixture.serve("http://fe/one", sampleRows(1))
        fixture.interruption.always({ $0.name == "sync folder" && $0.target.hasSuffix("/migration/1/7") }) {
            let transaction = TransactionID(2000 + next.take())
            _ = try? engine.push(.sample(1, transaction: transaction, url: "http://fe/one"))
        }
        #expect(throws: MigrationError.keepsChanging(1, rounds: 50)) { try node.migrate() }
        fixture.interruption.stop()
        try node.checkClean()
        try node.migrate()
    }
}
