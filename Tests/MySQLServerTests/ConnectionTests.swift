import AccessControl
import Foundation
import Logging
import MySQLProtocol
import MySQLServer
import SQLSessions
import ServerFixtures
import Testing

@Suite struct ConnectionTests {
    private typealias Bytes = MySQLClientBytes
    private static let ok = bytes("00000002000000")

    @Test func aClientLogsInAsksAndLeaves() async throws {
        try await TestServer.run { server in
            let client = try server.client("ann", password: "sécret")
            #expect(client.ask("INSERT") == bytes("000200020001000e") + Array("{'label':'l1'}".utf8))
            client.send(Bytes.command(0x0e))
            #expect(client.receive() == Self.ok)
            client.send(Bytes.command(0x02, "db"))
            #expect(client.receive() == Self.ok)
            client.send(Bytes.command(0x02, "other"))
            #expect(MySQLRawClient.errorNumber(client.receive()) == 1049)
            client.send(Bytes.command(0x1f))
            #expect(client.receive() == Self.ok)
            client.send(Bytes.command(0x09))
            #expect(MySQLRawClient.text(client.receive()).contains("Threads: 1"))
            client.send(Bytes.command(0x01))
            #expect(client.connection.isClosedByPeer())
            try eventually("the session's end") { server.sessions.open == 0 }
            let login = try #require(server.sessions.logins.first)
            #expect(login.user == "ann" && login.host == "127.0.0.1" && !login.isEncrypted && login.connection == 1)
            try eventually("the connection's end") { server.statistics.connections == 0 }
            let counts = server.statistics
            #expect(counts.accepted == 1 && counts.logins == 1 && counts.statements == 1 && counts.errors == 1)
            #expect(counts.protocolErrors == 0 && counts.bytesOut > 100)
        }
    }

    @Test func rowsComeAsText() async throws {
        try await TestServer.run { server in
            let client = try server.client(flags: Bytes.Flags.usual | Bytes.Flags.deprecateEOF)
            #expect(client.ask("SELECT DATABASE(), 7 AS seven") == [2])
            for name in ["DATABASE()", "seven"] { #expect(MySQLRawClient.text(client.receive()).contains(name)) }
            #expect(client.receive() == [0xfb, 1] + Array("7".utf8))
            #expect(client.receive() == bytes("fe000002000000"))
        }
    }

    @Test(arguments: [("ann", "wrong"), ("ann", ""), ("nobody", "x"), ("stranger", "x"), ("", "")])
    func whoHasNotThePasswordStaysOut(user: String, password: String) async throws {
        try await TestServer.run { server in
            let client = try MySQLRawClient(port: server.port)
            client.send(
                Bytes.message(
                    Bytes.hello(user: user, answer: Bytes.nativeAnswer(password, client.challenge)), sequence: 1))
            let reply = client.receive()
            #expect(MySQLRawClient.errorNumber(reply) == 1045)
            #expect(MySQLRawClient.text(reply).contains("Access denied for user '\(user)'@'127.0.0.1'"))
            #expect(client.connection.isClosedByPeer())
            #expect(server.statistics.loginsFailed == 1 && server.sessions.open == 0)
        }
    }

    @Test func noChallengeComesTwiceAndNumbersDiffer() async throws {
        try await TestServer.run { server in
            let clients = try (0..<20).map { _ in try MySQLRawClient(port: server.port) }
            #expect(Set(clients.map(\.challenge)).count == 20)
            #expect(Set(clients.map { $0.greeting[16..<20] }).count == 20)
        }
    }

    @Test func commandsThatAreSentAtOnceAreAnsweredInOrder() async throws {
        try await TestServer.run { server in
            let client = try server.client()
            let count = 2_000
            var wire: [UInt8] = []
            for i in 0..<count {
                wire += i % 3 == 0 ? Bytes.query("INSERT") : i % 3 == 1 ? Bytes.command(0x0e) : Bytes.query("bad")
            }
            client.send(wire)
            for i in 0..<count {
                let reply = client.receive()
                switch i % 3 {
                case 0: #expect(reply.starts(with: [0, 2]))
                case 1: #expect(reply == Self.ok)
                default: #expect(MySQLRawClient.errorNumber(reply) == 1064)
                }
            }
        }
    }

    @Test func anotherUserTakesTheConnectionOver() async throws {
        try await TestServer.run { server in
            let client = try server.client()
            client.send(Bytes.message(Bytes.changeOfUser("ann", plugin: "mysql_native_password", database: "db")))
            let asked = client.receive()
            #expect(asked.first == 0xfe)
            client.send(Bytes.message(Bytes.nativeAnswer("sécret", Array(asked.suffix(21).dropLast())), sequence: 2))
            #expect(client.receive() == Self.ok)
            #expect(server.sessions.logins.map(\.user) == ["nobody", "ann"])
            #expect(server.sessions.open == 1)
            #expect(client.ask("SELECT DATABASE()") == [1])
            client.send(Bytes.message(Bytes.changeOfUser("ann", plugin: "mysql_native_password")))
            for _ in 0..<5 where client.receive().first != 0xfe {}
            client.send(Bytes.message([UInt8](repeating: 1, count: 20), sequence: 2))
            #expect(MySQLRawClient.errorNumber(client.receive()) == 1045)
            #expect(client.connection.isClosedByPeer())
        }
    }

    @Test func whatNobodyForesawIsToldInGeneralWords() async throws {
        try await TestServer.run { server in
            let client = try server.client()
            let reply = client.ask("BOOM")
            #expect(MySQLRawClient.errorNumber(reply) == 1105)
            #expect(!MySQLRawClient.text(reply).contains("secret"))
            #expect(server.log.text.contains("a statement failed unexpectedly"))
            #expect(client.ask("INSERT").first == 0, "it goes on")
        }
    }

    @Test func noTextOfAClientIsLogged() async throws {
        try await TestServer.run { server in
            let client = try server.client("ann", password: "sécret")
            _ = client.ask("SET PASSWORD = 'hunter2'")
            _ = client.ask("hunter2")
            _ = client.ask("BOOM hunter2")
            client.send(Bytes.message([3] + "hunter2".utf8, sequence: 9))
            _ = client.receive()
            #expect(client.connection.isClosedByPeer())
            #expect(!server.log.text.contains("hunter2") && !server.log.text.contains("sécret"))
        }
    }

    // MARK: Bad input

    @Test func wrongNumbersLongMessagesAndEmptyOnesEndTheConnection() async throws {
        try await TestServer.run({ $0.conversation.messageLimit = 1000 }) { server in
            let cases: [([UInt8], Int)] = [
                (Bytes.message([0x0e], sequence: 3), 1156), (Bytes.message([]), 1835),
                (Bytes.query(String(repeating: "x", count: 5_000_000)), 1153),
            ]
            for (wire, number) in cases {
                let client = try server.client()
                client.send(wire)
                #expect(MySQLRawClient.errorNumber(client.receive()) == number)
                #expect(client.connection.isClosedByPeer())
            }
            #expect(server.statistics.protocolErrors == 3)
        }
    }

    @Test func aMessageOfTheWholeLimitIsTaken() async throws {
        try await TestServer.run { server in
            let client = try server.client()
            let text = "LENGTH " + String(repeating: "x", count: (16 << 20) - 8)
            #expect(client.ask(text) == [1])
            _ = client.receive()
            _ = client.receive()
            #expect(client.receive() == [8] + Array("\(text.utf8.count)".utf8))
        }
    }

    @Test func longMessagesShareTheirMemory() async throws {
        try await TestServer.run({ $0.messageMemoryLimit = 3 << 20 }) { server in
            let (first, second) = (try server.client(), try server.client())
            // Half of one message of 4 MiB is there.
            let message = Bytes.query(String(repeating: "x", count: 4 << 20))
            first.send(Array(message.prefix(2 << 20)))
            second.send(message)
            #expect(MySQLRawClient.errorNumber(second.receive()) == 1041)
            first.send(Bytes.command(0x01))
        }
    }

    @Test func httpAndNoiseAreTurnedAway() async throws {
        try await TestServer.run { server in
            for noise in [Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), [UInt8](repeating: 0xff, count: 3000)] {
                let client = try MySQLRawClient(port: server.port)
                client.send(noise)
                #expect([1043, 1153, 1156].contains(MySQLRawClient.errorNumber(client.receive()) ?? 0))
                #expect(client.connection.isClosedByPeer())
            }
        }
    }

    // MARK: Limits

    @Test func strangersAreTurnedAwayBeforeTheGreeting() async throws {
        try await TestServer.run({ $0.isAllowed = { $0 != "127.0.0.1" } }) { server in
            for _ in 0..<3 {
                let client = try MySQLRawClient(port: server.port)
                #expect(MySQLRawClient.errorNumber(client.greeting) == 1130)
                #expect(MySQLRawClient.text(client.greeting).contains("'127.0.0.1'"))
                #expect(client.connection.isClosedByPeer())
            }
            #expect(server.statistics.refusedHosts == 3 && server.statistics.accepted == 0)
            #expect(server.log.text.components(separatedBy: "allowed_hosts").count == 2, "one line a minute")
        }
    }

    @Test func connectionsHaveALimitAndRootASpareOne() async throws {
        try await TestServer.run({
            $0.connectionLimit = 3; $0.spareConnections = 1
        }) { server in
            var clients = try (0..<3).map { _ in try server.client() }
            let fourth = try MySQLRawClient(port: server.port)
            #expect(fourth.greeting.first == 10)
            let fifth = try MySQLRawClient(port: server.port)
            #expect(MySQLRawClient.errorNumber(fifth.greeting) == 1040)
            #expect(MySQLRawClient.text(fifth.greeting).contains("the limit is 3"))
            fourth.send(Bytes.message(Bytes.hello(user: "nobody", answer: []), sequence: 1))
            #expect(MySQLRawClient.errorNumber(fourth.receive()) == 1040)
            #expect(fourth.connection.isClosedByPeer())
            try eventually("room for root") { server.statistics.connections == 3 }
            let root = try server.client("root", password: "root's")
            #expect(root.ask("INSERT").first == 0)
            clients[0].send(Bytes.command(0x01))
            #expect(clients[0].connection.isClosedByPeer())
            root.send(Bytes.command(0x01))
            #expect(root.connection.isClosedByPeer())
            try eventually("room") { server.statistics.connections == 2 }
            clients.append(try server.client())
        }
    }

    @Test func triesOfPasswordsAreSlowedAndRefusedWithoutAThread() async throws {
        try await TestServer.run({
            $0.loginThreads = 1
            $0.admit = { user, host in
                #expect(host == "127.0.0.1")
                return user == "ann"
                    ? .after(.milliseconds(50)) : user == "root" ? .refused(retryAfter: .seconds(7)) : .now
            }
        }) { server in
            let start = ContinuousClock.now
            _ = try server.client("ann", password: "sécret")
            #expect(ContinuousClock.now - start >= .milliseconds(50))
            let error = #expect(throws: FixtureError.self) { try server.client("root", password: "root's") }
            #expect("\(error!)".contains("try again in 7 s"))
            #expect(!server.sessions.logins.contains { $0.user == "root" })
        }
    }

    @Test func aPortThatIsTakenIsToldInOneLine() async throws {
        try await TestServer.runAsync { server in
            let second = MySQLService(
                sessions: server.sessions, configuration: .init(port: server.port), logger: Logger(label: "test"))
            let error = await #expect(throws: MySQLListenError.self) { try await second.run() }
            #expect(
                error?.description
                    == "can't listen on 127.0.0.1:\(server.port) for SQL: Address already in use (another process has"
                    + " the port); see query_port in the configuration")
        }
    }
}
