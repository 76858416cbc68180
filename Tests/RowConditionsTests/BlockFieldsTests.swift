import ClusterTestKit
import Testing

@testable import RowConditions

@Suite struct BlockFieldsTests {
    private static let limit = 9

    /// Fields of the rows of one block, which lie behind a byte each that may look like a delimiter, and of more blocks.
    private func fields(_ blocks: [[[UInt8]]]) -> [[[UInt8]]] {
        let fields = BlockFields(delimiter: UInt8(ascii: ","), limit: Self.limit)
        return blocks.flatMap { rows in
            let block = rows.flatMap { [UInt8(truncatingIfNeeded: $0.count)] + $0 }
            return block.withUnsafeBytes { bytes in
                fields.begin(bytes)
                var end = 0
                return rows.map { row in
                    let range = (end + 1)..<(end + 1 + row.count)
                    end = range.upperBound
                    let found = fields.row(range)
                    return (0..<Self.limit).prefix { found.field($0) != nil }.map { Array(found.field($0)!.bytes) }
                }
            }
        }
    }

    private func split(_ row: [UInt8]) -> [[UInt8]] {
        row.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).prefix(Self.limit).map { Array($0) }
    }

    @Test(arguments: [
        "", ",", "a", "a,b", ",a,", "abcdefgh", "abcdefgh,", "abcdefg,hijklmno,p", ",,,,,,,,,,", "ü,é,漢字,𐍈",
        "one,two,three,four,five,six,seven,eight,nine\r", "1,2,3,4,5,6,7,8,9,10,11",
    ])
    func splitsAsTheStandardLibraryDoes(_ text: String) {
        let row = Array(text.utf8)
        #expect(fields([[row]]) == [split(row)])
        #expect(fields([[row, row], [row]]) == [split(row), split(row), split(row)])
    }

    /// Of every length around those of the words that are read, with bytes that differ from the delimiter in one bit.
    @Test(arguments: 0..<100 as Range<UInt64>) func blocksOfAllLengths(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        let bytes: [UInt8] = [0x2C, 0x2C, 0xAC, 0x2D, 0x2B, 0x00, 0xFF, 0x61]
        let blocks = (0..<4).map { _ in
            (0..<pick(20)).map { _ in (0..<pick([3, 44, 46, 90][pick(4)])).map { _ in bytes[pick(bytes.count)] } }
        }
        #expect(fields(blocks) == blocks.flatMap { $0.map { split($0) } })
    }

    @Test func theLastEightBytes() {
        let block = Array("12345678,9".utf8)
        block.withUnsafeBytes { bytes in
            #expect(RowField(block: bytes, start: 0, end: 7).lastEight == nil)
            #expect(RowField(block: bytes, start: 0, end: 8).lastEight == 0x3837_3635_3433_3231)
            #expect(RowField(block: bytes, start: 9, end: 10).lastEight == 0x392C_3837_3635_3433)
        }
    }
}
