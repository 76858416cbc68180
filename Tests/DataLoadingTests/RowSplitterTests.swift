import Checksums
import Testing

@testable import DataLoading

@Suite struct RowSplitterTests {
    private func split(
        _ text: String, pieces: Int = .max, column: Int = 1, buckets: Int = 4, header: Bool = false,
        limit: Int = 1 << 20
    ) throws -> [(bucket: Int, line: String)] {
        var splitter = RowSplitter(
            delimiter: UInt8(ascii: ","), column: column, buckets: buckets, skipHeader: header, lineLimitBytes: limit)
        var rows: [(bucket: Int, line: String)] = []
        let keep = { (bucket: Int, line: UnsafeRawBufferPointer) in
            rows.append((bucket, String(decoding: line, as: UTF8.self)))
        }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            try Array(rest.prefix(pieces)).withUnsafeBytes { try splitter.append($0, keep) }
            rest = rest.dropFirst(pieces)
        }
        try splitter.finish(keep)
        return rows
    }

    @Test func bucketIsTheHashOfTheDistributionField() throws {
        let rows = try split("a,key1,x\nb,key2\n")
        #expect(rows.map(\.line) == ["a,key1,x", "b,key2"])
        #expect(rows[0].bucket == Int(crc32(Array("key1".utf8)) % 4))
        #expect(rows[1].bucket == Int(crc32(Array("key2".utf8)) % 4))
    }

    // found C4
    @Test(arguments: [1, 2, 100])
    func aByteOrderMarkIsNoPartOfTheFirstRow(pieces: Int) throws {
        let text = "\u{FEFF}key,b\nkey,\u{FEFF}\n"
        let rows = try split(text, pieces: pieces, column: 0)
        #expect(rows.map { Array($0.line.utf8) } == [Array("key,b".utf8), Array("key,\u{FEFF}".utf8)])
        #expect(rows[0].bucket == rows[1].bucket)
        #expect(try split("\u{FEFF}names\nkey,b\n", pieces: pieces, column: 0, header: true).map(\.line) == ["key,b"])
        #expect(try split("\u{FEFF}\n", column: 0).isEmpty)
    }

    @Test(arguments: [1, 2, 3, 7, 100])
    func cutsBetweenCallsChangeNothing(pieces: Int) throws {
        let text = "h1,h2\nalpha,beta,gamma\n\n,,\nlast,row"
        let whole = try split(text, header: true)
        let cut = try split(text, pieces: pieces, header: true)
        #expect(cut.map(\.line) == whole.map(\.line))
        #expect(cut.map(\.bucket) == whole.map(\.bucket))
        #expect(whole.map(\.line) == ["alpha,beta,gamma", ",,", "last,row"])
    }

    @Test func emptyInputAndLoneHeaderHaveNoRows() throws {
        #expect(try split("").isEmpty)
        #expect(try split("a,b\n", header: true).isEmpty)
        #expect(try split("\n\r\n\n").isEmpty)
    }

    @Test func lineWithTooFewFieldsIsNamed() {
        #expect(throws: RowSplitter.Failure.missingField(line: 3, fields: 1)) {
            try split("h,h\na,b\nonly\n", header: true)
        }
    }

    @Test func endlessLineIsRefusedBeforeItIsKept() {
        #expect(throws: RowSplitter.Failure.lineTooLong(line: 1, limitBytes: 8)) {
            try split("0123456789", pieces: 4, column: 0, limit: 8)
        }
        #expect(throws: RowSplitter.Failure.lineTooLong(line: 2, limitBytes: 8)) {
            try split("a\n0123456789\n", column: 0, limit: 8)
        }
    }
}
