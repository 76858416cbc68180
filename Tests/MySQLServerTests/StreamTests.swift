import MySQLServer
import ServerFixtures
import Synchronization
import Testing

/// Answers that are long, and clients that take them slowly or not at all.
@Suite struct StreamTests {
    private typealias Bytes = MySQLClientBytes

    /// Takes packets up to the end of the rows.
    private static func takeRows(_ client: MySQLRawClient) -> (count: Int, last: [UInt8]) {
        var count = 0
        while true {
            let packet = client.receive()
            if packet.isEmpty || packet.first == 0xff || packet.first == 0xfe && packet.count < 9 {
                return (count, packet)
            }
            count += 1
        }
    }

    private static func startRows(_ client: MySQLRawClient, _ statement: String) {
        #expect(client.ask(statement) == [2])
        for _ in 0..<3 { _ = client.receive() }
    }

    @Test func aLongAnswerComesWhole() async throws {
        try await TestServer.run { server in
            let client = try server.client()
            Self.startRows(client, "ROWS 20000 300")
            let (count, last) = Self.takeRows(client)
            #expect(count == 20_000 && last == bytes("fe00000200"))
            #expect(client.ask("INSERT").first == 0)
        }
    }

    @Test func rowsOfMoreThanAPacketComeInPieces() async throws {
        try await TestServer.run { server in
            let client = try server.client()
            Self.startRows(client, "ROWS 1 20000000")
            let (first, second) = (client.receive(), client.receive())
            #expect(first.count == 0xFF_FFFF && first.count + second.count == 2 + 9 + 20_000_000)
            #expect(client.receive() == bytes("fe00000200"))
        }
    }

    @Test func anErrorAmidTheRowsEndsThem() async throws {
        try await TestServer.run { server in
            let client = try server.client()
            Self.startRows(client, "ROWS 20000 300 10000")
            let (count, last) = Self.takeRows(client)
            #expect(count < 20_000 && MySQLRawClient.errorNumber(last) == 1105)
            #expect(client.ask("INSERT").first == 0)
            #expect(server.statistics.errors == 1)
        }
    }

    /// One statement thread and no queue, many clients that take nothing: the rows that are made are bounded, and others are
    /// answered.
    @Test func whoTakesNothingHoldsNoThreadNoPlaceAndLittleMemory() async throws {
        try await TestServer.run({
            $0.statementThreads = 1; $0.statementQueueLimit = 0
        }) { server in
            let slow = try (0..<8).map { _ in try server.client() }
            for client in slow { try eventually("its rows") { client.ask("ROWS 1000000 1000") == [2] } }
            let other = try server.client()
            try eventually("an answer") { other.ask("INSERT").first == 0 }
            var before = -1
            try eventually("nothing more is made") {
                defer { before = server.sessions.produced.load(ordering: .relaxed) }
                #expect(other.ask("INSERT").first == 0)
                return before == server.sessions.produced.load(ordering: .relaxed) && before > 8 << 17
            }
            // The kernel holds some megabytes of each connection, and the server less than one.
            #expect(before < 8 * 12 << 20, "\(before) bytes of 8 GB")
            // They can be taken all the same.
            for _ in 0..<3 { _ = slow[0].receive() }
            for _ in 0..<50_000 { #expect(slow[0].receive().count > 1000) }
        }
    }

    @Test func whoTakesNothingForTooLongIsLeft() async throws {
        try await TestServer.run({ $0.writeTimeout = .milliseconds(300) }) { server in
            let client = try server.client()
            client.send(Bytes.query("ROWS 1000000 1000"))
            try eventually("its end") { server.statistics.connections == 0 }
            #expect(server.statistics.timeouts == 1 && server.sessions.open == 0)
        }
    }

    /// Each ping costs five bytes and has eleven in answer.
    @Test func whoAsksAndTakesNothingIsNotReadForEver() async throws {
        try await TestServer.run({ $0.writeTimeout = .milliseconds(500) }) { server in
            let client = try server.client()
            let pings = [[UInt8]](repeating: Bytes.command(0x0e), count: 20_000).flatMap { $0 }
            var sent = 0
            while sent < 4 << 30, client.send(pings) { sent += pings.count }
            #expect(sent < 200 << 20)
            try eventually("its end") { server.statistics.connections == 0 }
            #expect(server.statistics.timeouts == 1)
        }
    }

    @Test func aClientThatLeavesEndsWhatRuns() async throws {
        try await TestServer.run { server in
            var client: MySQLRawClient? = try server.client()
            client?.send(Bytes.query("WAIT"))
            try eventually("the statement") { server.sessions.gate.waiting == 1 }
            client = nil
            try eventually("the session's end") { server.sessions.open == 0 }
            // Its thread is free again.
            #expect(try server.client().ask("INSERT").first == 0)
        }
    }

    @Test func tooManyStatementsAreRefusedAndTheConnectionGoesOn() async throws {
        try await TestServer.run({
            $0.statementThreads = 2; $0.statementQueueLimit = 1
        }) { server in
            let clients = try (0..<4).map { _ in try server.client() }
            for client in clients[..<3] { client.send(Bytes.query("WAIT")) }
            try eventually("two run") { server.sessions.gate.waiting == 2 }
            try eventually("one waits") { server.statistics.statements == 3 }
            let reply = clients[3].ask("INSERT")
            #expect(MySQLRawClient.errorNumber(reply) == 1041 && MySQLRawClient.text(reply).contains("too busy"))
            server.sessions.gate.open()
            for client in clients[..<3] { #expect(client.receive().first == 0) }
            #expect(clients[3].ask("INSERT").first == 0)
            #expect(server.statistics.busy == 1)
        }
    }

    @Test func loginsThatTakeLongHoldNoStatementUp() async throws {
        try await TestServer.run({
            $0.loginThreads = 2; $0.statementThreads = 1
        }) { server in
            let client = try server.client()
            let slow = try (0..<2).map { _ in try MySQLRawClient(port: server.port) }
            for other in slow { other.send(Bytes.message(Bytes.hello(user: "slow", answer: []), sequence: 1)) }
            try eventually("logins") { server.sessions.gate.waiting == 2 }
            #expect(client.ask("INSERT").first == 0)
            server.sessions.gate.open()
            for other in slow { #expect(MySQLRawClient.errorNumber(other.receive()) == 1045) }
        }
    }
}
