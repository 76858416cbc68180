import Testing

@testable import StorageEngine

@Suite struct RowFieldsTests {
    private func fields(_ row: String, limit: Int = .max) -> [String] {
        var fields = RowFields(delimiter: UInt8(ascii: ","))
        return Array(row.utf8).withUnsafeBytes { bytes in
            // What was split before must not matter.
            Array("x,,yy,zzz,,,,".utf8).withUnsafeBytes { fields.split($0) }
            fields.split(bytes, limit: limit)
            return (0..<fields.count).map { String(decoding: fields.field($0, of: bytes)!, as: UTF8.self) }
        }
    }

    @Test(arguments: [
        "", ",", "a", "a,b", ",a,", "abcdefgh", "abcdefgh,", "abcdefg,hijklmno,p", ",,,,,,,,,,", "ü,é,漢字,𐍈",
        "one,two,three,four,five,six,seven,eight,nine\r",
    ])
    func splitsAsTheStandardLibraryDoes(_ row: String) {
        let wanted = row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        #expect(fields(row) == wanted)
        for limit in 1...12 { #expect(fields(row, limit: limit) == Array(wanted.prefix(limit))) }
    }

    @Test func bytesWithTheHighBitAreNoDelimiters() {
        var fields = RowFields(delimiter: 0x2C)
        let row: [UInt8] = [
            0xAC, 0x2D, 0x2B, 0xFF, 0x00, 0x2C, 0xAC, 0x2C, 0x2C, 0xAC, 0x2D, 0x80, 0x7F, 0x01, 0x2C, 0xAC,
        ]
        row.withUnsafeBytes { bytes in
            fields.split(bytes)
            #expect((0..<fields.count).map { fields.range($0) } == [0..<5, 6..<7, 8..<8, 9..<14, 15..<16])
            #expect(fields.range(5) == nil)
        }
    }
}
