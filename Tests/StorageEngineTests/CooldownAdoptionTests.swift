import Checksums
import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

/// An uploader that is older than what the replica of its id uploaded in its term: it was cloned anew, or its disk is one of
/// yesterday. The second node plays it; the first one is what it was.
@Suite("An uploader behind its own remote meta")
struct CooldownAdoptionTests {
    private let rows = sampleRows(30)

    /// The first node has cooled all it has.
    private func cluster() throws -> ColdCluster {
        let cluster = try ColdCluster(
            nodes: 2, loads: [Array(rows[..<10]), Array(rows[10..<20]), Array(rows[20...])])
        try cluster.push(cluster.conf(0, term: 1))
        try cool(cluster)
        return cluster
    }

    private func cool(_ cluster: ColdCluster) throws {
        try cluster.time.advance(by: .seconds(20))
        for _ in 0..<3 { _ = try cluster.nodes[0].cooldown.runOnce(1) }
        #expect(cluster.nodes[0].tablet.snapshot.rowsets.allSatisfy { $0.meta.isRemote })
    }

    /// - Parameter metaID: what a clone gives an uploader.
    private func becomeTheUploader(_ cluster: ColdCluster, metaID: UniqueID?) throws {
        let id = cluster.nodes[0].replicaID
        try cluster.nodes[1].tablet.commit(
            TabletChange(editHeader: { header in
                header.replicaID = id
                header.cooldownMetaID = metaID
            }))
    }

    @Test("it stands on that meta and uploads nothing again", arguments: [nil, UniqueID(high: 7, low: 7)])
    func adopts(metaID: UniqueID?) throws {
        let cluster = try cluster()
        let (old, new) = (cluster.nodes[0], cluster.nodes[1])
        try becomeTheUploader(cluster, metaID: metaID)
        let puts = cluster.store.putCounts
        #expect(try new.cooldown.runOnce(1) == .followed(rowsets: 4))
        #expect(cluster.store.putCounts == puts)
        #expect(new.tablet.rowsets.map(\.meta.id) == old.tablet.rowsets.map(\.meta.id))
        #expect(new.tablet.header.cooldownMetaID == old.tablet.header.cooldownMetaID)
        #expect(new.segmentFiles == [])
        #expect(try readRows(new.engine, 1) == rows)
        #expect(new.cooldown.dueTablets(now: cluster.time.wallNow).isEmpty)
        // It goes on from there.
        let more = sampleRows(10, "more")
        try cluster.load(more)
        try cluster.time.advance(by: .seconds(20))
        #expect(try new.cooldown.runOnce(1) == .cooled(rowsets: 1, objects: 1, bytes: 0 + cooledBytes(new)))
        #expect(try readRows(new.engine, 1) == rows + more)
    }

    private func cooledBytes(_ node: ColdNode) -> Int64 { node.tablet.rowsets.last?.meta.sizeBytes ?? 0 }

    @Test("lacking versions of it, it leaves the meta alone and waits for its repair")
    func behind() throws {
        let cluster = try cluster()
        let (old, new) = (cluster.nodes[0], cluster.nodes[1])
        let more = sampleRows(10, "more")
        try old.load(more, version: 5, transaction: 50)
        try cool(cluster)
        try becomeTheUploader(cluster, metaID: UniqueID(high: 7, low: 7))
        let puts = cluster.store.putCounts
        #expect(try new.cooldown.runOnce(1) == .waiting(.behind(end: 4, remoteEnd: 5)))
        #expect(cluster.store.putCounts == puts)
        try new.load(more, version: 5, transaction: 50)
        #expect(try new.cooldown.runOnce(1) == .followed(rowsets: 5))
        #expect(cluster.store.putCounts == puts)
    }

    @Test("it cuts a rowset that does not align; with an object gone it uploads anew", arguments: [false, true])
    func cannot(objectIsGone: Bool) throws {
        let cluster = try cluster()
        let new = cluster.nodes[1]
        var expected = rows
        if objectIsGone {
            let key = try #require(cluster.store.keys.first { $0.hasSuffix(".dat") })
            try cluster.store.delete([key])
        } else {
            let more = sampleRows(10, "more")
            expected += more
            try cluster.load(more)
            _ = try new.engine.compact(CompactionRequest(tabletID: 1, kind: .cumulative), isAsked: true)
            #expect(new.tablet.rowsets.map(\.meta.versions) == [VersionRange(0, 5)])
        }
        try becomeTheUploader(cluster, metaID: UniqueID(high: 7, low: 7))
        try cluster.time.advance(by: .seconds(20))
        for _ in 0..<5 { _ = try new.cooldown.runOnce(1) }
        #expect(new.tablet.snapshot.rowsets.allSatisfy { $0.meta.isRemote })
        #expect(try readRows(new.engine, 1) == expected)
        let bytes = try #require(cluster.store.bytes("data/1/101.1.meta"))
        let meta = try bytes.withUnsafeBytes { try RemoteCooldownMeta(decoding: $0, name: "m") }
        #expect(meta.cooldownMetaID == new.tablet.header.cooldownMetaID)
        #expect(meta.rowsets == new.tablet.rowsets.map(\.meta))
        #expect(new.cooldown.counters.values.uploadedRowsets == (objectIsGone ? 4 : 1))
    }

    @Test("a meta that a newer build wrote is not written over")
    func newerFormat() throws {
        let cluster = try cluster()
        try becomeTheUploader(cluster, metaID: UniqueID(high: 7, low: 7))
        let key = "data/1/101.1.meta"
        let newer = try Self.withFormatVersion(2, try #require(cluster.store.bytes(key)))
        _ = try cluster.store.put(key, from: BytesSource(newer))
        let error = #expect(throws: StoredFormatError.self) { try cluster.nodes[1].cooldown.runOnce(1) }
        #expect(error?.cause == .newerFormat(found: 2, supported: 1))
        #expect(cluster.store.bytes(key) == newer)
    }

    /// The record with another format version in its outermost message.
    private static func withFormatVersion(_ version: UInt8, _ bytes: [UInt8]) throws -> [UInt8] {
        var body = Array(bytes.dropLast(6))
        // Field 1000, a varint of one byte; those of the rowsets stand before it.
        let place = try #require(body.indices.dropLast(2).last { body[$0...].starts(with: [0xC0, 0x3E, 1]) })
        body[place + 2] = version
        let checksum = crc32c(body)
        return body + [0xFD, 0x7F] + withUnsafeBytes(of: checksum.littleEndian) { Array($0) }
    }
}
