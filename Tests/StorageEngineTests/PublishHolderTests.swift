import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

/// A version is one transaction's: found A3. An FE whose metadata is older than this backend gives it again.
@Suite struct PublishHolderTests {
    private func push(_ rows: [String], _ transaction: TransactionID, _ fixture: EngineFixture, _ engine: StorageEngine)
        throws
    {
        let url = "http://fe/t\(transaction)"
        _ = fixture.serve(url, rows)
        _ = try engine.push(.sample(1, transaction: transaction, url: url))
    }

    @Test(arguments: [false, true]) func anotherTransactionsVersionIsNeverReportedAsOnesOwn(isStrict: Bool) throws {
        let fixture = try EngineFixture()
        var engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        try push(["old"], 50, fixture, engine)
        _ = try engine.publish(.sample(50, 2))
        try push(["new"], 60, fixture, engine)

        let result = try engine.publish(.sample(60, 2, strict: isStrict))
        #expect(result.published.isEmpty && result.waiting.isEmpty)
        #expect(
            result.failures.map(\.error) == [.versionTaken(1, 2, holder: 50, requested: 60)])
        let status = RPCStatus(describing: try #require(result.failures.first).error)
        #expect(status.code == .alreadyExist)
        #expect(status.description.contains("transaction 50") && status.description.contains("transaction 60"))
        // Nothing is thrown away, across a restart too: the rows can still have a version of their own.
        #expect(engine.pending.count == 1)
        fixture.machine.crash()
        engine = try fixture.start()
        #expect(try engine.publish(.sample(60, 2)).failures.count == 1)
        #expect(try engine.publish(.sample(60, 3)).published == [1])
        #expect(try readRows(engine, 1) == ["old", "new"])
    }

    /// What a newer FE counts replicas by: also those of an earlier attempt, and none with another's rows.
    @Test func whoHasTheVersionIsToldWhateverTheLastAttemptDid() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        try push(["old"], 50, fixture, engine)
        #expect(engine.publishedTablets(.sample(50, 2)) == [:])
        _ = try engine.publish(.sample(50, 2))
        _ = try engine.publish(.sample(50, 2))
        #expect(engine.publishedTablets(.sample(50, 2)) == [1: 2])
        #expect(engine.publishedTablets(.sample(50, 1)) == [1: 1])
        #expect(engine.publishedTablets(.sample(60, 2)) == [:])
        #expect(engine.publishedTablets(.sample(50, 3)) == [:])
    }

    @Test func aVersionWithoutRowsPendingIsComparedToo() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        try push(["old"], 50, fixture, engine)
        _ = try engine.publish(.sample(50, 2))
        #expect(try engine.publish(.sample(50, 2)).failures.isEmpty)
        #expect(
            try engine.publish(.sample(60, 2)).failures.map(\.error)
                == [.versionTaken(1, 2, holder: 50, requested: 60)])
    }

    @Test func mergedRowsetsRememberWhoseVersionsTheyHold() throws {
        let fixture = try EngineFixture()
        var engine = try fixture.start()
        var tablet = try LoadedTablet(fixture, engine)
        for _ in 0..<5 { try tablet.load(2, in: engine) }
        try engine.compactNow()
        try fixture.time.advance(by: .seconds(301))
        try engine.sweepTrash()
        fixture.machine.crash()
        engine = try fixture.start()
        #expect(try engine.tablet1().staleRowsets.isEmpty)
        // The very same load again, from before its answer was lost: its rows are in the merged rowset.
        try push(["again"], 104, fixture, engine)
        #expect(engine.pending.count == 0)
        #expect(try engine.publish(.sample(104, 4)).failures.isEmpty)
        try push(["other"], 999, fixture, engine)
        #expect(
            try engine.publish(.sample(999, 4)).failures.map(\.error)
                == [.versionTaken(1, 4, holder: 104, requested: 999)])
        #expect(engine.pending.count == 1)
        #expect(try readRows(engine, 1) == tablet.rows)
    }

    @Test func whatIsNotKnownIsSaidAndNothingIsThrownAway() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        var tablet = try LoadedTablet(fixture, engine)
        for _ in 0..<(RowsetMeta.rememberedTransactions + 3) { try tablet.load(1, in: engine) }
        try engine.compactNow()
        try fixture.time.advance(by: .seconds(301))
        try engine.sweepTrash()
        try push(["other"], 999, fixture, engine)
        let result = try engine.publish(.sample(999, 2))
        #expect(result.failures.map(\.error) == [.versionOfUnknownOrigin(1, 2, requested: 999)])
        #expect(result.published.isEmpty && engine.pending.count == 1)
        // Without rows to lose it is what it always was: a repeated publish.
        #expect(try engine.publish(.sample(102, 2)).failures.isEmpty)
    }

    @Test func theNewestTransactionsOfMergedRowsetsAreKeptInVersionOrder() throws {
        func rowset(_ range: VersionRange, _ transaction: TransactionID = 0, _ merged: [TransactionID] = [])
            -> RowsetMeta
        {
            var meta = RowsetMeta(
                id: SeededRandom(seed: 1).rowsetID(), tabletID: 1, schemaHash: 7, partitionID: 20,
                transactionID: transaction, versions: range, createdAt: .init(milliseconds: 1),
                oldestWrite: .init(milliseconds: 1), newestWrite: .init(milliseconds: 1))
            meta.mergedTransactions = merged
            return meta
        }
        let inputs = [
            rowset(VersionRange(0, 1)), rowset(VersionRange(2, 5), 0, [14, 15]), rowset(VersionRange(6, 6), 16),
            rowset(VersionRange(7, 9)), rowset(VersionRange(10, 10), 20),
        ]
        var merged = rowset(VersionRange(0, 10), 0, RowsetMeta.mergedTransactions(of: inputs))
        #expect(merged.mergedTransactions == [14, 15, 16, 0, 0, 0, 20])
        #expect(
            (0...11).map { merged.transaction(of: Version($0)) } == [
                nil, nil, nil, nil, 14, 15, 16, nil, nil, nil, 20, nil,
            ])
        let bytes = try RowsetRecord.encode(merged)
        #expect(try bytes.withUnsafeBytes { try RowsetRecord.decode($0) } == merged)
        // A peer's claim is no more than it can be.
        merged.mergedTransactions = (1...100).map { TransactionID($0) }
        let many = try RowsetRecord.encode(merged)
        #expect(try many.withUnsafeBytes { try RowsetRecord.decode($0) }.mergedTransactions.count == 32)
        #expect(merged.transaction(of: 0) == 90)
    }
}
