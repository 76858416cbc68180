import ClusterTestKit
import Dispatch
import Platform
import StoredFormats
import Synchronization
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct CompactionRaceTests {
    /// Whichever file the compaction is about to touch: nothing of either stays, and no rowset is taken for lost.
    @Test func aDropAtAnyStepOfACompactionLeavesNothing() throws {
        var steps = 0
        while true {
            let fixture = try EngineFixture()
            let engine = try fixture.start()
            var tablet = try LoadedTablet(fixture, engine)
            try tablet.load(12, 9, 3, in: engine)
            let place: Comment = "step \(steps)"
            fixture.interruption.before(skipping: steps, { $0.seam == .file }) {
                #expect(throws: Never.self, place) { try engine.dropTablet(DropTabletRequest(tabletID: 1)) }
            }
            let outcome = try engine.compactNow()
            if fixture.interruption.cancel() {
                #expect(outcome != .superseded)
                break
            }
            #expect(engine.tabletCount == 0, place)
            try engine.sweepTrash(all: true)
            #expect(fixture.machine.fileSystem.allFiles().map(\.path).filter { $0.hasSuffix(".dat") } == [], place)
            #expect(engine.counters.lostRowsets == 0, place)
            #expect(engine.diskReports()[0].dataUsedBytes == 0, place)
            _ = try engine.createTablet(.sample(1))
            engine.close()
            steps += 1
        }
        #expect(steps > 10)
    }

    /// Readers of any version, loads, compactions, sweeps that take stale paths at once, snapshots, and the search for orphans,
    /// all together: nobody reads a wrong row or misses a file, and no rowset is taken for lost.
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
        let (snapshots, files) = (SnapshotService(engine: engine), fixture.machine.fileSystem)
        DispatchQueue.concurrentPerform(iterations: Int(loads) * 6) { step in
            do {
                switch step % 6 {
                case 0: try loaded.withLock { try load(engine, &$0) }
                case 1: _ = try engine.compactNow()
                case 2:
                    try engine.sweepStaleRowsets()
                    engine.removeOrphans(in: engine.dataDirs[0])
                case 3: try snapshot(snapshots, files, step, upTo: loaded.withLock { $0 })
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

    /// A snapshot of everything, or of a version that may be stale alone, holds just the files that its header names.
    private func snapshot(
        _ snapshots: SnapshotService, _ files: any FileSystem, _ step: Int, upTo loaded: Int64
    ) throws {
        var request = SnapshotRequest(tabletID: 1, schemaHash: 7)
        if step % 4 == 1 { request.missingVersions = [Version(max(2, loaded))] }
        let made = try snapshots.make(request)
        let bytes = try files.readAll("\(made.path)/1/7/1.hdr")
        let header = try bytes.withUnsafeBytes { try SnapshotHeader(decoding: $0, name: "1.hdr") }
        var names = ["1.hdr"]
        for rowset in header.rowsets {
            for (index, segment) in rowset.segments.enumerated() {
                let name = DataDirLayout.segmentName(rowset.id, index)
                names.append(name)
                let size = try files.status("\(made.path)/1/7/\(name)")?.sizeBytes
                guard size == segment.sizeBytes else {
                    throw EngineError.conflict(1, reason: "\(name) has \(size ?? -1) bytes")
                }
            }
        }
        guard names.sorted() == made.files else { throw EngineError.conflict(1, reason: "\(made.files)") }
        try snapshots.release(made.path)
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
