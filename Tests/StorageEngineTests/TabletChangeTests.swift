import ClusterTestKit
import Dispatch
import Platform
import Synchronization
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct TabletChangeTests {
    private func loaded(_ fixture: EngineFixture, versions: Int = 2) throws -> (StorageEngine, Tablet) {
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        for number in 0..<Int64(versions) {
            let url = "http://fe/\(number)"
            _ = fixture.serve(url, sampleRows(10, "v\(number)"))
            _ = try engine.push(.sample(1, transaction: TransactionID(5 + number), url: url))
            _ = try engine.publish(.sample(TransactionID(5 + number), Version(2 + number)))
        }
        return (engine, try engine.tablet(1))
    }

    private func remote(_ meta: RowsetMeta, _ fixture: EngineFixture) -> RowsetMeta {
        var cold = meta
        cold.id = fixture.random.rowsetID()
        cold.location = .remote(resource: "cold")
        return cold
    }

    @Test func replacedRowsetsFilesStayForTheirReadersOnly() throws {
        let fixture = try EngineFixture()
        let (engine, tablet) = try loaded(fixture)
        let before = fixture.segmentFiles
        let old = tablet.rowsets.dropFirst().map(\.meta)
        let scan = try engine.openScan(1)
        try tablet.commit(
            TabletChange(addRowsets: old.map { remote($0, fixture) }, removeRowsets: old.map(\.id)))
        #expect(tablet.snapshot.maxRemoteVersion == 3)
        #expect(try engine.tablet(1).singleRow.dataSizeBytes == 0)
        #expect(try engine.tablet(1).singleRow.remoteDataSizeBytes > 0)
        try engine.sweepTrash()
        #expect(fixture.segmentFiles == before)
        var rows = 0
        while let block = try scan.next() { rows += block.rowCount }
        #expect(rows == 20)
        withExtendedLifetime(scan) {}
    }

    @Test func replacedRowsetsFilesGoWithTheCommit() throws {
        let fixture = try EngineFixture()
        let (engine, tablet) = try loaded(fixture)
        try {
            let old = tablet.rowsets.dropFirst().map(\.meta)
            try tablet.commit(
                TabletChange(addRowsets: old.map { remote($0, fixture) }, removeRowsets: old.map(\.id)))
        }()
        try engine.sweepTrash()
        #expect(fixture.segmentFiles.isEmpty)
        #expect(throws: EngineError.self) {
            let scan = try engine.openScan(1)
            while try scan.next() != nil {}
        }
    }

    @Test func headerRowsetsAndOtherKeysChangeTogether() throws {
        let fixture = try EngineFixture()
        try {
            let (engine, tablet) = try loaded(fixture, versions: 1)
            let old = tablet.rowsets[1].meta
            fixture.plan.restart()
            let after = try tablet.commit(
                TabletChange(
                    editHeader: { $0.cooldownMetaID = UniqueID(high: 1, low: 2) },
                    addRowsets: [remote(old, fixture)], removeRowsets: [old.id],
                    alsoWrite: [.put(key: MetaKeys.remoteRowsetGarbage(old.id), value: [1])]))
            #expect(fixture.plan.trace.filter { $0.seam == .keyValue }.count == 1)
            #expect(after.header.cooldownMetaID == UniqueID(high: 1, low: 2))
            #expect(try engine.tablet(1).singleRow.cooldownMetaID == UniqueID(high: 1, low: 2))
        }()
        fixture.machine.crash()
        let engine = try fixture.start()
        let snapshot = try engine.tablet(1).snapshot
        #expect(snapshot.header.cooldownMetaID == UniqueID(high: 1, low: 2))
        #expect(snapshot.rowsets.map(\.meta.isRemote) == [false, true])
        var keys = 0
        try engine.dataDirs[0].scanMeta(prefix: MetaKeys.remoteRowsetGarbage) { _, _ in
            keys += 1
            return true
        }
        #expect(keys == 1)
    }

    @Test func failedPreconditionWritesNothing() throws {
        let fixture = try EngineFixture()
        let (_, tablet) = try loaded(fixture)
        let before = tablet.header
        fixture.plan.restart()
        #expect(throws: EngineError.conflict(1, reason: "no")) {
            try tablet.commit(
                TabletChange(
                    precondition: { _ in throw EngineError.conflict(1, reason: "no") },
                    editHeader: { $0.cooldownTerm = 9 }))
        }
        #expect(fixture.plan.count == 0)
        #expect(tablet.header == before)
    }

    @Test func rowsetsThatDoNotFitAreRefused() throws {
        let fixture = try EngineFixture()
        let (_, tablet) = try loaded(fixture)
        var meta = tablet.rowsets[1].meta
        meta.id = fixture.random.rowsetID()
        #expect(throws: EngineError.versionExists(1, meta.versions)) {
            try tablet.commit(TabletChange(addRowsets: [meta]))
        }
        #expect(throws: EngineError.self) {
            try tablet.commit(TabletChange(removeRowsets: [fixture.random.rowsetID()]))
        }
        meta.versions = VersionRange(3, 5)
        #expect(throws: EngineError.self) { try tablet.commit(TabletChange(addRowsets: [meta])) }
        #expect(tablet.snapshot.maxVersion == 3)
    }

    /// Many threads push, publish, scan, report and drop at once; every acknowledged row is there in the end.
    @Test func threadsDoNotDisturbEachOther() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        let tablets = 6
        let versions = 12
        for id in 1...Int64(tablets + 2) {
            _ = try engine.createTablet(.sample(TabletID(id), partition: PartitionID(id)))
        }
        for version in 0..<versions { _ = fixture.serve("http://fe/\(version)", sampleRows(8, "v\(version)")) }
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: tablets + 3) { worker in
            do {
                if worker < tablets {
                    try loadVersions(engine, TabletID(Int64(worker + 1)), versions)
                } else if worker == tablets {
                    for _ in 0..<40 { try scanAll(engine, tablets) }
                } else {
                    try engine.dropTablet(DropTabletRequest(tabletID: TabletID(Int64(worker))))
                    try engine.sweepTrash(all: true)
                    engine.removeOrphans(in: engine.dataDirs[0])
                }
            } catch {
                failures.withLock { $0.append("\(worker): \(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        for id in 1...Int64(tablets) { #expect(try readRows(engine, TabletID(id)).count == versions * 8) }
        #expect(engine.tabletCount == tablets)
    }

    private func loadVersions(_ engine: StorageEngine, _ id: TabletID, _ versions: Int) throws {
        for version in 0..<Int64(versions) {
            let transaction = TransactionID(id.rawValue * 1000 + version)
            let partition = PartitionID(id.rawValue)
            _ = try engine.push(
                .sample(id, transaction: transaction, url: "http://fe/\(version)", partition: partition))
            let result = try engine.publish(.sample(transaction, Version(version + 2), partition: partition))
            guard result.published == [id] else { throw EngineError.conflict(id, reason: "\(result)") }
        }
    }

    private func scanAll(_ engine: StorageEngine, _ tablets: Int) throws {
        for id in 1...Int64(tablets) {
            let scan = try engine.openScan(TabletID(id))
            var rows: Int64 = 0
            while let block = try scan.next() { rows += Int64(block.rowCount) }
            guard rows == scan.rowCount, rows == (scan.version.rawValue - 1) * 8 else {
                throw EngineError.conflict(TabletID(id), reason: "\(rows) rows at version \(scan.version)")
            }
        }
        var reported = 0
        engine.tabletReport().rows.forEachChunk { reported += $0.count }
        guard reported >= tablets else { throw EngineError.loading }
    }
}
