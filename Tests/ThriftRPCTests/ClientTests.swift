import CLibcStandIns
import Dispatch
import Platform
import ServerFixtures
import Synchronization
import TabletModel
import Testing

@testable import ThriftRPC

/// Clients against peers that are away, silent, broken, or come back.
@Suite struct ClientTests {
    private func impatient(_ milliseconds: Int = 300) -> ThriftBackendConnector {
        ThriftBackendConnector(heartbeat: ClientSettings(callTimeout: .milliseconds(milliseconds)))
    }

    @Test func aDeadPortIsAConnectError() throws {
        let port = try RawListener().port
        let error = #expect(throws: RPCError.self) { try heartbeat(port) }
        #expect(error?.code == .connect)
        #expect(error?.mayHaveRun == false)
        #expect(error?.peer == .local(port))
        #expect(error?.description.contains("Connection refused") == true)
    }

    @Test func anUnknownHostIsAConnectError() throws {
        let address = NetworkAddress(host: "no-such-host.invalid", port: 1)
        let connection = ThriftBackendConnector().connection(heartbeat: address, agent: nil)
        let error = #expect(throws: RPCError.self) { try connection.heartbeat(someMaster) }
        #expect(error?.code == .connect)
        #expect(error?.message.contains("no-such-host.invalid") == true)
    }

    // found D7: the lookup goes on for half a minute, the call does not wait for it.
    @Test func aSilentNameServerEndsAtTheDeadline() throws {
        stand_in_hang_lookups()
        defer { stand_in_let_lookups_go() }
        let address = NetworkAddress(host: "be7.hangs.test", port: 1)
        let connection = impatient().connection(heartbeat: address, agent: nil)
        let error = #expect(throws: RPCError.self) { try connection.heartbeat(someMaster) }
        #expect(error?.code == .timeout)
        #expect(error?.mayHaveRun == false)
        #expect(error?.message.contains("be7.hangs.test") == true)
        #expect(stand_in_hanging_lookups() >= 1)
    }

    @Test func aSilentServerEndsAtTheDeadline() throws {
        let listener = try RawListener()
        let started = ContinuousClock.now
        let error = #expect(throws: RPCError.self) { try heartbeat(listener.port, impatient()) }
        #expect(error?.code == .timeout)
        #expect(error?.mayHaveRun == true)
        #expect(ContinuousClock.now - started >= .milliseconds(300))
        #expect(ContinuousClock.now - started < .seconds(10))
    }

    @Test func anAnswerInDribblesEndsAtTheSameDeadline() throws {
        let listener = try RawListener()
        try withPeer({
            let connection = try listener.accept()
            _ = connection.receive(10)
            for byte in GoldenVectorTests.heartbeatReply where connection.send([byte]) {
                _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(50))
            }
        }) { peer throws in
            let started = ContinuousClock.now
            let error = #expect(throws: RPCError.self) { try heartbeat(listener.port, impatient()) }
            #expect(error?.code == .timeout)
            #expect(ContinuousClock.now - started < .seconds(3))
            try peer()
        }
    }

    /// A master that was stopped keeps nobody once another one is there.
    @Test func aCallThatNobodyWaitsForAnyMoreEndsAtOnceAndIsNotRepeated() throws {
        let listener = try RawListener()
        let connector = ThriftMasterConnector()
        let address = NetworkAddress.local(listener.port)
        let line = connector.connection(to: address)
        try withPeer({
            let connection = try listener.accept()
            _ = connection.receive(10)
            line.abandon()
        }) { peer throws in
            let error = #expect(throws: RPCError.self) {
                _ = try line.refreshStoragePolicies(in: .tabletd)
            }
            #expect(error?.code == .closed && error?.mayHaveRun == true)
            #expect(error?.message.contains("does not wait") == true)
            try peer()
        }
        // One that begins too late for that asks nobody.
        let later = #expect(throws: RPCError.self) { _ = try line.refreshStoragePolicies(in: .tabletd) }
        #expect(later?.code == .closed && later?.mayHaveRun == false)
        // When the same one is the master again, there is another line.
        try withPeer({ _ = try listener.accept().receive(10) }) { peer throws in
            let again = #expect(throws: RPCError.self) {
                _ = try connector.connection(to: address).refreshStoragePolicies(in: .tabletd)
            }
            #expect(again?.message.contains("does not wait") == false)
            try peer()
        }
    }

    @Test func aServerThatHangsUpIsAClosedError() throws {
        let listener = try RawListener()
        try withPeer({ _ = try listener.accept().receive(10) }) { peer throws in
            let error = #expect(throws: RPCError.self) { try heartbeat(listener.port) }
            #expect(error?.code == .closed)
            #expect(error?.mayHaveRun == true)
            try peer()
        }
    }

    @Test(arguments: [
        Array("HTTP/1.1 400 Bad Request\r\n".utf8), [0x80, 1, 0, 2] + bytes(Int32.max),
        callHead("heartbeat", type: 2) + [15, 0, 0, 12] + bytes(Int32.max),
        callHead("somethingElse", type: 2) + [0], callHead("heartbeat", type: 2) + [0],
    ])
    func anAnswerThatIsNoneIsAProtocolError(answer: [UInt8]) throws {
        let listener = try RawListener()
        try withPeer({
            let connection = try listener.accept()
            _ = connection.receive(10)
            connection.send(answer)
            _ = connection.receive(1 << 20)
        }) { peer throws in
            let error = #expect(throws: RPCError.self) { try heartbeat(listener.port, impatient(5000)) }
            #expect([.protocolError, .other].contains(error?.code))
            _ = peer
        }
    }

    @Test func connectionsAreKeptAndARestartedServerIsReachedAgain() throws {
        let connector = ThriftBackendConnector()
        var port: Int32 = 0
        try withHeartbeatServer { server throws in
            port = server.boundPort
            for _ in 0..<10 { #expect(try heartbeat(port, connector).status == .ok) }
            #expect(server.statistics.accepted == 1)
        }
        #expect(throws: RPCError.self) { try heartbeat(port, connector) }
        let server = ThriftServer(
            .heartbeat(HeartbeatRecorder()), address: "127.0.0.1", port: port, limits: .small(), logger: quiet)
        try server.start()
        defer { server.stop() }
        #expect(try heartbeat(port, connector).status == .ok)
    }

    @Test func aKeptConnectionThatDiesUnderACallIsReplacedOnce() throws {
        let listener = try RawListener()
        try withPeer({
            // The first connection answers one call and hangs up on the second; the next one answers.
            for _ in 0..<2 {
                let connection = try listener.accept()
                _ = connection.receive(callHead("heartbeat").count)
                connection.send(GoldenVectorTests.heartbeatReply)
                _ = connection.receive(64)
            }
        }) { _ throws in
            let connector = ThriftBackendConnector()
            #expect(try heartbeat(listener.port, connector).status == .ok)
            #expect(try heartbeat(listener.port, connector).status == .ok)
        }
    }

    @Test func manyThreadsShareOneChannel() throws {
        let handler = HeartbeatRecorder()
        try withHeartbeatServer(handler) { server throws in
            let port = server.boundPort
            let connector = ThriftBackendConnector()
            let failures = Mutex(0)
            DispatchQueue.concurrentPerform(iterations: 200) { _ in
                if (try? heartbeat(port, connector))?.status != .ok { failures.withLock { $0 += 1 } }
            }
            #expect(failures.withLock { $0 } == 0)
        }
        #expect(handler.seen.withLock { $0.count } == 200)
    }

    @Test func theAgentPortMustBeKnown() throws {
        let connection = ThriftBackendConnector().connection(heartbeat: .local(1), agent: nil)
        let error = #expect(throws: RPCError.self) { try connection.submitTasks([]) }
        #expect(error?.code == .connect)
    }
}
