import Checksums
import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

#if canImport(Glibc)
    import Glibc
#endif

/// Files that were committed when a format version was made: every later build reads them. `TABLETD_WRITE_FIXTURES=1`
/// writes files of the present format where there are none; existing ones are never changed.
@Suite struct GoldenFileTests {
    private static let folder = String(#filePath.prefix(upTo: #filePath.lastIndex(of: "/")!)) + "/Fixtures/"

    @Test func segmentOfVersion1IsRead() throws {
        let fileSystem = MemoryFileSystem()
        let writer = SegmentWriter(
            file: try fileSystem.create("/s"), path: "/s", compressor: NoCompression(), targetBlockBytes: 100,
            maxRowBytes: 1000)
        for (index, row) in Self.rows.enumerated() {
            try Array(row.utf8).withUnsafeBytes {
                try writer.append(row: $0, writtenAt: UnixTime(milliseconds: 1_700_000_000_000 + Int64(index)))
            }
        }
        let meta = try writer.finish()
        let bytes = try Self.golden("segment-v1.dat", present: fileSystem.readAll("/s"))

        #expect(meta == SegmentMeta(sizeBytes: Int64(bytes.count), rowCount: 9, crc32c: crc32c(bytes)))
        let reader = try SegmentReader(source: BytesSegmentSource(bytes: bytes), name: "segment-v1.dat", expected: meta)
        {
            _ in NoCompression()
        }
        var rows: [String] = []
        while let block = try reader.next() { block.forEachRow { rows.append(String(decoding: $0, as: UTF8.self)) } }
        #expect(rows == Self.rows)
        #expect(reader.footer.blocks.count == 2)
        #expect(reader.footer.newestWrite == UnixTime(milliseconds: 1_700_000_000_008))
    }

    private static let rows = sampleRows(7, "golden") + ["", String(repeating: "x", count: 200)]

    @Test func rowsetRecordOfVersion1IsRead() throws {
        let meta = RecordTests.rowset(SeededRandom(seed: 77), remote: true)
        let bytes = try Self.golden("rowset-v1.bin", present: try RowsetRecord.encode(meta))
        #expect(try bytes.withUnsafeBytes { try RowsetRecord.decode($0) } == meta)
    }

    @Test func tabletHeaderOfVersion1IsRead() throws {
        let header = RecordTests.header(SeededRandom(seed: 78))
        let bytes = try Self.golden("tablet-header-v1.bin", present: try TabletHeaderRecord.encode(header))
        #expect(try bytes.withUnsafeBytes { try TabletHeaderRecord.decode($0) } == header)
    }

    @Test func pendingRowsetRecordOfVersion1IsRead() throws {
        let pending = PendingRowset(
            rowset: RecordTests.rowset(SeededRandom(seed: 79), remote: false), source: "http://fe/1",
            sourceSizeBytes: 3)
        let bytes = try Self.golden("pending-rowset-v1.bin", present: try PendingRowsetRecord.encode(pending))
        #expect(try bytes.withUnsafeBytes { try PendingRowsetRecord.decode($0) } == pending)
    }

    @Test func staleRowsetRecordOfVersion1IsRead() throws {
        let stale = StoredStaleRowset(
            rowset: RecordTests.rowset(SeededRandom(seed: 81), remote: false),
            staleAt: UnixTime(milliseconds: 1_700_000_000_123))
        let bytes = try Self.golden("stale-rowset-v1.bin", present: try StaleRowsetRecord.encode(stale))
        #expect(try bytes.withUnsafeBytes { try StaleRowsetRecord.decode($0) } == stale)
    }

    @Test func remoteMetaOfVersion1IsRead() throws {
        let random = SeededRandom(seed: 80)
        let meta = RemoteCooldownMeta(
            tabletID: 10005, schemaHash: -77, cooldownMetaID: random.uniqueID(), replicaID: 10006, term: 4,
            rowsets: [RecordTests.rowset(random, remote: true, start: 0)])
        let bytes = try Self.golden("remote-meta-v1.meta", present: try meta.encoded())
        #expect(try bytes.withUnsafeBytes { try RemoteCooldownMeta(decoding: $0, name: "golden") } == meta)
    }

    @Test func snapshotHeaderOfVersion1IsRead() throws {
        let random = SeededRandom(seed: 82)
        let header = SnapshotHeader(
            tablet: RecordTests.header(random),
            rowsets: [
                RecordTests.rowset(random, remote: true, start: 0), RecordTests.rowset(random, remote: false, start: 3),
            ])
        let bytes = try Self.golden("snapshot-header-v1.bin", present: try header.encoded())
        #expect(try bytes.withUnsafeBytes { try SnapshotHeader(decoding: $0, name: "golden") } == header)
    }

    private static func golden(_ name: String, present: [UInt8]) throws -> [UInt8] {
        let path = folder + name
        if let bytes = read(path) { return bytes }
        try #require(getenv("TABLETD_WRITE_FIXTURES") != nil, "fixture \(name) is missing")
        let file = try #require(fopen(path, "wb"), "\(path) can't be written")
        defer { fclose(file) }
        #expect(fwrite(present, 1, present.count, file) == present.count)
        return present
    }

    private static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&piece, 1, piece.count, file)
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
    }
}
