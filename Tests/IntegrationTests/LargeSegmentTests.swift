import CurlHTTP
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// found B6, B13: segments that go up in parts. What a server answers as their ETag is its own affair: rclone says one
    /// thing at the end of the upload and another when asked later, moto says the same twice.
    @Suite struct LargeSegmentTests {
        @Test func segmentsInPartsAreSentOnceToWhateverServer() throws {
            let rclone = try RcloneS3Server()
            defer { rclone.stop() }
            let moto = try MotoServer()
            defer { moto.stop() }
            let client = try HTTPClient()
            defer { client.shutdown() }
            #expect(try client.execute(HTTPRequest(.put, "\(moto.endpoint)/bucket")).isSuccess)
            let small = ["s3_multipart_size_bytes": "5242880"]
            try ProcessCluster.run(backends: 2, backend: small) { cluster in
                for (name, endpoint) in [("rclone", rclone.endpoint), ("moto", moto.endpoint)] {
                    let keys = ["AWS_ACCESS_KEY_ID": rclone.accessKey, "AWS_SECRET_ACCESS_KEY": rclone.secretKey]
                    _ = try cluster.control(
                        "create-resource", "\(name)-s3", "--endpoint", endpoint, "--bucket", "bucket", "--region",
                        "us-east-1", "--root-path", "it", environment: keys)
                    _ = try cluster.control("create-policy", name, "--resource", "\(name)-s3", "--ttl", "0")
                    try cluster.createTable(name, buckets: 1, replicas: 2)
                }
                let file = try cluster.makeRows("large.csv", count: 700_000)
                let wanted = try cluster.checksum(file: file)
                for name in ["rclone", "moto"] {
                    _ = try cluster.control("load", name, "--file", file, "--label", name)
                    _ = try cluster.control("attach-policy", name, name)
                    try cluster.waitUntilCold(name)
                    #expect(try cluster.readChecksum(name, "--followers") == wanted)
                    let table = try cluster.decode(TableView.self, "table", name)
                    #expect(table.coldReplicaCount == 2 && table.localBytes == 0)
                }
                // Nothing was sent again.
                #expect(try cluster.sum("tabletd_be_cooldown_failed_runs_total") == 0)
                #expect(try cluster.sum("tabletd_be_cooldown_uploaded_bytes_total") > 2 * 5_242_880)
            }
        }
    }
}
