import ClusterTestKit
import Dispatch
import Foundation
import Platform
import Synchronization
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct MigrationRaceTests {
    /// Moves to and fro, loads, readers, compactions, sweeps, header changes and the search for orphans, all together: nobody
    /// reads a wrong row or misses a file, no load is lost, and no rowset is taken for lost. Beside threads that take the processors
    /// away again and again, what one looked at is long past when it acts: a tablet has left, and come back.
    @Test(arguments: [0, 6]) func movesDisturbNobody(crowd: Int) throws {
        let isOver = Atomic(false)
        let crowded = DispatchGroup()
        for _ in 0..<crowd {
            Thread.detachNewThread {
                crowded.enter()
                while !isOver.load(ordering: .relaxed) {}
                crowded.leave()
            }
        }
        defer {
            isOver.store(true, ordering: .relaxed)
            crowded.wait()
        }
        var options = EngineOptions.small
        options.staleRowsetExpiry = .zero
        let fixture = try EngineFixture(dirs: MigrationFixture.twoDirs, options: options)
        let engine = try fixture.start()
        let migrations = MigrationService(engine: engine)
        _ = try engine.createTablet(.sample(1))
        _ = fixture.serve("http://fe/rows", sampleRows(6))
        let failures = Mutex<[String]>([])
        let loaded = Mutex<Int64>(0)
        let loads: Int64 = 80
        DispatchQueue.concurrentPerform(iterations: Int(loads) * 6) { step in
            do {
                switch step % 6 {
                case 0: try loaded.withLock { try load(engine, &$0) }
                case 1: try move(migrations)
                case 2:
                    try engine.sweepTrash(all: true)
                    for dir in engine.dataDirs { engine.removeOrphans(in: dir) }
                case 3:
                    _ = try engine.updateTabletMeta([TabletMetaUpdate(tabletID: 1, isInMemory: step % 4 == 1)])
                    _ = try engine.compactNow()
                default: try read(engine)
                }
            } catch EngineError.busy, EngineError.tabletNotRunning, MigrationError.sameDir {
                return
            } catch {
                failures.withLock { $0.append("\(step): \(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(engine.counters.lostRowsets == 0)
        #expect(engine.counters.finishedMigrations > 5)
        #expect(try readRows(engine, 1).count == Int(loads) * 6)
        try engine.sweepTrash(all: true)
        #expect(engine.strayFiles(fixture) == [])
        #expect(engine.leaving.all.isEmpty && engine.arrivals.all.isEmpty)
        let used = engine.diskReports().reduce(0) { $0 + $1.dataUsedBytes }
        #expect(used == engine.tabletStats().reduce(0) { $0 + $1.dataSizeBytes })
        engine.close()
        fixture.machine.crash()
        let next = try fixture.start()
        #expect(try readRows(next, 1).count == Int(loads) * 6)
    }

    private func move(_ migrations: MigrationService) throws {
        let engine = migrations.engine
        let here = try engine.tablet1().dataDir
        let target = try #require(engine.dataDirs.first { $0 !== here })
        _ = try migrations.migrate(MigrateRequest(tabletID: 1, schemaHash: 7, dataDir: target.path))
    }

    private func load(_ engine: StorageEngine, _ loaded: inout Int64) throws {
        loaded += 1
        let transaction = TransactionID(loaded)
        _ = try engine.push(.sample(1, transaction: transaction, url: "http://fe/rows"))
        let result = try engine.publish(.sample(transaction, Version(loaded + 1)))
        guard result.published == [1] else { throw EngineError.conflict(1, reason: "\(result)") }
    }

    private func read(_ engine: StorageEngine) throws {
        let rows = try readRows(engine, 1)
        guard rows.count % 6 == 0, Set(rows).isSubset(of: sampleRows(6)) else {
            throw EngineError.conflict(1, reason: "\(rows.count) rows")
        }
    }

    /// A tablet moves and is dropped by turns, with readers: nothing stays.
    @Test func dropsAndMovesLeaveNothing() throws {
        let fixture = try EngineFixture(dirs: MigrationFixture.twoDirs)
        let engine = try fixture.start()
        let migrations = MigrationService(engine: engine)
        _ = fixture.serve("http://fe/rows", sampleRows(6))
        DispatchQueue.concurrentPerform(iterations: 400) { step in
            switch step % 5 {
            case 0:
                _ = try? engine.createTablet(.sample(1))
                _ = try? engine.push(.sample(1, transaction: TransactionID(Int64(step + 1)), url: "http://fe/rows"))
                _ = try? engine.publish(.sample(TransactionID(Int64(step + 1)), 2))
            case 1, 2: try? move(migrations)
            case 3: _ = try? readRows(engine, 1)
            default: try? engine.dropTablet(DropTabletRequest(tabletID: 1))
            }
        }
        try? engine.dropTablet(DropTabletRequest(tabletID: 1))
        try engine.sweepTrash(all: true)
        for dir in engine.dataDirs { engine.removeOrphans(in: dir) }
        try engine.sweepTrash(all: true)
        #expect(fixture.segmentFiles == [])
        #expect(engine.leaving.all.isEmpty && engine.arrivals.all.isEmpty && engine.pending.count == 0)
        #expect(engine.diskReports().allSatisfy { $0.dataUsedBytes == 0 })
    }
}
