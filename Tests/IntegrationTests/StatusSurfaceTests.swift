import CurlHTTP
import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// What both daemons tell over HTTP, and a client that speaks Doris' bytes.
    @Suite struct StatusSurfaceTests {
        @Test func healthStatusAndMetricsOfBothDaemonsAnswer() throws {
            try ProcessCluster.run { cluster in
                try cluster.createTable("t", buckets: 2, replicas: 1)
                let backend = cluster.backends[0]
                let health = try backend.get("/api/health")
                #expect(health.status == 200 && String(decoding: health.body, as: UTF8.self).contains("\"OK\""))
                try eventually("its disk") { try backend.status().disks.map(\.isUsed) == [true] }
                let status = try backend.status()
                #expect(status.clusterID != nil && status.masterEpoch >= 1 && status.taskCount == 0)
                let metrics = String(decoding: try backend.get("/metrics").body, as: UTF8.self)
                #expect(
                    metrics.contains("# TYPE") && metrics.contains("tabletd_thrift_calls_total{server=\"heartbeat\"}"))

                let master = try cluster.decode(MasterStatusView.self, "status")
                #expect(master.aliveBackends == 1 && master.tablets == 2 && master.isReady)
                let frontend = try FrontendProbe(cluster)
                #expect(try frontend.get("/api/health").status == 200)
                let text = String(decoding: try frontend.get("/metrics").body, as: UTF8.self)
                #expect(text.contains("tabletd_fe_backends_alive 1") && text.contains("tabletd_fe_tablets 2"))
                #expect(try frontend.get("/api/tables/default/nowhere").status == 404)
                #expect(try frontend.get("/no/such/route").status == 404)
                #expect(try backend.get("/api/tablets/999999").status == 404)
                #expect(try backend.get("/api/_tablet/_read?tablet_id=999999").status == 401)
                #expect(try backend.get("/api/_tablet/_read").status == 400)
            }
        }

        /// Clients encode what stands in a path, each in its own way.
        @Test func namesInPathsAreDecodedByTheFrontend() throws {
            try ProcessCluster.run { cluster in
                try cluster.createTable("t-1", buckets: 1, replicas: 1)
                let frontend = try FrontendProbe(cluster)
                for path in ["default/t-1", "%64efault/t%2D1", "default/%74-1/tablets"] {
                    #expect(try frontend.get("/api/tables/\(path)").status == 200, "\(path)")
                }
                #expect(try frontend.get("/api/tables/default/50%").status == 400)
                for arguments in [["table", "a b%20"], ["drop-resource", "a b%20"], ["drop-database", "a b%20"]] {
                    let refused = try cluster.attempt(arguments)
                    #expect(refused.status == 4 && refused.error.contains("a b%20"), "\(refused.error)")
                }
                let load = try cluster.attempt(["load", "a b%20", "--file", "/dev/null", "--label", "50%"])
                #expect(load.status == 4 && load.error.contains("a b%20"), "\(load.error)")
            }
        }

        /// The golden vector of the wire contract, with this test's addresses in it.
        @Test func aHeartbeatInDorisBytesGetsAValidReply() throws {
            try DrivenBackends.run { driven in
                let fresh = try BackendProcess("fresh", in: driven.folder.path)
                defer { fresh.daemon.kill() }
                try fresh.start()
                let golden =
                    "8001000100000009686561727462656174000000000c00010c00010b00010000000831302e302e302e310800020000233c"
                    + "00080002000000010a000300000000000000020b000400000001740b0005000000093132372e302e302e31"
                    + "08000600001f5e0a000700000000000000010a000800000000000027130000"
                let connection = try RawConnection(port: fresh.heartbeatAddress.port)
                connection.send(bytes(golden))
                // REPLY, its name, sequence 0, then field 0 (struct): status {1: OK}, and the backend's ports.
                let head = callHead("heartbeat", type: 2)
                #expect(connection.receive(head.count) == head)
                let ports = bytes(fresh.agentAddress.port)
                let body: [UInt8] =
                    [12, 0, 0, 12, 0, 1, 8, 0, 1, 0, 0, 0, 0, 0, 12, 0, 2, 8, 0, 1] + ports + [8, 0, 2]
                #expect(connection.receive(body.count) == body)
                #expect(try fresh.status().clusterID == 1)
                #expect(try fresh.status().masterEpoch == 2)
            }
        }

        @Test func aPingInDorisBytesGetsAValidReply() throws {
            try ProcessCluster.run { cluster in
                let golden = "800100010000000470696e67000000010c0001080001000000010b000200000001740000"
                let connection = try RawConnection(port: cluster.frontend.port("rpc_port"))
                connection.send(bytes(golden))
                // Its cluster id and token are not this cluster's: FAILED, yet with every required field.
                let head = callHead("ping", type: 2, sequence: 1)
                #expect(connection.receive(head.count) == head)
                #expect(connection.receive(10) == [12, 0, 0, 8, 0, 1, 0, 0, 0, 1])
            }
        }
    }
}
