import Checksums
import ClusterTestKit
import StorageEngine
import TabletModel
import Testing

@Suite struct RowChecksumTests {
    private func checksum(_ engine: StorageEngine, _ id: TabletID) throws -> RowChecksum {
        let scan = try engine.openScan(id)
        var sum = RowChecksum()
        while let block = try scan.next() { block.forEachRow { sum.add(row: $0) } }
        return sum
    }

    @Test func checksumDependsOnNeitherOrderNorLayout() throws {
        let rows = sampleRows(50)
        var plain = RowChecksum()
        for row in rows { Array(row.utf8).withUnsafeBytes { plain.add(row: $0) } }

        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        for (number, part) in [rows[25...], rows[..<25]].enumerated() {
            _ = fixture.serve("http://fe/\(number)", part.reversed())
            _ = try engine.push(.sample(1, transaction: TransactionID(Int64(number + 1)), url: "http://fe/\(number)"))
            _ = try engine.publish(.sample(TransactionID(Int64(number + 1)), Version(Int64(number + 2))))
        }
        #expect(try checksum(engine, 1) == plain)
        #expect(plain.rowCount == 50)
    }

    @Test func missingOrDoubledRowChangesIt() {
        var once = RowChecksum()
        var twice = RowChecksum()
        Array("row".utf8).withUnsafeBytes {
            once.add(row: $0)
            twice.add(row: $0)
            twice.add(row: $0)
        }
        #expect(once != twice)
        var joined = once
        joined.add(once)
        #expect(joined == twice)
        #expect(once.description.hasSuffix("-1"))
        #expect(once.description.utf8.count == 18)
    }
}
