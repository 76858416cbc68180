import MySQLProtocol
import SQLSessions
import ServerFixtures
import Testing

@Suite struct AnswerTests {
    private typealias Flags = MySQLClientBytes.Flags

    private func encoder(flags: UInt32 = Flags.usual) -> AnswerEncoder {
        var driver = Driver.loggedIn(flags: flags)
        driver.send(MySQLClientBytes.query("SELECT 1"))
        return driver.conversation.encoder
    }

    @Test func doneTellsRowsWarningsAndANote() {
        var encoder = encoder()
        encoder.done(affectedRows: 300, warnings: 2, note: "{'label':'x'}")
        #expect(
            encoder.bytes == bytes("1700000100") + bytes("fc2c01000200") + bytes("02000d") + Array("{'label':'x'}".utf8)
        )
    }

    @Test func anErrorHasANumberAStateAndAMessage() {
        var encoder = encoder()
        encoder.error(.syntax("near 'x'"))
        #expect(encoder.bytes == bytes("11000001ff2804") + Array("#42000near 'x'".utf8))
        encoder.removeAll()
        encoder.error(SQLError(1, "4", "m"))
        #expect(encoder.bytes.suffix(7) == Array("#4Y000m".utf8), "a state has five characters whatever is given")
    }

    private func packets(_ bytes: [UInt8]) -> [[UInt8]] {
        var packets: [[UInt8]] = []
        var at = 0
        while at < bytes.count {
            let count = Int(bytes[at]) | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2]) << 16
            #expect(Int(bytes[at + 3]) == packets.count + 1)
            packets.append(Array(bytes[(at + 4)..<(at + 4 + count)]))
            at += 4 + count
        }
        return packets
    }

    private func table(_ encoder: inout AnswerEncoder) -> [[UInt8]] {
        encoder.columns([SQLColumn("a", .integer, table: "t", database: "d"), SQLColumn("b")])
        var rows = SQLRowWriter()
        rows.row(["1", nil])
        encoder.rows(rows)
        encoder.endOfRows(warnings: 1)
        return packets(encoder.bytes)
    }

    @Test func rowsEndWithEOF() {
        var encoder = encoder()
        let packets = table(&encoder)
        #expect(packets.count == 6)
        #expect(packets[0] == [2])
        #expect(
            packets[1] == Array("\u{3}def\u{1}d\u{1}t\u{1}t\u{1}a\u{1}a\u{c}".utf8)
                + bytes("3f00 14000000 08 0080 00 0000"))
        #expect(packets[2].starts(with: Array("\u{3}def\u{0}\u{0}\u{0}\u{1}b\u{1}b\u{c}".utf8) + [45, 0]))
        #expect(packets[3] == bytes("fe00000200"))
        #expect(packets[4] == bytes("0131fb"))
        #expect(packets[5] == bytes("fe01000200"))
    }

    @Test func withoutEOFTheyEndWithOK() {
        var encoder = encoder(flags: Flags.usual | Flags.deprecateEOF)
        let packets = table(&encoder)
        #expect(packets.count == 5)
        #expect(packets[3] == bytes("0131fb"))
        #expect(packets[4] == bytes("fe000002000100"))
    }

    @Test(arguments: [
        (SQLColumn.Kind.text, UInt8(0xfd)), (.integer, 8), (.double, 5), (.decimal, 0xf6), (.date, 10), (.dateTime, 12),
    ])
    func everyKindHasAType(kind: SQLColumn.Kind, type: UInt8) {
        var encoder = encoder()
        encoder.columns([SQLColumn("a", kind)])
        #expect(packets(encoder.bytes)[1].dropLast(5).last == type)
    }
}
