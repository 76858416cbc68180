public import Checksums
public import ClusterTestKit
internal import Platform

/// Delimited lines for a load.
public struct SampleRows: Sendable {
    public let bytes: [UInt8]
    public let checksum: RowChecksum

    /// Rows of three fields, of many lengths.
    public init(_ count: Int, label: String, random: SeededRandom) {
        var bytes: [UInt8] = []
        var checksum = RowChecksum()
        for index in 0..<count {
            let key = random.next(below: 1_000_000)
            let filler = String(repeating: "x", count: Int(random.next(below: 60)))
            let row = Array("\(key),\(label)-\(index),\(filler)".utf8)
            row.withUnsafeBytes { checksum.add(row: $0) }
            bytes += row
            bytes.append(UInt8(ascii: "\n"))
        }
        self.bytes = bytes
        self.checksum = checksum
    }

    /// Of the rows behind the first ones.
    func checksum(withoutFirst count: Int) -> RowChecksum {
        var checksum = RowChecksum()
        for row in bytes.split(separator: UInt8(ascii: "\n")).dropFirst(count) {
            row.withUnsafeBytes { checksum.add(row: $0) }
        }
        return checksum
    }
}
