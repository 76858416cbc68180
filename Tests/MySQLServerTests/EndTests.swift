import MySQLServer
import SQLSessions
import ServerFixtures
import Synchronization
import Testing

/// How connections end: by time, by KILL, with the service.
@Suite struct EndTests {
    private typealias Bytes = MySQLClientBytes

    @Test func whoDoesNotLogInInTimeIsTold() async throws {
        try await TestServer.run({ $0.handshakeTimeout = .milliseconds(100) }) { server in
            let silent = try MySQLRawClient(port: server.port)
            let slow = try MySQLRawClient(port: server.port)
            let hello = Bytes.message(Bytes.hello(user: "nobody", answer: []), sequence: 1)
            slow.send(Array(hello.prefix(20)))
            for client in [silent, slow] {
                #expect(MySQLRawClient.errorNumber(client.receive()) == 1159)
                #expect(client.connection.isClosedByPeer())
            }
            #expect(server.statistics.timeouts == 2)
        }
    }

    @Test func idleConnectionsEnd() async throws {
        try await TestServer.run({ $0.idleTimeout = .seconds(1) }) { server in
            let client = try server.client()
            client.send(Bytes.query("WAIT"))
            try eventually("the statement") { server.sessions.gate.waiting == 1 }
            let other = try server.client()
            #expect(MySQLRawClient.errorNumber(other.receive()) == 4031)
            #expect(other.connection.isClosedByPeer())
            // A statement that runs is not idle, however long.
            server.sessions.gate.open()
            #expect(client.receive().first == 0)
            #expect(MySQLRawClient.errorNumber(client.receive()) == 4031)
        }
    }

    @Test func halfAMessageEnds() async throws {
        try await TestServer.run({ $0.readTimeout = .milliseconds(100) }) { server in
            let client = try server.client()
            client.send(Array(Bytes.query("SELECT 1").prefix(6)))
            #expect(MySQLRawClient.errorNumber(client.receive()) == 1159)
            #expect(client.connection.isClosedByPeer())
        }
    }

    @Test func aConnectionThatIsKilledIsToldWhetherItRunsOrNot() async throws {
        try await TestServer.run { server in
            let (idle, busy) = (try server.client(), try server.client())
            busy.send(Bytes.query("WAIT"))
            try eventually("the statement") { server.sessions.gate.waiting == 1 }
            for login in server.sessions.logins {
                login.disconnect()
                login.disconnect()
            }
            for client in [idle, busy] {
                #expect(MySQLRawClient.errorNumber(client.receive()) == 1317)
            }
            try eventually("their ends") { server.sessions.open == 0 }
        }
    }

    @Test func aKilledClientThatTakesNothingIsNotWaitedFor() async throws {
        try await TestServer.run { server in
            let client = try server.client()
            client.send(Bytes.query("ROWS 1000000 1000"))
            try eventually("rows") { server.sessions.produced.load(ordering: .relaxed) > 1 << 20 }
            server.sessions.logins[0].disconnect()
            try eventually("its end") { server.statistics.connections == 0 }
        }
    }

    @Test func aShutdownLetsStatementsEndAndSaysGoodbye() async throws {
        try await TestServer.runAsync { server in
            let (idle, busy) = try await TestServer.onThread { [server] () -> (Held, Held) in
                let (idle, busy) = (try server.client(), try server.client())
                busy.send(Bytes.query("WAIT"))
                try eventually("the statement") { server.sessions.gate.waiting == 1 }
                return (Held(idle), Held(busy))
            }
            await server.shutDown()
            try await TestServer.onThread {
                #expect(MySQLRawClient.errorNumber(idle.client.receive()) == 1053)
                #expect(idle.client.connection.isClosedByPeer())
                #expect(throws: FixtureError.self) { try MySQLRawClient(port: server.port) }
                server.sessions.gate.open()
                #expect(busy.client.receive().first == 0)
                #expect(MySQLRawClient.errorNumber(busy.client.receive()) == 1053)
            }
        }
    }

    @Test func aShutdownWaitsNoLongerThanItsTime() async throws {
        try await TestServer.runAsync({ $0.shutdownTimeout = .milliseconds(100) }) { server in
            let busy = try await TestServer.onThread { [server] () -> Held in
                let busy = try server.client()
                busy.send(Bytes.query("WAIT"))
                try eventually("the statement") { server.sessions.gate.waiting == 1 }
                return Held(busy)
            }
            await server.shutDown()
            try await TestServer.onThread {
                #expect(busy.client.connection.isClosedByPeer())
                try eventually("the session's end") { server.sessions.open == 0 }
            }
        }
    }

    /// Used by one thread after the other.
    private struct Held: @unchecked Sendable {
        let client: MySQLRawClient
        init(_ client: MySQLRawClient) { self.client = client }
    }
}
