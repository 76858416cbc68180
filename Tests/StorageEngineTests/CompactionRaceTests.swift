import ClusterTestKit
import Dispatch
import Platform
import Synchronization
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct CompactionRaceTests {
    /// Readers of any version, loads, compactions, sweeps that take stale paths at once, and the search for orphans, all
    /// together: nobody reads a wrong row or misses a file, and no rowset is taken for lost.
    @Test func readersLoadsCompactionsAndSweepsDoNotDisturbEachOther() throws {
        var options = EngineOptions.small
        options.staleRowsetExpiry = .zero
        let fixture = try EngineFixture(options: options)
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        _ = fixture.serve("http://fe/rows", sampleRows(6))
        let failures = Mutex<[String]>([])
        let loaded = Mutex<Int64>(0)
        let loads: Int64 = 100
        DispatchQueue.concurrentPerform(iterations: Int(loads) * 5) { step in
            do {
                switch step % 5 {
                case 0: try loaded.withLock { try load(engine, &$0) }
                case 1: _ = try engine.compactNow()
                case 2:
                    try engine.sweepStaleRowsets()
                    engine.removeOrphans(in: engine.dataDirs[0])
                default: try read(engine)
                }
            } catch EngineError.busy {
                return
            } catch {
                failures.withLock { $0.append("\(step): \(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(engine.counters.lostRowsets == 0)
        #expect(engine.counters.finishedCompactions > 0)
        #expect(try readRows(engine, 1).count == Int(loads) * 6)
        try engine.sweepTrash()
        #expect(engine.strayFiles(fixture) == [])
    }

    private func load(_ engine: StorageEngine, _ loaded: inout Int64) throws {
        loaded += 1
        let transaction = TransactionID(loaded)
        _ = try engine.push(.sample(1, transaction: transaction, url: "http://fe/rows"))
        let result = try engine.publish(.sample(transaction, Version(loaded + 1)))
        guard result.published == [1] else { throw EngineError.conflict(1, reason: "\(result)") }
    }

    /// The newest version, and an older one if it can still be read.
    private func read(_ engine: StorageEngine) throws {
        let newest = try check(engine.openScan(1))
        do {
            _ = try check(engine.openScan(1, version: Version(max(1, newest.rawValue - 3))))
        } catch EngineError.versionNotReadable {
            return
        }
    }

    private func check(_ scan: TabletScan) throws -> Version {
        var rows: Int64 = 0
        while let block = try scan.next() { rows += Int64(block.rowCount) }
        guard rows == (scan.version.rawValue - 1) * 6 else {
            throw EngineError.conflict(1, reason: "\(rows) rows at version \(scan.version)")
        }
        return scan.version
    }
}
