import MySQLProtocol
import SQLSessions
import ServerFixtures
import Testing

@Suite struct CommandTests {
    private typealias Flags = MySQLClientBytes.Flags

    @Test func aQueryIsHandedOnAsItCame() {
        var driver = Driver.loggedIn()
        driver.send(MySQLClientBytes.message([3] + [0, 0xff, 65]))
        guard case .run(let text) = driver.events.last else {
            Issue.record("no query")
            return
        }
        #expect(text == [0, 0xff, 65])
        #expect(!driver.conversation.isIdle)
    }

    @Test func nothingIsTakenUntilTheAnswerIsThere() {
        var driver = Driver.loggedIn()
        let second = MySQLClientBytes.query("SELECT 2")
        #expect(driver.send(MySQLClientBytes.query("SELECT 1") + second).left == second.count)
        #expect(driver.send(second).left == second.count)
        driver.conversation.answered()
        #expect(driver.send(second).left == 0)
        #expect(driver.events.count == 2)
    }

    @Test func aDatabaseIsANameInText() {
        var driver = Driver.loggedIn()
        driver.send(MySQLClientBytes.message([2, 0xff]))
        #expect(driver.error == .invalidText && driver.conversation.isIdle)
        driver.send(MySQLClientBytes.command(2, "datenbänke"))
        guard case .use("datenbänke") = driver.events.last else {
            Issue.record("no use")
            return
        }
    }

    @Test func whatNeedsNobodyIsAnsweredAtOnce() {
        var driver = Driver.loggedIn()
        driver.send(MySQLClientBytes.command(0x0e) + MySQLClientBytes.command(0x0e))
        #expect(driver.packets.map(\.payload) == [bytes("00000002000000"), bytes("00000002000000")])
        #expect(driver.packets.map(\.sequence) == [1, 1])
        driver.packets = []
        driver.send(MySQLClientBytes.command(0x04, "t\u{0}"))
        driver.send(MySQLClientBytes.message([0x1b, 1, 0]))
        #expect(driver.packets.map(\.payload) == [bytes("fe00000200"), bytes("fe00000200")])
        driver.send(MySQLClientBytes.message([0x1b, 0, 0]))
        #expect(driver.error?.number == 1235)
        driver.send(MySQLClientBytes.command(0x01))
        #expect(driver.hasEnded)
    }

    @Test func aResetAndStatisticsAreForTheServer() {
        var driver = Driver.loggedIn()
        driver.send(MySQLClientBytes.command(0x1f))
        guard case .reset = driver.events.last else {
            Issue.record("no reset")
            return
        }
        driver.conversation.answered()
        driver.send(MySQLClientBytes.command(0x09))
        guard case .statistics = driver.events.last else {
            Issue.record("no statistics")
            return
        }
        var encoder = driver.conversation.encoder
        encoder.text("Uptime: 1")
        #expect(encoder.bytes == [9, 0, 0, 1] + Array("Uptime: 1".utf8))
    }

    @Test(arguments: [0x16, 0x17, 0x1a, 0x1c])
    func binaryStatementsAreRefusedWithAWayOut(code: UInt8) {
        var driver = Driver.loggedIn()
        driver.send(MySQLClientBytes.command(code, "SELECT ?"))
        #expect(driver.error?.number == 1295)
        #expect(driver.error?.message.contains("useServerPrepStmts=false") == true)
        #expect(driver.conversation.isIdle)
    }

    /// A client that is answered here would take the refusal for the answer to its next command.
    @Test(arguments: [0x18, 0x19])
    func someCommandsHaveNoAnswer(code: UInt8) {
        var driver = Driver.loggedIn()
        driver.send(MySQLClientBytes.command(code, "\u{1}\u{0}\u{0}\u{0}"))
        #expect(driver.packets.isEmpty && driver.conversation.isIdle)
    }

    @Test(arguments: [
        0x00, 0x05, 0x06, 0x07, 0x08, 0x0a, 0x0b, 0x0c, 0x0d, 0x0f, 0x12, 0x13, 0x15, 0x1d, 0x1e, 0x20, 0xfa, 0xff,
    ])
    func anUnknownCommandIsAnErrorAndNoEnd(code: UInt8) {
        var driver = Driver.loggedIn()
        driver.send(MySQLClientBytes.command(code))
        #expect(driver.error?.number == 1047 && driver.conversation.isIdle)
        if code == 0x0c { #expect(driver.error?.message.contains("KILL") == true) }
    }

    @Test func aMessageWithoutACommandEndsTheConnection() {
        var driver = Driver.loggedIn()
        driver.send(MySQLClientBytes.message([]))
        #expect(driver.hasEnded && driver.error == .malformedPacket)
    }

    @Test func aWrongNumberEndsTheConnection() {
        var driver = Driver.loggedIn()
        driver.send(MySQLClientBytes.message([0x0e], sequence: 1))
        #expect(driver.hasEnded && driver.error == .outOfOrder)
    }

    @Test func aLongMessageEndsTheConnection() {
        var driver = Driver { $0.messageLimit = 1000 }
        driver.reply(MySQLClientBytes.hello(user: "ann", answer: []))
        driver.conversation.loggedIn()
        driver.collect()
        driver.send(MySQLClientBytes.query(String(repeating: " ", count: 999)))
        driver.conversation.answered()
        driver.send(MySQLClientBytes.query(String(repeating: " ", count: 1000)))
        #expect(driver.hasEnded && driver.error?.number == 1153)
        #expect(driver.error?.message.contains("1000 bytes") == true)
        #expect(driver.packets.last?.sequence == 1, "clients look at the number of an error too")
    }

    @Test func anIdleConnectionIsToldWhyItEnds() {
        var driver = Driver.loggedIn()
        driver.conversation.refuse(.unavailable("shutting down"))
        driver.collect()
        #expect(driver.error == .unavailable("shutting down") && driver.packets.last?.sequence == 0)
    }
}
