import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import TabletReports

@Suite struct ReportedRowsTests {
    private func row(_ id: Int64, _ random: SeededRandom) -> TabletReportRow {
        func number() -> Int64 { [.max, .min, -1, 0, 1, Int64(bitPattern: random.next())][Int(random.next(below: 6))] }
        var row = TabletReportRow(
            tabletID: TabletID(id), schemaHash: SchemaHash(Int32(truncatingIfNeeded: number())),
            version: Version(number()))
        row.rowCount = number()
        row.dataSizeBytes = number()
        row.medium = random.oneIn(3) ? StorageMedium(rawValue: Int32(truncatingIfNeeded: number())) : .ssd
        row.versionCount = number()
        row.visibleVersionCount = number()
        row.pathHash = number()
        row.versionMiss = random.oneIn(2)
        row.isUsed = random.oneIn(2)
        row.partitionID = PartitionID(number())
        row.isInMemory = random.oneIn(2)
        row.replicaID = ReplicaID(number())
        row.remoteDataSizeBytes = number()
        row.cooldownReplicaID = random.oneIn(2) ? nil : ReplicaID(number())
        row.isCooldown = random.oneIn(2)
        row.cooldownTerm = number()
        row.cooldownMetaID = random.oneIn(2) ? nil : UniqueID(high: number(), low: number())
        row.isRunning = random.oneIn(2)
        row.transactionIDs = random.oneIn(9) ? [1, TransactionID(number())] : nil
        return row
    }

    @Test(arguments: [0, 1, 1023, 1024, 1025, 5000])
    func rowsComeOutAsTheyWentIn(count: Int) {
        let random = SeededRandom(seed: UInt64(count))
        let rows = (0..<count).map { row(Int64($0), random) }
        var kept = ReportedRows()
        for row in rows { kept.append(row) }
        #expect(Array(kept) == rows)
        #expect(kept.count == count && kept.isEmpty == rows.isEmpty && kept.first == rows.first)
        var sliced: [TabletReportRow] = []
        kept.forEachSlice { rows in
            #expect(rows.count <= ReportedRows.sliceLimit)
            sliced += rows
        }
        #expect(sliced == rows)
        let gone = Set(rows.map(\.tabletID).filter { $0.rawValue % 3 == 0 })
        kept.remove(gone)
        #expect(Array(kept) == rows.filter { !gone.contains($0.tabletID) })
    }
}
