import Platform
import ServerFixtures
import Synchronization
import TabletModel
import Testing

@testable import ThriftRPC

/// What a server closes, and goes on answering others.
@Suite struct HostileInputTests {
    /// After a call's head and field 1 of its arguments.
    private static func argument(_ type: UInt8, _ value: [UInt8]) -> [UInt8] {
        callHead("heartbeat") + [type, 0, 1] + value
    }

    static let messages: [(name: String, bytes: [UInt8])] = [
        ("garbage", (0..<64).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }),
        ("an HTTP request", Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)),
        ("TLS", [0x16, 0x03, 0x01, 0x02, 0x00]),
        ("a header without a version", bytes(Int32(9)) + Array("heartbeat".utf8) + [1] + bytes(Int32(0))),
        ("a reply instead of a call", callHead("heartbeat", type: 2)),
        ("no such message type", callHead("heartbeat", type: 9)),
        ("a method name of 2 GiB", [0x80, 1, 0, 1] + bytes(Int32.max)),
        ("a method name of negative length", [0x80, 1, 0, 1] + bytes(Int32(-1))),
        ("a string of 2 GiB", argument(11, bytes(Int32.max))),
        ("a string of negative length", argument(11, bytes(Int32(-5)))),
        ("a string over the limit", argument(11, bytes(Int32(16 << 20 + 1)))),
        ("a list of 2^31-1 longs", argument(15, [10] + bytes(Int32.max))),
        ("a list of 2^31-1 structs", argument(15, [12] + bytes(Int32.max))),
        ("a list of -1 longs", argument(15, [10] + bytes(Int32(-1)))),
        ("a list of 2^29 longs", argument(15, [10] + bytes(Int32(1 << 29)))),
        ("a set of 2^31-1 strings", argument(14, [11] + bytes(Int32.max))),
        ("a map of 2^31-1 entries", argument(13, [10, 12] + bytes(Int32.max))),
        ("a list of no type", argument(15, [0] + bytes(Int32(1)))),
        ("a field of no type", argument(99, [])),
        ("structs nested 10,000 deep", callHead("heartbeat") + Array(repeating: [12, 0, 1], count: 10_000).joined()),
        (
            "lists nested 10,000 deep",
            argument(15, Array(repeating: [15] + bytes(Int32(1)), count: 10_000).flatMap { $0 })
        ),
    ]

    @Test(arguments: messages.indices) func isClosedWhileOthersAreAnswered(index: Int) throws {
        let (name, message) = Self.messages[index]
        try withHeartbeatServer { server throws in
            let attacker = try RawConnection(port: server.boundPort)
            attacker.send(message)
            #expect(attacker.isClosedByPeer(), "\(name)")
            #expect(try heartbeat(server.boundPort).status == .ok)
            let statistics = server.statistics
            #expect(statistics.refusedMessages == 1, "\(name)")
            #expect(statistics.memoryBytes < 1 << 20, "\(name)")
        }
    }

    @Test func aBatchWhoseObjectsWouldFillTheMemoryIsRefusedAtItsClaim() throws {
        let limits = ServerLimits.small { $0.memoryBudgetBytes = 64 << 20 }
        try withBackendServer(limits: limits) { server throws in
            let attacker = try RawConnection(port: server.boundPort)
            // A million empty tasks take a megabyte on the wire and gigabytes once decoded.
            attacker.send(callHead("submit_tasks") + [15, 0, 1, 12] + bytes(Int32(1_000_000)))
            #expect(attacker.isClosedByPeer())
        }
    }

    @Test func aMessageOverItsLimitIsRefused() throws {
        let limits = ServerLimits.small { $0.maxMessageBytes = 100_000 }
        try withHeartbeatServer(limits: limits) { server throws in
            let attacker = try RawConnection(port: server.boundPort)
            let field: [UInt8] = [11, 0, 9] + bytes(Int32(10_000)) + [UInt8](repeating: 65, count: 10_000)
            var call = callHead("heartbeat") + [12, 0, 1]
            for _ in 0..<20 { call += field }
            attacker.send(call)
            #expect(attacker.isClosedByPeer())
            #expect(try heartbeat(server.boundPort).status == .ok)
        }
    }

    @Test func theBudgetOverAllConnectionsHolds() throws {
        let limits = ServerLimits.small {
            $0.memoryBudgetBytes = 1 << 20
            $0.maxMessageBytes = 1 << 20
        }
        try withHeartbeatServer(limits: limits) { server throws in
            // Each keeps 200,000 bytes of an unfinished message there; six are too many.
            let part = [UInt8](repeating: 0, count: 200_000)
            let half = callHead("heartbeat") + [11, 0, 9] + bytes(Int32(900_000)) + part
            let holders = try (0..<12).map { _ in try RawConnection(port: server.boundPort) }
            for holder in holders { holder.send(half) }
            while server.statistics.refusedMessages == 0 {}
            #expect(server.statistics.memoryBytes <= 1 << 20)
            #expect(try heartbeat(server.boundPort).status == .ok)
        }
    }

    @Test func aReportOverItsLimitIsRefused() throws {
        let limits = ServerLimits.small { $0.maxReportBytes = 1000 }
        let handler = FrontendRecorder()
        try withFrontendServer(handler, limits: limits) { server throws in
            let attacker = try RawConnection(port: server.boundPort)
            attacker.send(callHead("report") + [12, 0, 1, 15, 0, 7, 12] + bytes(Int32(100_000)))
            #expect(attacker.isClosedByPeer())
        }
        #expect(handler.reports.withLock { $0.isEmpty })
    }

    @Test func messagesCutAnywhereAndSentTogetherAreAllAnswered() throws {
        try withHeartbeatServer { server throws in
            let call = GoldenVectorTests.heartbeatCall
            let head: [UInt8] = [0x80, 1, 0, 2]
            let raw = try RawConnection(port: server.boundPort)
            raw.send(call)
            raw.send(Array((0..<50).map { _ in call }.joined()))
            // The answer to a heartbeat of this handler: status, and a backend info of two zero ports.
            let length = callHead("heartbeat").count + 3 + 3 + 7 + 1 + 3 + 7 + 7 + 1 + 1 + 1
            for _ in 0..<51 { #expect(raw.receive(length).prefix(4).elementsEqual(head)) }
            for cut in 1..<call.count {
                raw.send(Array(call[..<cut]))
                // Another connection's answer: by now the first part has most likely been read by itself.
                if cut % 16 == 0 { #expect(try heartbeat(server.boundPort).status == .ok) }
                raw.send(Array(call[cut...]))
                #expect(raw.receive(length).prefix(4).elementsEqual(head), "cut at \(cut)")
            }
        }
    }
}
