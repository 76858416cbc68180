import Checksums
import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

/// Records and segments of a bad disk, a bad peer or a newer build: whatever stands there, with checksums that are right, an
/// engine starts, reports, reads what can be read, and never traps.
@Suite struct DamagedStoreTests {
    /// One backend with visible, stale, pending, cold and garbage records.
    private struct Scene {
        let cluster: ColdCluster
        let copy: MemoryMachineCopy
        let entries: [(key: [UInt8], value: [UInt8])]
        var node: ColdNode { cluster.nodes[0] }

        init() throws {
            cluster = try ColdCluster(nodes: 1, loads: [sampleRows(5, "a"), sampleRows(5, "b")])
            try cluster.push(cluster.conf(0, term: 1))
            try cluster.settle()
            for rows in [["c"], ["d"], ["e"]] { try cluster.load(rows) }
            let engine = cluster.nodes[0].engine
            _ = try engine.compact(CompactionRequest(tabletID: 1, kind: .cumulative), isAsked: true)
            cluster.nodes[0].fetcher.set("http://fe/p", .body(Array("p\n".utf8)))
            _ = try engine.push(.sample(1, transaction: 77, url: "http://fe/p"))
            _ = try engine.createTablet(.sample(2, policy: "hot10"))
            try engine.dropTablet(DropTabletRequest(tabletID: 2, schemaHash: 7, isDropTableOrPartition: true))
            var batch = WriteBatch()
            let garbage = RemoteRowsetGarbage(resource: "hot10", tabletID: 1, segmentCount: 2)
            batch.put(MetaKeys.remoteRowsetGarbage(engine.environment.random.rowsetID()), try garbage.encoded())
            try engine.dataDirs[0].writeMeta(batch)
            engine.close()
            copy = cluster.nodes[0].machine.copy()
            entries = cluster.nodes[0].machine.keyValueStores.entries("/be/d1/meta")
        }

        /// The machine with this value instead, started, used and stopped.
        func run(_ key: [UInt8], _ value: [UInt8]) throws {
            node.machine.restore(copy)
            let store = try node.machine.keyValueStores.open("/be/d1/meta")
            var batch = WriteBatch()
            batch.put(key, value)
            try store.write(batch, sync: true)
            store.close()
            try node.crashAndRestart()
            let engine = node.engine
            engine.tabletReport().rows.forEachChunk { _ in }
            _ = engine.diskReports()
            for tablet in engine.allTablets {
                _ = try? readRows(engine, tablet.id)
                _ = try? engine.compact(CompactionRequest(tabletID: tablet.id, kind: .base), isAsked: true)
                _ = try? engine.checksum(
                    CheckConsistencyRequest(tabletID: tablet.id, schemaHash: tablet.schemaHash, version: 3))
            }
            for due in node.cooldown.dueTablets(now: node.engine.environment.time.wallNow) {
                _ = try? node.cooldown.runOnce(due.tabletID)
            }
            engine.recheckUnreadable()
            node.cooldown.sweepRemoteGarbage()
            _ = try? engine.publish(.sample(77, 7), gaps: .accept)
            try? engine.sweepTrash(all: true)
            engine.close()
        }
    }

    /// A record with some of its bytes changed, and a checksum that fits.
    private func damaged(_ value: [UInt8], _ random: SeededRandom) -> [UInt8] {
        var body = Array(value.dropLast(6))
        guard !body.isEmpty else { return value }
        for _ in 0...random.next(below: 3) {
            let place = Int(random.next(below: UInt64(body.count)))
            switch random.next(below: 5) {
            case 0: body[place] = UInt8(random.next(below: 256))
            case 1: body[place] ^= 1 << UInt8(random.next(below: 8))
            case 2: body.insert(UInt8(random.next(below: 256)), at: place)
            case 3: if body.count > 1 { body.remove(at: place) }
            // The greatest number of a varint.
            default: body.replaceSubrange(place...place, with: [UInt8](repeating: 0xFF, count: 9) + [0x01])
            }
        }
        let sum = body.withUnsafeBytes { crc32c($0) }
        return body + [0xFD, 0x7F] + withUnsafeBytes(of: sum.littleEndian) { Array($0) }
    }

    @Test(arguments: 0..<8 as Range<UInt64>) func aDamagedRecordEndsNoProcess(seed: UInt64) throws {
        let scene = try Scene()
        let random = SeededRandom(seed: 1000 + seed)
        #expect(Set(scene.entries.compactMap(\.key.first)).count >= 5)
        for _ in 0..<60 {
            let (key, value) = scene.entries[Int(random.next(below: UInt64(scene.entries.count)))]
            guard key != MetaKeys.format else { continue }
            try scene.run(key, damaged(value, random))
        }
    }

    /// As records: with the footer's checksum right.
    @Test(arguments: 0..<4 as Range<UInt64>) func aDamagedSegmentEndsNoProcess(seed: UInt64) throws {
        let random = SeededRandom(seed: 2000 + seed)
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        _ = fixture.serve("http://fe/1", sampleRows(20))
        _ = try engine.push(.sample(1, transaction: 5, url: "http://fe/1"))
        _ = try engine.publish(.sample(5, 2))
        let path = fixture.segmentFiles[0]
        let good = try fixture.machine.fileSystem.readAll(path)
        for _ in 0..<200 {
            var bytes = good
            for _ in 0...random.next(below: 3) {
                bytes[Int(random.next(below: UInt64(bytes.count)))] = UInt8(random.next(below: 256))
            }
            let footer = bytes.suffix(20).withUnsafeBytes { Int($0.loadUnaligned(as: UInt32.self)) }
            if footer > 0, footer + 20 <= bytes.count {
                let sum = bytes[(bytes.count - 20 - footer)..<(bytes.count - 12)].withUnsafeBytes { crc32c($0) }
                withUnsafeBytes(of: sum.littleEndian) { sum in
                    for (index, byte) in sum.enumerated() { bytes[bytes.count - 12 + index] = byte }
                }
            }
            do {
                let reader = try SegmentReader(source: BytesSegment(bytes), name: path) { code in
                    code == NoCompression().formatCode ? NoCompression() : nil
                }
                while try reader.next() != nil {}
            } catch is SegmentError {
                continue
            }
        }
    }

    // found D6: a hundred thousand rowsets wait to be published, and each of as many files is asked for. Walked for each, that
    // are ten thousand million steps; looked up, it is over at once.
    @Test func theSearchForOrphansDoesNotWalkOverAllPendingRowsets() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        let random = SeededRandom(seed: 9)
        let pending = PendingTable()
        let count: Int64 = 100_000
        var rowset = RecordTests.rowset(random, remote: false)
        for id in 1...count {
            rowset.tabletID = TabletID(id)
            pending.put(
                PendingTable.Entry(
                    key: PendingKey(transaction: TransactionID(id % 10 + 1), partition: 20, tablet: TabletID(id)),
                    pending: PendingRowset(rowset: rowset, source: "", sourceSizeBytes: 0),
                    dataDir: engine.dataDirs[0], shard: 0))
        }
        for id in 1...count { if pending.entries(of: TabletID(id)).count != 1 { Issue.record("tablet \(id)") } }
        for id in 1...count {
            let key = PendingKey(transaction: TransactionID(id % 10 + 1), partition: 20, tablet: TabletID(id))
            if pending[key] == nil || pending.remove(key) == nil { Issue.record("tablet \(id)") }
        }
        #expect(pending.count == 0 && pending.entries(of: 5).isEmpty)
    }
}

/// A segment in memory.
private struct BytesSegment: SegmentSource {
    let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }
    var sizeBytes: Int64 { Int64(bytes.count) }
    var readAheadBytes: Int { 4096 }
    func read(_ range: Range<Int64>) throws -> [UInt8] { Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)]) }
}
