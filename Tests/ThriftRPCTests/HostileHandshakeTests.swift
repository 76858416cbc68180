import Glibc
import Platform
import ServerFixtures
import Synchronization
import TabletModel
import Testing

@testable import ThriftRPC

/// Handshakes that stop, crawl, or are not what they should be.
@Suite struct HostileHandshakeTests {
    /// The first message of a client of ours.
    private func clientHello(_ fixture: TLSFixture) throws -> [UInt8] {
        let listener = try RawListener()
        var hello: [UInt8] = []
        try withPeer({
            let connection = try listener.accept()
            let head = connection.receive(5)
            return head + connection.receive(Int(head[3]) << 8 | Int(head[4]))
        }) { peer throws in
            _ = try fixture.failure(listener.port, fixture.connector())
            hello = try peer()
        }
        #expect(hello.count > 100 && hello[0] == 0x16)
        return hello
    }

    @Test func oneThatStopsHoldsNoWorkerAndEndsAtTheMessageDeadline() throws {
        let fixture = try TLSFixture()
        let hello = try clientHello(fixture)
        let limits = ServerLimits.small {
            $0.workers = 1
            $0.messageDeadline = .seconds(1)
        }
        try fixture.withServer(limits: limits) { server throws in
            let parts = [1, 3, 5, 60, hello.count - 1, hello.count]
            let stopped = try parts.map { count in
                let connection = try RawConnection(port: server.boundPort)
                connection.send(Array(hello[..<count]))
                return connection
            }
            let connector = try fixture.connector()
            for _ in 0..<10 { #expect(try heartbeat(server.boundPort, connector).status == .ok) }
            #expect(server.statistics.memoryBytes > 0)
            // The last one has had its answer.
            for each in stopped { while !each.receive(1000).isEmpty {} }
            try wait(for: "all to be closed") { server.statistics.timedOut == Int64(parts.count) }
            #expect(server.statistics.memoryBytes == 0)
        }
    }

    /// A record is a message's first bytes, or would be kept for as long as a silent connection.
    @Test func aRecordThatStopsEndsAtTheMessageDeadline() throws {
        let fixture = try TLSFixture()
        let limits = ServerLimits.small { $0.messageDeadline = .milliseconds(500) }
        try fixture.withServer(limits: limits) { server throws in
            let relay = try ByteRelay(to: server.boundPort)
            let connector = try fixture.connector(callTimeout: .seconds(10))
            #expect(try heartbeat(relay.port, connector).status == .ok)
            relay.lose(after: 20)
            // It finds its kept connection closed, and gets no new one.
            _ = try fixture.failure(relay.port, connector)
            #expect(server.statistics.timedOut == 1 && server.statistics.handshakes == 1)
        }
    }

    @Test func bytesOneByOneAreUnderstood() throws {
        let fixture = try TLSFixture()
        let handler = HeartbeatRecorder()
        try fixture.withServer(handler: handler) { server throws in
            let relay = try ByteRelay(to: server.boundPort)
            let connector = try fixture.connector()
            for _ in 0..<2 { #expect(try heartbeat(relay.port, connector).status == .ok) }
            try wait(for: "handshakes to be counted") { server.statistics.handshakes == 1 }
        }
        #expect(handler.seen.withLock { $0 } == [someMaster, someMaster])
    }

    @Test func mutatedFirstMessagesHarmNobody() throws {
        let fixture = try TLSFixture()
        let hello = try clientHello(fixture)
        var random = SystemRandomNumberGenerator()
        try fixture.withServer { server throws in
            for round in 0..<9700 {
                var bytes = hello
                for _ in 0...Int.random(in: 0..<4, using: &random) {
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: bytes[.random(in: 1..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
                    case 1: bytes.removeLast(.random(in: 0..<bytes.count / 2, using: &random))
                    case 2: bytes.insert(.random(in: 0...255), at: .random(in: 1..<bytes.count, using: &random))
                    default: bytes[.random(in: 1..<min(bytes.count, 12))] ^= 1 << UInt8.random(in: 0..<8)
                    }
                }
                let attacker = try RawConnection(port: server.boundPort)
                attacker.send(bytes)
                attacker.endSending()
                while !attacker.receive(4096).isEmpty {}
                if round % 1000 == 0 { #expect(try heartbeat(server.boundPort, fixture.connector()).status == .ok) }
            }
            #expect(try heartbeat(server.boundPort, fixture.connector()).status == .ok)
            try wait(for: "their memory to be free") { server.statistics.memoryBytes == 0 }
            #expect(server.statistics.failedHandshakes > 1000)
        }
    }

    @Test func handshakesMutatedOnTheWayHarmNobody() throws {
        let fixture = try TLSFixture()
        let handler = HeartbeatRecorder()
        let limits = ServerLimits.small { $0.messageDeadline = .milliseconds(200) }
        try fixture.withServer(handler: handler, limits: limits) { server throws in
            let relay = try ByteRelay(to: server.boundPort)
            var taken = 0
            for _ in 0..<300 {
                relay.flip(bit: .random(in: 0..<8), ofByte: .random(in: 0..<700), towardsServer: .random())
                if (try? heartbeat(relay.port, fixture.connector(callTimeout: .seconds(2)))) != nil { taken += 1 }
            }
            // Behind the last byte of an exchange nothing is left to flip.
            #expect(taken < 150)
            #expect(try heartbeat(server.boundPort, fixture.connector()).status == .ok)
            try wait(for: "their memory to be free") { server.statistics.memoryBytes == 0 }
        }
        #expect(handler.seen.withLock { $0 }.allSatisfy { $0 == someMaster })
    }
}
