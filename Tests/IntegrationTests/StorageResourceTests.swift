import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// Cold rows stay readable whatever a person does with policies and keys.
    @Suite struct StorageResourceTests {
        // found A6
        @Test func aBackendThatNeverKnewThePolicyReadsWhatWasCooledUnderIt() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            try ProcessCluster.runQuickToRepair(backends: 4) { cluster in
                let (first, newcomer) = (cluster.backends[0], cluster.backends[3])
                _ = try cluster.control("drop-backend", newcomer.heartbeatAddress.description, "--force")
                try cluster.createTable("t", buckets: 2, replicas: 3)
                let file = try cluster.loadRows("t", count: 2000, seed: 1)
                let wanted = try cluster.checksum(file: file)
                try cluster.createPolicy("p1", on: server)
                _ = try cluster.control("attach-policy", "t", "p1")
                try cluster.waitUntilCold("t")

                _ = try cluster.control("create-policy", "p2", "--resource", "p1-s3", "--ttl", "0")
                _ = try cluster.control("attach-policy", "t", "p2")
                _ = try cluster.control("drop-policy", "p1")
                let refused = try cluster.attempt(["drop-resource", "p1-s3"])
                #expect(refused.status != 0 && refused.error.contains("p1-s3"), "\(refused.error)")

                _ = try cluster.control("add-backend", newcomer.heartbeatAddress.description, "--wait")
                let leaving = try cluster.id(of: first)
                _ = try cluster.control("decommission", first.heartbeatAddress.description)
                try eventually("the decommissioned backend is drained") {
                    try !cluster.decode([BackendView].self, "backends").contains {
                        $0.id == leaving && $0.tabletCount > 0
                    }
                }
                try cluster.waitUntilHealthy("t")
                try cluster.expectEverywhere("t", wanted, on: Array(cluster.backends[1...]))
                #expect(try cluster.unhealthyReplicas().isEmpty)
            }
        }

        // found A7, B9
        @Test func rotatedKeysAreGivenToTheResourceAndItsRowsReadAgain() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            try ProcessCluster.run(backends: 2, backend: ["max_s3_client_retry": "1"]) { cluster in
                try cluster.createTable("t", buckets: 2, replicas: 2)
                let wanted = try cluster.checksum(file: cluster.loadRows("t", count: 2000, seed: 1))
                try cluster.createPolicy("cold", on: server)
                _ = try cluster.control("attach-policy", "t", "cold")
                try cluster.waitUntilCold("t")

                server.stop()
                try server.startAgain(secret: "rotated-secret")
                #expect(try cluster.attempt(["read", "t", "--checksum"]).status != 0)
                // A person sees which resource it is, where, and since when, without a backend's log.
                let seen = try eventually("the error is told") {
                    try cluster.decode([StorageResourceView].self, "resources").first?.backends
                        .first { !$0.error.isEmpty }
                }
                #expect(seen.error.contains("SignatureDoesNotMatch") || seen.error.contains("403"), "\(seen.error)")
                #expect(seen.errorSinceMs > 0)

                let key = ["AWS_ACCESS_KEY_ID": server.accessKey]
                let idle = try cluster.attempt(["alter-resource", "cold-s3"], environment: key)
                #expect(idle.status == 2 && idle.error.contains("--keys"), "\(idle.error)")
                let wrong = try cluster.attempt(
                    ["alter-resource", "cold-s3", "--keys"],
                    environment: key.merging(["AWS_SECRET_ACCESS_KEY": "typed wrong"]) { $1 })
                #expect(wrong.status != 0 && !wrong.error.contains("typed wrong"), "\(wrong.error)")
                _ = try cluster.control(
                    "alter-resource", "cold-s3", "--keys",
                    environment: key.merging(["AWS_SECRET_ACCESS_KEY": "rotated-secret"]) { $1 })
                try eventually("cold rows read again") {
                    try cluster.attempt(["read", "t", "--checksum"]).status == 0
                }
                #expect(try cluster.readChecksum("t", "--followers") == wanted)
                // New rows cool under the new keys.
                let more = try cluster.loadRows("t", count: 500, seed: 2)
                try cluster.waitUntilCold("t")
                #expect(try cluster.checksum(file: more).rows == 500)
                #expect(try cluster.readChecksum("t").rows == 2500)
                try eventually("the error is over") {
                    try cluster.decode([StorageResourceView].self, "resources")
                        .allSatisfy { $0.backends.allSatisfy(\.error.isEmpty) }
                }
            }
        }
    }
}
