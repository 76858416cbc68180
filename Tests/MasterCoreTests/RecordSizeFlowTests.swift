import ClusterTestKit
import HTTPAPI
import Platform
import TabletModel
import Testing

@testable import ClusterMetadata
@testable import MasterCore
@testable import MasterServices

/// No record of the journal grows with a table: whatever is done with one of twice the tablets takes more records, not larger
/// ones.
@Suite struct RecordSizeFlowTests {
    /// The largest record of each kind after a table's life.
    private func largest(buckets: Int) throws -> [OperationCode: Int] {
        let cluster = try FlowCluster { $0.tabletsPerRecord = 3 }
        try cluster.addBackends()
        try cluster.createPolicy()
        #expect(try cluster.createTable(buckets: buckets).state == .finished)
        try cluster.reportAll()
        try cluster.load("one")
        try cluster.reportAll()
        _ = try cluster.master.backUp(BackupRequest(table: FlowCluster.table, resource: "s3", label: "monday"))
        try cluster.scheduler.runUntilIdle()
        _ = try cluster.master.restore(
            RestoreRequest(label: "monday", resource: "s3", table: TableName(database: "db", table: "r")))
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.backups(from: nil, prefix: nil).jobs.map(\.phase) == ["finished", "finished"])
        _ = try cluster.master.alterTable(
            FlowCluster.table, AlterTableRequest(action: .addColumn, column: "n", type: "INT"))
        try cluster.scheduler.advance(by: .seconds(10))
        #expect(try cluster.master.alterViews().map(\.state) == ["FINISHED"])
        try cluster.master.dropTable(FlowCluster.table)
        cluster.killMaster()
        var largest: [OperationCode: Int] = [:]
        let journal = KeyValueJournal(try ReopeningStore(cluster.machine.keyValueStores, path: "/fe/journal"))
        try journal.records(from: 1) { row in
            let operation = try row.decode().operation
            largest[operation] = max(largest[operation] ?? 0, row.bytes)
            return true
        }
        return largest
    }

    @Test func aTableOfTwiceTheTabletsHasNoLargerRecords() throws {
        let (small, large) = (try largest(buckets: 6), try largest(buckets: 24))
        #expect(Set(small.keys) == Set(large.keys))
        #expect(small.keys.contains(.setBackupUnits) && small.keys.contains(.addTablets))
        // Ids, places and sums take some bytes more.
        for (operation, bytes) in large { #expect(bytes <= small[operation, default: 0] + 24, "\(operation)") }
    }
}
