import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// Followers reach the uploader's prefix without another load, whatever each has merged.
    @Suite struct CooldownConvergenceTests {
        // found B1, B2
        @Test func everyReplicaIsColdSoonAfterTheLastLoad() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            let keen = ["compaction_check_interval_seconds": "1", "cumulative_compaction_min_deltas": "3"]
            try ProcessCluster.run(backends: 3, backend: keen) { cluster in
                try cluster.createTable("t", buckets: 3, replicas: 3)
                try cluster.createPolicy("cold", on: server)
                _ = try cluster.control("attach-policy", "t", "cold")
                var files: [String] = []
                // One row leaves two of three tablets with an empty version; the last versions are such ones.
                for load in 0..<40 {
                    files.append(
                        try cluster.loadRows("t", count: load % 3 == 0 || load > 36 ? 1 : 50, seed: UInt64(load)))
                }
                try cluster.waitUntilCold("t")
                let wanted = try cluster.checksum(files: files)
                #expect(try cluster.readChecksum("t") == wanted)
                #expect(try cluster.readChecksum("t", "--followers") == wanted)
                let table = try cluster.decode(TableView.self, "table", "t")
                #expect(table.coldReplicaCount == 9 && table.localBytes == 0)
                #expect(try cluster.sum("tabletd_be_compaction_runs_total") > 0)
            }
        }
    }
}
