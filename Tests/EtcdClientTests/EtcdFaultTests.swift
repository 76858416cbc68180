import EtcdClient
import ServerFixtures
import Synchronization
import TabletModel
import Testing

/// Members that misbehave, and clusters that lose some.
@Suite struct EtcdFaultTests {
    private func failure(_ body: () throws -> Void) throws -> EtcdError {
        try #require(#expect(throws: EtcdError.self) { try body() })
    }

    private static let put = EtcdTransaction(compares: [], success: [.put("k", [1])])
    private static let done = FaultyAnswer.respond(
        status: 200, headers: ["Content-Type": "application/json"], body: Array(#"{"succeeded":true}"#.utf8))

    private func says(_ status: Int, _ code: Int, _ message: String) -> FaultyAnswer {
        .respond(status: status, body: Array(#"{"error":"\#(message)","code":\#(code)}"#.utf8))
    }

    @Test func aCallIsMadeAgainWhereItsAnswerWasLost() throws {
        let calls = Mutex(0)
        let server = try FaultyHTTPServer { _ in
            let call = calls.withLock {
                $0 += 1
                return $0
            }
            return call <= 2 ? .reset : Self.done
        }
        let client = try EtcdClient(EtcdSettings(endpoints: [server.endpoint]))
        #expect(try client.transaction(Self.put).succeeded)
    }

    @Test func aMemberThatLostItsLeaderIsLeft() throws {
        let bad = try FaultyHTTPServer { [says] _ in says(503, 14, "etcdserver: leader changed") }
        let good = try FaultyHTTPServer { _ in Self.done }
        let client = try EtcdClient(EtcdSettings(endpoints: [bad.endpoint, good.endpoint]))
        for _ in 0..<3 { #expect(try client.transaction(Self.put).succeeded) }
        #expect(bad.requests.count == 1)
    }

    @Test func nothingWasDoneWhereNobodyCouldBeReached() throws {
        let port = try LoopbackSocket.freePort()
        let settings = EtcdSettings(endpoints: ["http://127.0.0.1:\(port)"], deadline: .milliseconds(200))
        let error = try failure { _ = try EtcdClient(settings).transaction(Self.put) }
        #expect(error.code == .unavailable && !error.isOutcomeUnknown)
        #expect("\(error)".contains("127.0.0.1:\(port)"))
    }

    @Test func aRefusalBehindALostAnswerSettlesNothing() throws {
        let calls = Mutex(0)
        let server = try FaultyHTTPServer { [says] _ in
            let call = calls.withLock {
                $0 += 1
                return $0
            }
            // On a connection that was used before: curl itself would ask again.
            if call == 1 { return Self.done }
            return call == 2 ? .reset : says(429, 8, "etcdserver: mvcc: database space exceeded")
        }
        let client = try EtcdClient(EtcdSettings(endpoints: [server.endpoint]))
        #expect(try client.transaction(Self.put).succeeded)
        let error = try failure { _ = try client.transaction(Self.put) }
        #expect(error.code == .noSpace && error.isOutcomeUnknown)
    }

    @Test func aSilentMemberCostsItsDeadlineAndTheOutcomeIsUnknown() throws {
        let server = try FaultyHTTPServer { _ in .silence }
        let settings = EtcdSettings(endpoints: [server.endpoint], deadline: .milliseconds(300))
        let error = try failure { _ = try EtcdClient(settings).transaction(Self.put) }
        #expect(error.code == .unavailable && error.isOutcomeUnknown)
    }

    @Test func whatIsNoGatewayIsNamed() throws {
        let server = try FaultyHTTPServer { _ in .respond(status: 404, body: Array("Not Found".utf8)) }
        let settings = EtcdSettings(endpoints: [server.endpoint], deadline: .milliseconds(200))
        let error = try failure { _ = try EtcdClient(settings).transaction(Self.put) }
        #expect(error.code == .badAnswer && !error.isOutcomeUnknown)
        #expect("\(error)".contains("etcd_endpoints"))
    }

    @Test func passwordsStandInNoError() throws {
        let server = try FaultyHTTPServer { [says] _ in says(400, 3, "etcdserver: authentication failed") }
        let settings = EtcdSettings(endpoints: [server.endpoint], user: "fe", password: "s3cret")
        let error = try failure { _ = try EtcdClient(settings).transaction(Self.put) }
        #expect(error.code == .notAuthorized && !error.isOutcomeUnknown)
        for text in ["\(error)", String(reflecting: error), "\(settings)"] { #expect(!text.contains("s3cret")) }
    }

    @Test func aRefusedTokenIsRenewed() throws {
        let tokens = Mutex(0)
        let server = try FaultyHTTPServer { [says] request in
            if request.path == "/v3/auth/authenticate" {
                let token = tokens.withLock {
                    $0 += 1
                    return $0
                }
                return .respond(status: 200, body: Array(#"{"token":"t\#(token)"}"#.utf8))
            }
            return request.headers["authorization"] == "t1"
                ? says(401, 16, "etcdserver: invalid auth token") : Self.done
        }
        let client = try EtcdClient(EtcdSettings(endpoints: [server.endpoint], user: "fe", password: "p"))
        #expect(try client.transaction(Self.put).succeeded)
        #expect(try client.transaction(Self.put).succeeded)
        #expect(tokens.withLock { $0 } == 2)
    }

    /// Kills the leader: the next call goes to another member, and on as soon as they have elected one.
    @Test func callsGoOnWhenTheLeaderIsKilled() throws {
        let etcd = try EtcdServers(count: 3)
        let client = try EtcdClient(EtcdSettings(endpoints: etcd.endpoints))
        _ = try client.transaction(Self.put, deadline: .seconds(10))
        let leader = try client.status().leaderID
        let name = try #require(try client.members().first { $0.id == leader }?.name)
        etcd.kill(try #require(Int(name.dropFirst())))
        #expect(try client.transaction(Self.put, deadline: .seconds(10)).succeeded)
        #expect(try client.value(of: "k")?.value == [1])
    }

    @Test func withoutAQuorumACallEndsInDoubtAtItsDeadline() throws {
        let etcd = try EtcdServers(count: 3)
        let client = try EtcdClient(EtcdSettings(endpoints: etcd.endpoints))
        _ = try client.transaction(Self.put, deadline: .seconds(10))
        for member in 1...2 { etcd.freeze(member) }
        let clock = ContinuousClock()
        let start = clock.now
        let error = try failure { _ = try client.transaction(Self.put) }
        #expect(error.code == .unavailable && error.isOutcomeUnknown, "\(error)")
        #expect(clock.now - start < .seconds(3))
        for member in 1...2 { etcd.thaw(member) }
        #expect(try client.transaction(Self.put, deadline: .seconds(10)).succeeded)
    }
}
