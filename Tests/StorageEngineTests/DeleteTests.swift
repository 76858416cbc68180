import Checksums
import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

@Suite("A delete by condition") struct DeleteTests {
    /// Another life, after the power was cut.
    private func restarted(_ fixture: EngineFixture) throws -> StorageEngine {
        fixture.machine.crash()
        return try fixture.start()
    }

    private func start() throws -> (EngineFixture, StorageEngine, LoadedTablet) {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        return (fixture, engine, try LoadedTablet(fixture, engine))
    }

    @Test("takes rows of lower versions from readers of its own and later ones")
    func versions() throws {
        var (fixture, engine, tablet) = try start()
        try tablet.load(12, 9, in: engine)
        let before = tablet.rows
        try tablet.delete("*=", 3, 5, 11, in: engine)
        let after = tablet.rows
        #expect(after.count == before.count - 5)
        // The same rows again stay: they came later.
        try tablet.load(12, in: engine)
        #expect(try readRows(engine, 1) == tablet.rows && tablet.rows.count == after.count + 12)
        #expect(try readRows(engine, 1, version: 4) == after)
        #expect(try readRows(engine, 1, version: 3) == before)

        let again = try restarted(fixture)
        #expect(try readRows(again, 1) == tablet.rows)
        #expect(try readRows(again, 1, version: 4) == after)
        let request = CheckConsistencyRequest(tabletID: 1, schemaHash: 7, version: 4)
        #expect(try again.checksum(request).rowCount == Int64(after.count))
        // A report may count rows that are gone until the base compaction.
        #expect(try again.tablet1().singleRow.rowCount == Int64(before.count + 12))
        _ = try again.compactNow(1, .base)
        #expect(try again.visible() == "[0-4][5-5]")
        #expect(try again.checksum(request).rowCount == Int64(after.count))
    }

    @Test("is no rowset of rows, and hands out no empty block")
    func blocks() throws {
        var (_, engine, tablet) = try start()
        try tablet.load(40, in: engine)
        try tablet.delete("<", 39, in: engine)
        #expect(try engine.tablet1().rowsets.last?.meta.segments == [])
        let scan = try engine.openScan(1)
        var counts: [Int] = []
        while let block = try scan.next() { counts.append(block.rowCount) }
        #expect(counts == [1])
    }

    @Test("is carried out by base compaction, which alone may merge it")
    func compaction() throws {
        var (fixture, engine, tablet) = try start()
        try tablet.load(12, 9, in: engine)
        let before = tablet.rows
        try tablet.delete("<", 4, in: engine)
        try tablet.load(5, 6, in: engine)
        _ = try engine.compactNow()
        #expect(try engine.visible() == "[0-1][2-2][3-3][4-4][5-6]")
        #expect(try engine.compactNow() == .nothing)
        _ = try engine.compactNow(1, .base)
        #expect(try engine.visible() == "[0-4][5-6]")
        let merged = try #require(try engine.tablet1().rowsets.first?.meta)
        #expect(merged.rowCount == 13 && merged.droppedRows == 8 && merged.lastDelete == 4)
        #expect(merged.deletePredicate == nil && merged.writtenRows == 21)
        #expect(try readRows(engine, 1) == tablet.rows)
        // Stale paths still answer for versions before the delete.
        #expect(try readRows(engine, 1, version: 3) == before)

        try fixture.time.advance(by: .seconds(301))
        try engine.sweepTrash()
        try tablet.delete("*=", 7, in: engine)
        let again = try restarted(fixture)
        #expect(try readRows(again, 1) == tablet.rows)
        _ = try again.compactNow(1, .base)
        #expect(try again.visible() == "[0-7]")
        #expect(try readRows(again, 1) == tablet.rows)
        let all = try #require(try again.tablet1().rowsets.first?.meta)
        #expect(all.lastDelete == 7 && all.droppedRows == 8 + 2)
    }

    @Test("blocks of which no row goes are copied as they are by a compaction")
    func copiedBlocks() throws {
        var (_, engine, tablet) = try start()
        try tablet.load(30, in: engine)
        try tablet.delete("*=", 0, in: engine)
        let before = try engine.tablet1().rowsets[1].meta
        _ = try engine.compactNow(1, .base)
        let after = try #require(try engine.tablet1().rowsets.first?.meta)
        #expect(after.rowCount == before.rowCount - 1)
        #expect(try readRows(engine, 1) == tablet.rows)
    }

    @Test("of small rowsets is due for compaction at once")
    func due() throws {
        var (_, engine, tablet) = try start()
        for n in 0..<3 { try tablet.delete("*=", n, in: engine) }
        #expect(engine.dueCompactions().map(\.kind) == [.base])
        try tablet.load(12, in: engine)
        try tablet.delete("*=", 3, in: engine)
        #expect(engine.dueCompactions().map(\.kind) == [.base])
        _ = try engine.compact(CompactionRequest(tabletID: 1, kind: .base), isAsked: false)
        #expect(try engine.visible() == "[0-6]")
        #expect(try readRows(engine, 1) == tablet.rows)
    }

    @Test("the same PUSH again does nothing, other conditions replace it, a clear takes it away")
    func repetition() throws {
        var (fixture, engine, tablet) = try start()
        try tablet.load(9, in: engine)
        _ = try engine.push(.delete(1, transaction: 7, DeleteCondition("n", "=", "1")))
        let first = engine.pending.entries(of: TransactionID(7))[0].pending
        _ = try engine.push(.delete(1, transaction: 7, DeleteCondition("n", "=", "1")))
        #expect(engine.pending.entries(of: TransactionID(7))[0].pending == first)
        _ = try engine.push(.delete(1, transaction: 7, DeleteCondition("n", "=", "2")))
        #expect(engine.pending.entries(of: TransactionID(7)).count == 1)
        _ = try engine.push(.delete(1, transaction: 8, DeleteCondition("n", ">=", "0")))
        try engine.clearTransaction(ClearTransactionRequest(transactionID: 8))

        // Pending: nobody sees anything of it, nor after a restart.
        let again = try restarted(fixture)
        #expect(try readRows(again, 1).count == 9)
        #expect(
            again.pending.entries(of: TransactionID(7))[0].pending.rowset.deletePredicate?.conditions == [
                .init("n", "=", "2")
            ])
        #expect(try again.publish(.sample(7, 3)).failures.isEmpty)
        #expect(try readRows(again, 1) == tablet.rows.filter { !$0.contains(",2,") })
        // Published: the task may come again.
        _ = try again.push(.delete(1, transaction: 7, DeleteCondition("n", "=", "2")))
        #expect(again.pending.count == 0)
        #expect(try again.publish(.sample(7, 3)).failures.isEmpty)
        #expect(try again.publish(.sample(8, 4)).failures.map(\.tabletID) == [1])
    }

    @Test("of 10,000 values works, and equal ones share their storage")
    func tenThousandValues() throws {
        let (fixture, engine, loaded) = try start()
        var tablet = loaded
        _ = try engine.createTablet(.sample(2))
        try tablet.load(30, in: engine)
        let values = (20..<10_020).map { "\($0)" }
        for id in [1, 2] as [TabletID] {
            let condition = DeleteCondition(column: "n", operation: "*=", values: values)
            _ = try engine.push(.delete(id, transaction: 70, condition))
        }
        #expect(try engine.publish(.sample(70, 3)).published == [1])
        #expect(try readRows(engine, 1) == Array(tablet.rows.prefix(20)))
        let again = try restarted(fixture)
        #expect(try readRows(again, 1) == Array(tablet.rows.prefix(20)))
        let visible = try again.tablet1().rowsets.last?.meta.deletePredicate
        #expect(
            visible != nil
                && again.pending.entries(of: TransactionID(70)).first?.pending.rowset.deletePredicate === visible)
    }

    @Test(
        "what can't be done is refused before anything is made",
        arguments: [
            ("no condition", PushRequest.delete(1, transaction: 7), "no condition"),
            (
                "no transaction", .delete(1, transaction: nil, .init("n", "=", "1")),
                "names no transaction, only version -1"
            ),
            ("transaction 0", .delete(1, transaction: 0, .init("n", "=", "1")), "names no transaction"),
            (
                "unknown column", .delete(1, transaction: 7, .init("N", "=", "1")),
                "no column 'N'; the columns are k1, n, text"
            ),
            (
                "unknown operation", .delete(1, transaction: 7, .init("n", "like", "1")),
                "column n: 'like' is no comparison"
            ),
            ("no such value", .delete(1, transaction: 7, .init("n", "*=", "1", "x２")), "column n: 'x２' is no INT"),
            (
                "value too large", .delete(1, transaction: 7, .init("n", "=", "2147483648")),
                "column n: '2147483648' is no INT"
            ),
            ("null as a value", .delete(1, transaction: 7, .init("text", "=", "")), "column text: a field '' is null"),
            ("no value", .delete(1, transaction: 7, .init("n", "=")), "column n: = has 0 values"),
            ("two values", .delete(1, transaction: 7, .init("n", "=", "1", "2")), "column n: = has 2 values"),
            (
                "too many values",
                .delete(1, transaction: 7, .init(column: "n", operation: "*=", values: (0...10_000).map { "\($0)" })),
                "10001 values, at most 10000"
            ),
            (
                "a file beside it",
                PushRequest(
                    tabletID: 1, schemaHash: 7, pushType: .delete, url: "http://fe/x", transactionID: 7,
                    deleteConditions: [.init("n", "=", "1")]), "names a file to load as well"
            ),
            (
                "a load with conditions",
                PushRequest(
                    tabletID: 1, schemaHash: 7, pushType: .loadV2, url: "http://fe/x", transactionID: 7,
                    deleteConditions: [.init("n", "=", "1")]), "a load and has conditions"
            ),
        ])
    func refused(_ name: String, _ request: PushRequest, _ wanted: String) throws {
        let (fixture, engine, _) = try start()
        _ = fixture.serve("http://fe/x", ["a,1,b"])
        fixture.plan.restart()
        let error = try #require(throws: EngineError.self, "\(name)") { try engine.push(request) }
        #expect(error.statusCode == .invalidArgument)
        #expect(error.description.contains(wanted), "\(error)")
        #expect(engine.pending.count == 0 && fixture.plan.count == 0)
    }

    @Test("of a tablet whose FE told no delimiter is refused in words")
    func opaqueRows() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        var request = CreateTabletRequest.sample(1)
        request.schema.delimiter = nil
        _ = try engine.createTablet(request)
        let error = try #require(throws: EngineError.self) {
            try engine.push(.delete(1, transaction: 7, .init("n", "=", "1")))
        }
        #expect(error.statusCode == .invalidArgument && error.description.contains("where the fields of its rows end"))
    }

    @Test("no tablet takes more than so many")
    func limit() throws {
        var options = EngineOptions.small
        options.maxDeletes = 2
        let fixture = try EngineFixture(options: options)
        let engine = try fixture.start()
        var tablet = try LoadedTablet(fixture, engine)
        try tablet.load(5, in: engine)
        for n in 0..<2 { try tablet.delete("=", n, in: engine) }
        #expect(throws: EngineError.tooManyDeletes(1, count: 2)) { try tablet.delete("=", 3, in: engine) }
        _ = try engine.compactNow(1, .base)
        try tablet.delete("=", 3, in: engine)
        #expect(try readRows(engine, 1) == tablet.rows)
    }

    @Test("that does not fit the columns makes the tablet unreadable: nobody knows what it took")
    func foreign() throws {
        var (_, engine, tablet) = try start()
        try tablet.load(5, in: engine)
        var meta = try engine.tablet1().rowsets[1].meta
        meta.id = engine.environment.random.rowsetID()
        (meta.versions, meta.segments, meta.rowCount, meta.sizeBytes) = (VersionRange(3, 3), [], 0, 0)
        meta.deletePredicate = DeletePredicate.shared([.init("gone", "=", "1")])
        try engine.tablet1().commit(TabletChange(addRowsets: [meta]))
        let error = try #require(throws: EngineError.self) { try readRows(engine, 1) }
        #expect(error.description.contains("the delete of version 3: there is no column 'gone'"))
        #expect(try readRows(engine, 1, version: 2) == tablet.rows)
    }
}
