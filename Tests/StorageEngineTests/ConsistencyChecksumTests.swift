import Checksums
import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct ConsistencyChecksumTests {
    private func request(_ version: Version) -> CheckConsistencyRequest {
        CheckConsistencyRequest(tabletID: 1, schemaHash: 7, version: version)
    }

    @Test func itIsTheSameHoweverTheRowsLie() throws {
        let first = try EngineFixture()
        let second = try EngineFixture(
            options: {
                var options = EngineOptions.small
                options.targetBlockBytes = 4096
                options.maxSegmentBytes = 1 << 20
                return options
            }())
        let engines = try [first, second].map { fixture in
            let engine = try fixture.start()
            var tablet = try LoadedTablet(fixture, engine)
            try tablet.load(5, 60, 0, 7, in: engine)
            return engine
        }
        let before = try engines[0].checksum(request(5))
        #expect(before.rowCount == 72)
        #expect(try engines[1].checksum(request(5)) == before)
        let old = try engines[1].checksum(request(3))
        try engines[0].compactNow()
        #expect(try engines[0].checksum(request(5)) == before)
        // Exactly the version that was asked for, from stale rowsets.
        #expect(try engines[0].checksum(request(3)) == old)
        #expect(old != before)
    }

    @Test func itIsTheSameForColdAndLocalRows() throws {
        let cluster = try ColdCluster(nodes: 2, loads: [sampleRows(20, "a"), sampleRows(30, "b")])
        let request = CheckConsistencyRequest(tabletID: 1, schemaHash: 7, version: 3)
        let local = try cluster.nodes[0].engine.checksum(request)
        try cluster.push(cluster.conf(0, term: 1))
        try cluster.settle()
        #expect(cluster.nodes[1].tablet.snapshot.maxRemoteVersion == 3)
        #expect(try cluster.nodes.map { try $0.engine.checksum(request) } == [local, local])
    }

    @Test func aVersionThatIsNotHereIsAnError() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        var tablet = try LoadedTablet(fixture, engine)
        try tablet.load(5, in: engine)
        #expect(throws: EngineError.versionNotReadable(1, 4, missing: [VersionRange(3, 4)])) {
            try engine.checksum(request(4))
        }
        #expect(throws: EngineError.schemaHashMismatch(1, local: 7, requested: 9)) {
            try engine.checksum(CheckConsistencyRequest(tabletID: 1, schemaHash: 9, version: 2))
        }
        #expect(throws: EngineError.unknownTablet(2)) {
            try engine.checksum(CheckConsistencyRequest(tabletID: 2, schemaHash: 7, version: 2))
        }
    }

    /// The wire has one i64 for it: never negative, and no bit of the sum is left out.
    @Test func theFoldKeepsEveryBit() {
        let random = SeededRandom(seed: 3)
        for _ in 0..<1000 {
            let checksum = RowChecksum(sum: random.next(), rowCount: Int64(random.next(below: 1 << 40)))
            #expect(checksum.folded >= 0)
            for bit in 0..<64 {
                let other = RowChecksum(sum: checksum.sum ^ (1 << UInt64(bit)), rowCount: checksum.rowCount)
                #expect(other.folded != checksum.folded)
            }
            #expect(RowChecksum(sum: checksum.sum, rowCount: checksum.rowCount + 1).folded != checksum.folded)
        }
        #expect(RowChecksum().folded == 0)
    }
}
