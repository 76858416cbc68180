import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@Suite struct RecordTests {
    static func rowset(_ random: some RandomSource, remote: Bool, start: Int64 = 3) -> RowsetMeta {
        RowsetMeta(
            id: random.rowsetID(), tabletID: 10005, schemaHash: -77, partitionID: 21, transactionID: 9,
            versions: VersionRange(Version(start), Version(start + 2)), rowCount: 12, sizeBytes: 3456,
            segments: [
                SegmentMeta(sizeBytes: 3000, rowCount: 10, crc32c: 0xFFFF_FFF0),
                SegmentMeta(sizeBytes: 456, rowCount: 2, crc32c: 1),
            ],
            createdAt: UnixTime(milliseconds: 1_700_000_000_123),
            oldestWrite: UnixTime(milliseconds: 1_699_999_999_999),
            newestWrite: UnixTime(milliseconds: 1_700_000_000_001),
            location: remote ? .remote(resource: "cold_s3") : .local)
    }

    static func header(_ random: some RandomSource) -> TabletHeader {
        TabletHeader(
            tabletID: 10005, schemaHash: -77, replicaID: 10006, tableID: 1, partitionID: 21, uid: random.uniqueID(),
            shardID: 1023, state: .running, createdAt: UnixTime(milliseconds: 1_700_000_000_123),
            schema: TabletSchema(
                schemaHash: -77, shortKeyColumnCount: 2, keysType: 2, storageType: 1,
                columns: [
                    .init(name: "k1", type: .int, isKey: true, isNullable: false),
                    .init(name: "a value with a longer name", type: .varchar, isKey: false, isNullable: true),
                ], isInMemory: true),
            isInMemory: true, storagePolicy: "cold", cooldownMetaID: random.uniqueID(), cooldownReplicaID: 10007,
            cooldownTerm: 3, cumulativePoint: 17)
    }

    let random = SeededRandom(seed: 1)

    @Test(arguments: [false, true]) func rowsetComesBackAsItWas(remote: Bool) throws {
        let meta = Self.rowset(random, remote: remote)
        let bytes = try RowsetRecord.encode(meta)
        #expect(try bytes.withUnsafeBytes { try RowsetRecord.decode($0) } == meta)
    }

    /// An older build would show what is gone: it refuses such a rowset by its format version.
    @Test func deletesComeBackAsTheyWere() throws {
        var delete = Self.rowset(random, remote: false)
        (delete.versions, delete.rowCount, delete.segments) = (VersionRange(8, 8), 0, [])
        delete.deletePredicate = DeletePredicate.shared([
            DeleteCondition(column: "名前", operation: "!*=", values: ["a", ""], columnUniqueID: 0),
            DeleteCondition(column: "n", operation: "IS", values: ["NULL"]),
        ])
        var merged = Self.rowset(random, remote: true, start: 0)
        (merged.droppedRows, merged.lastDelete) = (5, 2)
        for (meta, version) in [(delete, 2), (merged, 2), (Self.rowset(random, remote: true), 1)] {
            let bytes = try RowsetRecord.encode(meta)
            #expect(try bytes.withUnsafeBytes { try RowsetRecord.decode($0) } == meta)
            #expect(Self.formatVersion(bytes) == version)
        }
        #expect(Self.decoded(delete)?.deletePredicate === delete.deletePredicate)
        func refused(_ edit: (inout RowsetMeta) -> Void, _ base: RowsetMeta) {
            var meta = base
            edit(&meta)
            #expect(Self.decoded(meta) == nil)
        }
        refused({ $0.rowCount = 1 }, delete)
        refused({ $0.versions = VersionRange(7, 8) }, delete)
        refused({ $0.deletePredicate = DeletePredicate.shared([]) }, delete)
        refused({ $0.lastDelete = 3 }, merged)
        refused({ $0.lastDelete = .none }, merged)
        refused({ $0.droppedRows = 1 << 60 }, merged)
        refused({ $0.versions = VersionRange(1, 3) }, merged)
    }

    private static func decoded(_ meta: RowsetMeta) -> RowsetMeta? {
        guard let bytes = try? RowsetRecord.encode(meta) else { return nil }
        return bytes.withUnsafeBytes { try? RowsetRecord.decode($0) }
    }

    /// Field 1000, a varint: its key is C0 3E.
    private static func formatVersion(_ record: [UInt8]) -> Int? {
        record.indices.dropLast(2).last { record[$0] == 0xC0 && record[$0 + 1] == 0x3E }.map { Int(record[$0 + 2]) }
    }

    @Test func headerComesBackAsItWas() throws {
        var header = Self.header(random)
        for state in [TabletState.running, .shutdown, .notReady] {
            header.state = state
            let bytes = try TabletHeaderRecord.encode(header)
            #expect(try bytes.withUnsafeBytes { try TabletHeaderRecord.decode($0) } == header)
        }
        header.cooldownMetaID = nil
        header.storagePolicy = ""
        let bytes = try TabletHeaderRecord.encode(header)
        #expect(try bytes.withUnsafeBytes { try TabletHeaderRecord.decode($0) } == header)
    }

    @Test func optionsAndMoveComeBackAsTheyWere() throws {
        var header = Self.header(random)
        header.inRestoreMode = true
        header.options.disableAutoCompaction = false
        header.options.compactionPolicy = "size_based"
        header.options.timeSeriesGoalMegabytes = .max
        header.options.timeSeriesFileCount = 0
        header.options.timeSeriesSeconds = 1
        header.options.timeSeriesEmptyRowsets = 2
        header.options.timeSeriesLevels = 3
        header.options.skipWriteIndexOnLoad = true
        header.options.isBinlogEnabled = false
        for stage in [TabletMove.Stage.arriving, .departed] {
            header.move = TabletMove(id: random.uniqueID(), stage: stage, peer: "/mit leerraum/データ")
            let bytes = try TabletHeaderRecord.encode(header)
            #expect(try bytes.withUnsafeBytes { try TabletHeaderRecord.decode($0) } == header)
        }
        // A move is a data dir's own affair: it leaves with no snapshot.
        let snapshot = SnapshotHeader(tablet: header, rowsets: [])
        let read = try snapshot.encoded().withUnsafeBytes { try SnapshotHeader(decoding: $0, name: "h") }
        #expect(read.tablet.move == nil && read.tablet.options == header.options)
    }

    @Test func indexPoliciesComeBackAsTheyWere() throws {
        let record = IndexPoliciesRecord(
            sequence: 7, policies: [IndexPolicy(id: 3, name: "n", kind: 2, properties: ["a": "b"])])
        let bytes = try record.encoded()
        #expect(try bytes.withUnsafeBytes { try IndexPoliciesRecord(decoding: $0) } == record)
        var broken = bytes
        broken[3] ^= 1
        #expect(throws: StoredFormatError.self) {
            try broken.withUnsafeBytes { try IndexPoliciesRecord(decoding: $0) }
        }
    }

    @Test func pendingRowsetAndGarbageComeBackAsTheyWere() throws {
        let pending = PendingRowset(
            rowset: Self.rowset(random, remote: false), source: "http://fe/x?y=1", sourceSizeBytes: 99)
        let bytes = try PendingRowsetRecord.encode(pending)
        #expect(try bytes.withUnsafeBytes { try PendingRowsetRecord.decode($0) } == pending)
        let rowset = RemoteRowsetGarbage(resource: "cold", tabletID: 4, segmentCount: 2)
        #expect(try rowset.encoded().withUnsafeBytes { try RemoteRowsetGarbage(decoding: $0) } == rowset)
        let tablet = RemoteTabletGarbage(tabletID: 4, resources: ["a", "b"])
        #expect(try tablet.encoded().withUnsafeBytes { try RemoteTabletGarbage(decoding: $0) } == tablet)
    }

    @Test func remoteMetaComesBackAsItWas() throws {
        let meta = RemoteCooldownMeta(
            tabletID: 10005, schemaHash: -77, cooldownMetaID: random.uniqueID(), replicaID: 10006, term: 4,
            rowsets: [Self.rowset(random, remote: true, start: 0), Self.rowset(random, remote: true, start: 3)])
        let bytes = try meta.encoded()
        #expect(try bytes.withUnsafeBytes { try RemoteCooldownMeta(decoding: $0, name: "m") } == meta)
    }

    @Test func remoteMetaWithAGapOrALocalRowsetIsRefused() throws {
        var meta = RemoteCooldownMeta(
            tabletID: 10005, schemaHash: -77, cooldownMetaID: random.uniqueID(), replicaID: 10006, term: 4,
            rowsets: [Self.rowset(random, remote: true, start: 0), Self.rowset(random, remote: true, start: 4)])
        for _ in 0..<2 {
            let bytes = try meta.encoded()
            let error = #expect(throws: StoredFormatError.self) {
                try bytes.withUnsafeBytes { try RemoteCooldownMeta(decoding: $0, name: "data/1/2.3.meta") }
            }
            #expect("\(error!)".contains("data/1/2.3.meta"))
            meta.rowsets = [Self.rowset(random, remote: false, start: 0)]
        }
    }

    @Test func anyChangedByteOrTruncationOfARecordIsDetected() throws {
        let good = try RowsetRecord.encode(Self.rowset(random, remote: true))
        for index in good.indices {
            for mask: UInt8 in [0x01, 0x40, 0xFF] {
                var bad = good
                bad[index] ^= mask
                #expect(throws: StoredFormatError.self, "byte \(index)") {
                    try bad.withUnsafeBytes { try RowsetRecord.decode($0) }
                }
            }
            #expect(throws: StoredFormatError.self, "\(index) bytes") {
                try Array(good[..<index]).withUnsafeBytes { try RowsetRecord.decode($0) }
            }
        }
    }
}
