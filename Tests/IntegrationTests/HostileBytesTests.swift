import Foundation
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// Bytes that are no Thrift, on both Thrift ports of a real BE: it goes on, and its memory does not grow.
    @Suite struct HostileBytesTests {
        /// A call whose argument claims a string of almost 2 GB.
        private static func claim(_ method: String) -> [UInt8] {
            callHead(method) + [12, 0, 1, 11, 0, 1] + bytes(Int32.max - 8) + [UInt8](repeating: 65, count: 4096)
        }

        /// A list that claims 2³¹ tasks.
        private static let hugeList = callHead("submit_tasks") + [15, 0, 1, 12] + bytes(Int32.max)

        private static var attacks: [(name: String, bytes: [UInt8])] {
            [
                ("garbage", (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }),
                ("HTTP", Array("GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n".utf8)),
                ("2 GB string", claim("heartbeat")), ("2 GB string to the agent", claim("submit_tasks")),
                ("2 GB method name", [0x80, 1, 0, 1] + bytes(Int32.max) + [UInt8](repeating: 66, count: 1000)),
                ("2³¹ tasks", hugeList), ("negative length", [0x80, 1, 0, 1] + bytes(Int32(-5))),
                ("framed", bytes(Int32(100)) + callHead("heartbeat")),
            ]
        }

        @Test func garbageHTTPAndClaimsOfTwoGigabytesDisturbNobody() throws {
            try DrivenBackends.run { driven in
                let backend = driven.backend
                try driven.create(10)
                let before = try backend.daemon.residentBytes()
                for port in [backend.heartbeatAddress.port, backend.agentAddress.port] {
                    for attack in Self.attacks {
                        // Several at once, all still open while the next ones come.
                        let connections = try (0..<8).map { _ in try RawConnection(port: port) }
                        for connection in connections { connection.send(attack.bytes) }
                        #expect(try driven.frontend.heartbeat(backend).status.isOK, "after \(attack.name)")
                    }
                }
                #expect(try backend.daemon.residentBytes() - before < 64 << 20)
                #expect(backend.daemon.isRunning)
                #expect(try driven.frontend.run(.create, driven.creation(11), on: backend).status.isOK)
                #expect(try backend.metric("tabletd_thrift_refused_messages_total") > 0)
                #expect(try backend.daemon.stop() == 0)
            }
        }

        @Test func aFrontendSurvivesTheSame() throws {
            try ProcessCluster.run { cluster in
                let before = try cluster.frontend.residentBytes()
                for attack in Self.attacks + [("2 GB report", Self.claim("report"))] {
                    let connections = try (0..<8).map { _ in try RawConnection(port: cluster.frontend.port("rpc_port"))
                    }
                    for connection in connections { connection.send(attack.bytes) }
                }
                try cluster.createTable("t", buckets: 1, replicas: 1)
                #expect(try cluster.frontend.residentBytes() - before < 96 << 20)
                #expect(cluster.frontend.isRunning)
            }
        }

        @Test func idleConnectionsDoNotKeepAHeartbeatWaiting() throws {
            try DrivenBackends.run { driven in
                let idle = try (0..<300).map { _ in try RawConnection(port: driven.backend.heartbeatAddress.port) }
                // Half of a message in each: the worst an idle one can be.
                for connection in idle { connection.send(callHead("heartbeat")) }
                for _ in 0..<20 { #expect(try driven.frontend.heartbeat(driven.backend).status.isOK) }
                #expect(idle.count == 300)
            }
        }
    }
}
