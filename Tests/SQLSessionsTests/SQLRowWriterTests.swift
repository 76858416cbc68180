import SQLSessions
import Testing

struct SQLRowWriterTests {
    /// Length-encoded strings as MySQL's protocol has them.
    @Test(arguments: [
        (0, [0]), (250, [250]), (251, [0xfc, 251, 0]), (65_535, [0xfc, 255, 255]), (65_536, [0xfd, 0, 0, 1]),
    ])
    func aValueBeginsWithItsLength(count: Int, head: [UInt8]) {
        var writer = SQLRowWriter()
        writer.row([String(repeating: "x", count: count)])
        #expect(Array(writer.bytes.prefix(head.count)) == head)
        #expect(writer.bytes.count == head.count + count)
        #expect(writer.ends == [writer.bytes.count])
    }

    @Test func nullIsNoEmptyText() {
        var writer = SQLRowWriter()
        writer.row([nil, "", "a"])
        #expect(writer.bytes == [0xfb, 0, 1, UInt8(ascii: "a")])
    }

    @Test func rowsOfAnotherWriterFollow() {
        var all = SQLRowWriter()
        all.row(["first"])
        var other = SQLRowWriter()
        for text in ["x", "yy", "zzz"] { other.row([text]) }
        all.append(other, from: 1)
        all.append(other, from: 3)
        var wanted = SQLRowWriter()
        for text in ["first", "yy", "zzz"] { wanted.row([text]) }
        #expect(all.bytes == wanted.bytes)
        #expect(all.ends == wanted.ends)
    }

    @Test func aTableComesInPiecesOfBoundedSize() throws {
        let rows = SQLTableRows((0..<5000).map { ["\($0)", String(repeating: "v", count: 100)] })
        var count = 0
        var writer = SQLRowWriter()
        while try rows.next(into: &writer) {
            #expect(writer.bytes.count < 66 << 10)
            count += writer.ends.count
            writer.removeAll()
        }
        #expect(count == 5000)
    }
}
