import ClusterTestKit
import Platform
import ServerFixtures
import Synchronization
import TabletModel
import Testing

@testable import ThriftRPC

/// From where a port takes callers, and that handlers hear from where a call came.
@Suite struct AdmissionTests {
    @Test func whoComesFromElsewhereIsClosedAtOnce() throws {
        let fixture = try TLSFixture()
        let asked = Mutex<[CallerHost]>([])
        let handler = HeartbeatRecorder()
        let server = ThriftServer(
            .heartbeat(handler), address: "127.0.0.1", port: 0, limits: .small(),
            admits: { caller in
                asked.withLock { $0.append(caller) }
                return caller.address == "127.0.0.2"
            }, logger: fixture.log.logger("server"))
        try server.start()
        defer { server.stop() }
        for _ in 0..<3 { #expect(try RawConnection(port: server.boundPort).isClosedByPeer()) }
        let error = try fixture.failure(server.boundPort, ThriftBackendConnector())
        #expect(error.code == .closed)
        let allowed = try RawConnection(port: server.boundPort, from: "127.0.0.2")
        for _ in 0..<3 { allowed.send(GoldenVectorTests.heartbeatCall) }
        #expect(allowed.receive(4) == [0x80, 1, 0, 2])
        try wait(for: "all three calls") { handler.callers.withLock { $0.count } == 3 }
        // The client tries a kept connection's failure once more, a new one's not.
        try wait(for: "refusedCallers to be counted") { server.statistics.refusedCallers == 4 }
        try wait(for: "it to be counted") { server.statistics.accepted == 1 }
        #expect(asked.withLock { $0 }.filter { $0.address == "127.0.0.2" }.count == 1)
        #expect(handler.callers.withLock { $0 } == Array(repeating: CallerHost("127.0.0.2"), count: 3))
        let lines = fixture.log.lines(containing: "turned 127.0.0.1 away")
        #expect(lines.count == 1 && lines.first?.contains("allowed_hosts") == true)
    }

    @Test func callersOfAPortForBothFamiliesHaveTheirPlainAddress() throws {
        let handler = HeartbeatRecorder()
        let server = ThriftServer(.heartbeat(handler), address: "::", port: 0, limits: .small(), logger: quiet)
        try server.start()
        defer { server.stop() }
        #expect(try heartbeat(server.boundPort).status == .ok)
        let line = ThriftBackendConnector().connection(
            heartbeat: NetworkAddress(host: "::1", port: server.boundPort), agent: nil)
        #expect(try line.heartbeat(someMaster).status == .ok)
        #expect(handler.callers.withLock { $0 } == [CallerHost("127.0.0.1"), CallerHost("::1")])
    }
}
