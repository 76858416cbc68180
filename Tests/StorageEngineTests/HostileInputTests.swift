import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

/// Numbers and lists from outside that no honest peer sends: errors, and never a trap or a broken tablet.
@Suite struct HostileInputTests {
    private static let absurd: [@Sendable (inout RowsetMeta) -> Void] = [
        { $0.versions = VersionRange(0, Version(.max)) },
        { $0.versions = VersionRange(Version(.max), Version(.max)) },
        { $0.rowCount = -1 },
        { $0.rowCount = .max },
        { $0.sizeBytes = -1 },
        { $0.sizeBytes = .max },
        { $0.segments[0].sizeBytes = -1 },
        { $0.segments[0].sizeBytes = .max },
        { $0.segments[0].rowCount = .max },
        { meta in meta.segments = Array(repeating: SegmentMeta(sizeBytes: 1 << 42, rowCount: 1, crc32c: 0), count: 3) },
        { $0.oldestWrite = UnixTime(milliseconds: -(1 << 60)) },
        { $0.newestWrite = UnixTime(milliseconds: .max) },
        { $0.createdAt = UnixTime(milliseconds: .max) },
    ]

    @Test(arguments: absurd.indices) func aRecordWithAnAbsurdNumberIsRefused(index: Int) throws {
        var meta = RecordTests.rowset(SeededRandom(seed: 1), remote: false)
        Self.absurd[index](&meta)
        let bytes = try RowsetRecord.encode(meta)
        #expect(throws: StoredFormatError.self) { try bytes.withUnsafeBytes { try RowsetRecord.decode($0) } }
    }

    @Test func aSourceWithAbsurdNumbersIsReplacedByTheNext() throws {
        let cluster = try CloneCluster(3)
        try cluster.load([0, 1], versions: 5)
        let source = try cluster.nodes[0].tablet().snapshot
        var rowsets = source.rowsets.map(\.meta)
        rowsets[2].versions = VersionRange(3, Version(.max))
        try serve(SnapshotHeader(tablet: source.header, rowsets: rowsets), cluster)
        _ = try cluster.nodes[2].clones.clone(cluster.request(upTo: 5, from: [0, 1], replica: 502))
        #expect(try cluster.nodes[2].rows() == CloneCluster.rows(upTo: 5))
    }

    /// Two records under one key would be one after a restart.
    @Test(arguments: [false, true]) func aSourceThatNamesARowsetTwiceIsReplacedByTheNext(remote: Bool) throws {
        let cluster = try CloneCluster(3)
        try cluster.load([0, 1], versions: 5)
        let source = try cluster.nodes[0].tablet().snapshot
        var rowsets = source.rowsets.map(\.meta)
        for index in 0..<rowsets.count where remote { rowsets[index].location = .remote(resource: "cold") }
        rowsets[3].id = rowsets[2].id
        rowsets[3].segments = rowsets[2].segments
        try serve(SnapshotHeader(tablet: source.header, rowsets: rowsets), cluster)
        _ = try cluster.nodes[2].clones.clone(cluster.request(upTo: 5, from: [0, 1], replica: 502))
        try cluster.nodes[2].restart()
        #expect(try cluster.nodes[2].rows() == CloneCluster.rows(upTo: 5))
        #expect(cluster.nodes[2].held == "0-5")
    }

    private func serve(_ header: SnapshotHeader, _ cluster: CloneCluster) throws {
        cluster.inject("1.hdr", .replaced(try header.encoded()))
    }

    @Test func aRequestForAnAbsurdVersionIsAnError() throws {
        let cluster = try CloneCluster(2)
        try cluster.load([0, 1], versions: 3)
        let node = cluster.nodes[1]
        let clone = #expect(throws: EngineError.self) {
            try node.clones.clone(cluster.request(upTo: Version(.max), from: [0]))
        }
        #expect(clone?.statusCode == .invalidArgument)
        #expect(throws: EngineError.self) {
            try node.engine.publish(.sample(9, Version(.max)), gaps: .accept)
        }
        var create = CreateTabletRequest.sample(2)
        create.version = Version(.max)
        #expect(throws: EngineError.self) { try node.engine.createTablet(create) }
        #expect(throws: EngineError.self) {
            try node.snapshots.make(SnapshotRequest(tabletID: 1, schemaHash: 7, version: Version(.max)))
        }
        let missing = SnapshotRequest(
            tabletID: 1, schemaHash: 7, missingVersions: [Version(.max), Version(.min), 3], allowIncrementalClone: true)
        #expect(try !node.snapshots.make(missing).isIncremental)
    }

    /// The clone of a replica with a remote rowset behind local ones, which no protocol makes.
    @Test func aPlanForATabletWithoutARemotePrefixKeepsWhatIsThere() {
        let own = [
            ClonePiece(VersionRange(3, 3), bytes: 5), ClonePiece(VersionRange(5, 9), isRemote: true),
        ]
        let plan = ClonePlan.make(own: own, offered: [ClonePiece(VersionRange(4, 4), bytes: 5)], upTo: 9)
        #expect(plan.take == [] && plan.replace == [])
        #expect(plan.held == VersionSet(own.map(\.versions)))
    }

    @Test func aSegmentWithAbsurdWriteTimesIsRefused() throws {
        let file = MemoryMachine(time: ManualScheduler()).fileSystem
        let writer = SegmentWriter(
            file: try file.create("/s.dat"), path: "/s.dat", compressor: NoCompression(), targetBlockBytes: 100,
            maxRowBytes: 100)
        try Array("row".utf8).withUnsafeBytes {
            try writer.append(row: $0, writtenAt: UnixTime(milliseconds: .min))
        }
        let meta = try writer.finish()
        let error = #expect(throws: SegmentError.self) {
            _ = try SegmentReader(
                source: FileSegmentSource(try file.open("/s.dat")), name: "s", expected: meta
            ) { _ in NoCompression() }
        }
        #expect(error?.description.contains("write times") == true)
    }

    @Test func moreMissingVersionsThanAnyTabletHasCostAFullSnapshotOnly() throws {
        let cluster = try CloneCluster(1)
        try cluster.load([0], versions: 4)
        let missing = (0..<100_000).map { Version($0 * 2) }
        let made = try cluster.nodes[0].snapshots.make(
            SnapshotRequest(tabletID: 1, schemaHash: 7, missingVersions: missing, allowIncrementalClone: true))
        #expect(!made.isIncremental)
    }

    @Test(arguments: ["/1/7", "1.hdr"]) func aSourceWithAnEndlessListOrHeaderIsReplacedByTheNext(path: String) throws {
        let cluster = try CloneCluster(3)
        try cluster.load([0, 1], versions: 3)
        cluster.inject(path, .replaced([UInt8](repeating: UInt8(ascii: "\n"), count: 17 << 20)))
        _ = try cluster.nodes[2].clones.clone(cluster.request(upTo: 3, from: [0, 1], replica: 502))
        #expect(try cluster.nodes[2].rows() == CloneCluster.rows(upTo: 3))
    }
}
