import Foundation
import HTTPAPI
import Platform
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// CHECK_CONSISTENCY: what is equal has one checksum, however it lies, and nothing else has.
    @Suite struct ConsistencyCheckTests {
        private static let settings = ["disable_auto_compaction": "true"]

        @Test func replicasWithOtherRowsetsHaveOneChecksum() throws {
            try DrivenBackends.run(2, settings: Self.settings) { driven in
                let (first, second) = (driven.backends[0], driven.backends[1])
                try driven.create(10)
                try driven.loadVersions(2...6, into: 10, on: driven.backends)
                #expect(try driven.compact(10, .cumulative, on: second).isOK)
                #expect(try first.versionGraph(10).visible.count > second.versionGraph(10).visible.count)
                #expect(try driven.checksum(10, at: 6, on: first) == driven.checksum(10, at: 6, on: second))
                // An old version, from the merged rowsets.
                let old = try driven.checksum(10, at: 4, on: first)
                #expect(try old == driven.checksum(10, at: 4, on: second))
                #expect(try old != driven.checksum(10, at: 6, on: first))
                #expect(try driven.checksum(10, at: 6, on: first) >= 0)
            }
        }

        @Test func otherRowsHaveAnotherChecksum() throws {
            try DrivenBackends.run(2, settings: Self.settings) { driven in
                try driven.create(10)
                try driven.load("a\nb\n", into: 10, 2, as: 2, on: [driven.backends[0]])
                try driven.load("a\nc\n", into: 10, 3, as: 2, on: [driven.backends[1]])
                let sums = try driven.backends.map { try driven.checksum(10, at: 2, on: $0) }
                #expect(sums[0] != sums[1])
            }
        }

        @Test func aColdReplicaHasTheChecksumOfALocalOne() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            try DrivenBackends.run(2, settings: Self.settings) { driven in
                let (cold, local) = (driven.backends[0], driven.backends[1])
                try driven.create(10)
                try driven.loadVersions(2...4, into: 10, on: driven.backends)
                try driven.attachPolicy(to: 10, server.resource(), on: [cold])
                try driven.appoint(1, of: 10, term: 1, on: cold)
                try eventually("cold") { try cold.tablet(10)?.isCold == true }
                #expect(try local.tablet(10)?.isCold == false)
                #expect(try driven.checksum(10, at: 4, on: cold) == driven.checksum(10, at: 4, on: local))
            }
        }

        @Test func whatCanNotBeReadHasNoChecksum() throws {
            try DrivenBackends.run(settings: Self.settings) { driven in
                try driven.create(10)
                try driven.loadVersions(2...4, into: 10, on: driven.backends)
                func check(_ tablet: TabletID, _ version: Version, hash: SchemaHash = DrivenBackends.schemaHash) throws
                    -> RPCStatus
                {
                    let request = CheckConsistencyRequest(tabletID: tablet, schemaHash: hash, version: version)
                    return try driven.frontend.run(.checkConsistency, .checkConsistency(request), on: driven.backend)
                        .status
                }
                let absent = try check(99, 4)
                #expect(absent.code == .notFound && absent.messages.joined().contains("99"))
                #expect(try !check(10, 4, hash: 5).isOK)
                let future = try check(10, 9)
                #expect(!future.isOK && future.messages.joined().contains("9"))
                let path = try driven.backend.segmentFile(of: 10, version: 3)
                var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
                bytes[bytes.count / 3] ^= 1
                try bytes.write(to: URL(fileURLWithPath: path))
                let corrupt = try check(10, 4)
                #expect(corrupt.code == .corruption, "\(corrupt)")
                // The rowset has left the tablet, so that the FE has it brought back.
                #expect(try driven.backend.versionGraph(10).missing == [.init(start: 3, end: 3)])
            }
        }
    }
}
