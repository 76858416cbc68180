import Checksums
import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct EngineTests {
    // MARK: Create

    @Test func createdTabletHoldsAnEmptyFirstRowset() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        let row = try engine.createTablet(.sample(1))
        #expect(row.version == 1)
        #expect(row.versionCount == 1)
        #expect(row.rowCount == 0)
        #expect(row.isUsed && !row.versionMiss)
        #expect(row.replicaID == 500)
        #expect(row.pathHash == engine.dataDirs[0].pathHash)
        #expect(try readRows(engine, 1) == [])
        #expect(try engine.tablet(1).rowsets.map(\.meta.versions) == [VersionRange(0, 1)])
    }

    @Test func createAgainIsFineWithTheSameSchemaOnly() throws {
        let engine = try EngineFixture().start()
        let first = try engine.createTablet(.sample(1))
        #expect(try engine.createTablet(.sample(1)) == first)
        #expect(throws: EngineError.schemaHashMismatch(1, local: 7, requested: 8)) {
            try engine.createTablet(.sample(1, schemaHash: 8))
        }
    }

    @Test func createRefusesWhatItCannotDo() throws {
        let engine = try EngineFixture().start()
        var request = CreateTabletRequest.sample(1)
        request.baseTabletID = 9
        #expect(throws: EngineError.self) { try engine.createTablet(request) }
        request = .sample(1)
        request.version = 0
        #expect(throws: EngineError.self) { try engine.createTablet(request) }
        #expect(engine.tabletCount == 0)
    }

    @Test func tabletsSurviveARestart() throws {
        let fixture = try EngineFixture()
        try {
            let engine = try fixture.start()
            for id in 1...20 { _ = try engine.createTablet(.sample(TabletID(Int64(id)))) }
            #expect(engine.startupProgress.totalTablets == 0)
        }()
        fixture.machine.crash()
        let engine = try fixture.start()
        #expect(engine.allTablets.map(\.id.rawValue) == Array(1...20))
        #expect(engine.startupProgress.loadedTablets == 20)
        #expect(engine.startupProgress.totalTablets == 20)
        #expect(try engine.tablet(3).header.schema.columns[0].name == "k1")
    }

    @Test func mediumChoosesTheDir() throws {
        let fixture = try EngineFixture(dirs: [
            DataDirSpec(path: "/be/hdd", medium: .hdd), DataDirSpec(path: "/be/ssd", medium: .ssd),
        ])
        let engine = try fixture.start()
        for id in 1...8 {
            let medium: StorageMedium = id % 2 == 0 ? .ssd : .hdd
            #expect(try engine.createTablet(.sample(TabletID(Int64(id)), medium: medium)).medium == medium)
        }
    }

    @Test func anyDirServesWhenThereIsOneMediumOnly() throws {
        let engine = try EngineFixture().start()
        #expect(try engine.createTablet(.sample(1, medium: .ssd)).medium == .hdd)
    }

    @Test func tasksWaitForLoading() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.open()
        #expect(throws: EngineError.loading) { try engine.createTablet(.sample(1)) }
        #expect(throws: EngineError.loading) { try engine.dropTablet(DropTabletRequest(tabletID: 1)) }
        #expect(throws: EngineError.loading) { try engine.publish(.sample(5, 2)) }
        try engine.loadAllTablets()
        #expect(throws: EngineError.unknownTablet(1)) { try engine.dropTablet(DropTabletRequest(tabletID: 1)) }
    }

    // MARK: Push and publish

    @Test func pushedRowsAreReadableOncePublished() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        let rows = sampleRows(100)
        let size = fixture.serve("http://fe/1", rows)
        _ = try engine.push(.sample(1, transaction: 5, url: "http://fe/1", size: size))
        #expect(try readRows(engine, 1) == [])
        #expect(engine.pending.count == 1)

        let result = try engine.publish(.sample(5, 2))
        #expect(result.published == [1])
        #expect(engine.pending.count == 0)
        #expect(try readRows(engine, 1) == rows)
        #expect(try readRows(engine, 1, version: 1) == [])
        let row = try engine.tablet(1).singleRow
        #expect(row.version == 2)
        #expect(row.rowCount == 100)
        #expect(row.dataSizeBytes > 0)
        #expect(fixture.segmentFiles.count > 1)
        #expect(engine.diskReports()[0].dataUsedBytes == row.dataSizeBytes)
    }

    @Test func publishedRowsSurviveACrash() throws {
        let fixture = try EngineFixture()
        let rows = sampleRows(30)
        try {
            let engine = try fixture.start()
            _ = try engine.createTablet(.sample(1))
            _ = fixture.serve("http://fe/1", rows)
            _ = try engine.push(.sample(1, transaction: 5, url: "http://fe/1"))
            _ = try engine.publish(.sample(5, 2))
        }()
        fixture.machine.crash()
        let engine = try fixture.start()
        #expect(try readRows(engine, 1) == rows)
    }

    @Test func pendingRowsetSurvivesACrashAndIsPublishedThen() throws {
        let fixture = try EngineFixture()
        let rows = sampleRows(30)
        try {
            let engine = try fixture.start()
            _ = try engine.createTablet(.sample(1))
            _ = fixture.serve("http://fe/1", rows)
            _ = try engine.push(.sample(1, transaction: 5, url: "http://fe/1"))
        }()
        fixture.machine.crash()
        let engine = try fixture.start()
        #expect(engine.pending.count == 1)
        #expect(try engine.publish(.sample(5, 2)).published == [1])
        #expect(try readRows(engine, 1) == rows)
    }

    @Test func repeatedTasksChangeNothing() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        let size = fixture.serve("http://fe/1", sampleRows(10))
        let push = PushRequest.sample(1, transaction: 5, url: "http://fe/1", size: size)
        _ = try engine.push(push)
        _ = try engine.push(push)
        #expect(fixture.fetcher.fetchCounts["http://fe/1"] == 1)
        _ = try engine.publish(.sample(5, 2))
        #expect(try engine.publish(.sample(5, 2)).failures.isEmpty)
        _ = try engine.push(push)
        #expect(try engine.publish(.sample(5, 2)).failures.isEmpty)
        #expect(try readRows(engine, 1).count == 10)
        #expect(engine.pending.count == 0)
    }

    @Test func anotherFileReplacesAPendingRowset() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        _ = fixture.serve("http://fe/a", sampleRows(50, "a"))
        _ = fixture.serve("http://fe/b", sampleRows(3, "b"))
        _ = try engine.push(.sample(1, transaction: 5, url: "http://fe/a"))
        _ = try engine.push(.sample(1, transaction: 5, url: "http://fe/b"))
        #expect(fixture.segmentFiles.count == 1)
        _ = try engine.publish(.sample(5, 2))
        #expect(try readRows(engine, 1) == sampleRows(3, "b"))
    }

    @Test func emptyFileMakesAnEmptyRowset() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        fixture.fetcher.set("http://fe/1", .body([]))
        _ = try engine.push(.sample(1, transaction: 5, url: "http://fe/1", size: 0))
        #expect(try engine.publish(.sample(5, 2)).published == [1])
        #expect(try engine.tablet(1).singleRow.version == 2)
        #expect(fixture.segmentFiles.isEmpty)
    }

    @Test(arguments: [
        MemoryHTTPFetcher.Reply.unreachable, .status(404), .truncated(Array("a\nb\n".utf8), after: 3),
        .body(Array("too long a body\n".utf8)), .body(Array("sh".utf8)),
    ])
    func failedPushLeavesNothing(reply: MemoryHTTPFetcher.Reply) throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        fixture.fetcher.set("http://fe/1", reply)
        #expect(throws: (any Error).self) {
            try engine.push(.sample(1, transaction: 5, url: "http://fe/1", size: 4))
        }
        #expect(engine.pending.count == 0)
        #expect(fixture.segmentFiles.isEmpty)
        fixture.fetcher.set("http://fe/1", .body(Array("a\nb\n".utf8)))
        _ = try engine.push(.sample(1, transaction: 5, url: "http://fe/1", size: 4))
        _ = try engine.publish(.sample(5, 2))
        #expect(try readRows(engine, 1) == ["a", "b"])
    }

    @Test(arguments: [nil, 5] as [Int64?])
    func aPushAboveTheSizeLimitLeavesNothing(announced: Int64?) throws {
        var options = EngineOptions.small
        options.maxPushBytes = 4
        let fixture = try EngineFixture(options: options)
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        fixture.fetcher.set("http://fe/1", .body(Array("a\nbc\n".utf8)))
        let error = #expect(throws: EngineError.self) {
            try engine.push(.sample(1, transaction: 5, url: "http://fe/1", size: announced))
        }
        #expect("\(try #require(error))".contains("push_max_bytes"))
        #expect(engine.pending.count == 0 && fixture.segmentFiles.isEmpty)
    }

    @Test func pushRefusesWhatItCannotDo() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        _ = fixture.serve("http://fe/1", ["a"])
        let good = PushRequest.sample(1, transaction: 5, url: "http://fe/1")
        func code(_ change: (inout PushRequest) -> Void) -> StatusCode? {
            var request = good
            change(&request)
            do {
                _ = try engine.push(request)
                return nil
            } catch {
                return RPCStatus(describing: error).code
            }
        }
        #expect(code { $0.pushType = .loadDelete } == .notImplementedError)
        #expect(code { $0.needsDecompression = true } == .notImplementedError)
        #expect(code { $0.transactionID = nil } == .invalidArgument)
        #expect(code { $0.url = nil } == .invalidArgument)
        #expect(code { $0.tabletID = 2 } == .notFound)
        #expect(code { $0.schemaHash = 9 } == .alreadyExist)
        #expect(code { $0.url = "http://fe/none" } == .networkError)
    }

    @Test func tooLongLineFailsThePush() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        fixture.fetcher.set("http://fe/1", .body([UInt8](repeating: 65, count: 5000)))
        #expect(throws: SegmentError.self) { try engine.push(.sample(1, transaction: 5, url: "http://fe/1")) }
        #expect(fixture.segmentFiles.isEmpty)
    }

    @Test func publishWithAGapWaitsForTheVersionBefore() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        for transaction in [5, 6] as [TransactionID] {
            _ = fixture.serve("http://fe/\(transaction)", ["of \(transaction)"])
            _ = try engine.push(.sample(1, transaction: transaction, url: "http://fe/\(transaction)"))
        }
        #expect(try engine.publish(.sample(6, 3)).waiting == [1])
        #expect(try engine.tablet(1).singleRow.version == 1)
        #expect(try engine.publish(.sample(5, 2)).published == [1])
        #expect(try engine.publish(.sample(6, 3)).published == [1])
        #expect(try readRows(engine, 1) == ["of 5", "of 6"])
    }

    @Test func holeIsAMissOnlyAfterTheGracePeriod() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        _ = fixture.serve("http://fe/6", ["six"])
        _ = try engine.push(.sample(1, transaction: 6, url: "http://fe/6"))
        #expect(try engine.publish(.sample(6, 3), gaps: .accept).published == [1])

        func reported() -> TabletReportRow {
            var rows: [TabletReportRow] = []
            engine.tabletReport().rows.forEachChunk { rows += Array($0) }
            return rows[0]
        }
        // A hole that is not named yet must not look filled.
        #expect(reported().version == 1)
        #expect(!reported().versionMiss)
        #expect(try engine.tablet(1).singleRow.versionMiss)
        #expect(try engine.tablet(1).singleRow.version == 3)
        try fixture.time.advance(by: .seconds(59))
        #expect(!reported().versionMiss)
        try fixture.time.advance(by: .seconds(1))
        #expect(reported().versionMiss)
        #expect(reported().version == 3)
        #expect(throws: EngineError.versionNotReadable(1, 3, missing: [VersionRange(2, 2)])) {
            try engine.openScan(1, version: 3)
        }
        _ = fixture.serve("http://fe/5", ["five"])
        _ = try engine.push(.sample(1, transaction: 5, url: "http://fe/5"))
        _ = try engine.publish(.sample(5, 2))
        #expect(!reported().versionMiss)
        #expect(try readRows(engine, 1) == ["five", "six"])
    }

    @Test func publishOfAnUnknownTransactionNamesTheTablets() throws {
        let engine = try EngineFixture().start()
        _ = try engine.createTablet(.sample(1))
        _ = try engine.createTablet(.sample(2, partition: 21))
        let result = try engine.publish(.sample(99, 2))
        #expect(result.failures.map(\.tabletID) == [1])
        #expect(result.failures.map(\.error) == [.noPendingRowset(1, 99)])
        #expect(try engine.publish(.sample(99, 2, partition: 77)).failures.isEmpty)
    }

    @Test func strictPublishWantsEveryTabletOfThePartition() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        _ = try engine.createTablet(.sample(2))
        _ = fixture.serve("http://fe/1", ["a"])
        _ = try engine.push(.sample(1, transaction: 5, url: "http://fe/1"))
        let result = try engine.publish(.sample(5, 2, strict: true))
        #expect(result.published == [1])
        #expect(result.failures.map(\.tabletID) == [2])
    }

    @Test func publishOfManyTabletsIsOneSyncedBatchForEachDir() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = fixture.serve("http://fe/1", ["a"])
        for id in 1...20 as ClosedRange<Int64> {
            _ = try engine.createTablet(.sample(TabletID(id)))
            _ = try engine.push(.sample(TabletID(id), transaction: 5, url: "http://fe/1"))
        }
        fixture.plan.restart()
        #expect(try engine.publish(.sample(5, 2)).published.count == 20)
        #expect(fixture.plan.count == 1)
    }

    @Test func clearedTransactionLeavesNothing() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        _ = try engine.createTablet(.sample(2, partition: 21))
        _ = fixture.serve("http://fe/1", sampleRows(5))
        _ = try engine.push(.sample(1, transaction: 5, url: "http://fe/1"))
        _ = try engine.push(.sample(2, transaction: 5, url: "http://fe/1", partition: 21))
        try engine.clearTransaction(ClearTransactionRequest(transactionID: 5, partitionIDs: [21]))
        #expect(engine.pending.count == 1)
        try engine.clearTransaction(ClearTransactionRequest(transactionID: 5))
        try engine.clearTransaction(ClearTransactionRequest(transactionID: 5))
        #expect(engine.pending.count == 0)
        #expect(fixture.segmentFiles.isEmpty)
        #expect(engine.diskReports()[0].dataUsedBytes == 0)
    }

    @Test func longPendingTransactionsAreReported() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        _ = fixture.serve("http://fe/1", ["a"])
        for transaction in [6, 5] as [TransactionID] {
            _ = try engine.push(.sample(1, transaction: transaction, url: "http://fe/1"))
        }
        #expect(engine.tabletReport().rows.count == 1)
        engine.tabletReport().rows.forEachChunk { #expect($0[0].transactionIDs == nil) }
        try fixture.time.advance(by: .seconds(1801))
        engine.tabletReport().rows.forEachChunk { #expect($0[0].transactionIDs == [5, 6]) }
    }

    // MARK: Meta updates

    @Test func metaUpdatesPersistAndMissingTabletsAreNamed() throws {
        let fixture = try EngineFixture()
        try {
            let engine = try fixture.start()
            _ = try engine.createTablet(.sample(1))
            let missing = try engine.updateTabletMeta([
                TabletMetaUpdate(tabletID: 1, partitionID: 33),
                TabletMetaUpdate(tabletID: 1, metaType: 1, storagePolicy: "cold"),
                TabletMetaUpdate(tabletID: 1, metaType: 1, isInMemory: true),
                TabletMetaUpdate(tabletID: 2, partitionID: 33),
            ])
            #expect(missing == [2])
            #expect(try engine.publish(.sample(9, 2, partition: 33)).failures.count == 1)
        }()
        fixture.machine.crash()
        let engine = try fixture.start()
        let row = try engine.tablet(1).singleRow
        #expect(row.partitionID == 33)
        #expect(row.isInMemory)
        #expect(row.isCooldown)
        #expect(row.cooldownTerm == -1)
        #expect(try engine.tablet(1).header.storagePolicy == "cold")
    }
}
