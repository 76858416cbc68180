import ClusterTestKit
import MySQLServer
import ServerFixtures
import Testing

/// Damaged conversations over sockets: what the machine survives, the port around it must survive too.
@Suite struct NoiseTests {
    private typealias Bytes = MySQLClientBytes

    @Test(arguments: SeedRange.chosen(default: 1...4))
    func damagedConversationsLeaveNothingBehind(seed: UInt64) async throws {
        try await TestServer.run({
            $0.readTimeout = .seconds(2); $0.handshakeTimeout = .seconds(2)
        }) {
            server in
            var random = SplitMix64(seed: seed)
            for _ in 0..<150 {
                let client = try MySQLRawClient(port: server.port)
                var bytes = Bytes.message(Bytes.hello(user: "nobody", answer: []), sequence: 1)
                for command in [
                    Bytes.query("INSERT"), Bytes.command(0x0e), Bytes.query("ROWS 100 100"), Bytes.command(1),
                ] {
                    bytes += command
                }
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let at = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                    case 1: bytes.removeSubrange(at..<min(bytes.count, at + 5))
                    default: bytes.insert(contentsOf: [0xff, 0xff, 0], at: at)
                    }
                }
                // Some go away amid it, others wait for an answer; none says more.
                client.send(bytes)
                if Bool.random(using: &random) {
                    client.connection.endSending()
                    _ = client.receive()
                }
            }
            try eventually("all connections' ends") { server.statistics.connections == 0 }
            // A login may have been under way when its client left.
            try eventually("all sessions' ends") { server.sessions.open == 0 }
            #expect(try server.client().ask("INSERT").first == 0)
        }
    }
}
