import ClusterTestKit
import HTTPAPI
import Platform
import TabletModel
import Testing

@testable import MasterCore
@testable import MasterServices

/// A change of columns, a delete and a backup each see the whole table at one moment: what would mix two is refused.
@Suite struct ExclusionFlowTests {
    private static let add = AlterTableRequest(
        action: .addColumn, column: "n", type: "INT", defaultValue: "7", after: "k")

    private func ready() throws -> FlowCluster {
        let cluster = try FlowCluster().ready()
        try cluster.createPolicy()
        #expect(try cluster.load("l1").state == .visible)
        try cluster.reportAll()
        return cluster
    }

    @Test func nothingIsDeletedOrBackedUpWhileColumnsChange() throws {
        let cluster = try ready()
        for backend in cluster.backends { backend.set { $0.silent = [.alter] } }
        _ = try cluster.master.alterTable(FlowCluster.table, Self.add)
        try cluster.scheduler.advance(by: .seconds(3))
        #expect(try cluster.master.alterViews().count == 1)

        let delete = #expect(throws: MasterError.self) {
            try cluster.master.deleteRows(
                DeleteRowsRequest(table: FlowCluster.table, condition: "k = 'a'", label: "d", timeoutMs: nil))
        }
        #expect(delete?.code == .unavailable && delete?.message.contains("columns") == true)
        let backup = #expect(throws: MasterError.self) {
            try cluster.master.backUp(BackupRequest(table: FlowCluster.table, resource: "s3", label: "b"))
        }
        #expect(backup?.code == .conflict && backup?.message.contains("columns") == true)
    }

    @Test func columnsStayWhileTheTableIsBackedUp() throws {
        let cluster = try ready()
        for backend in cluster.backends { backend.set { $0.silent = [.upload] } }
        let job = try cluster.master.backUp(BackupRequest(table: FlowCluster.table, resource: "s3", label: "b"))
        try cluster.scheduler.runUntilIdle()
        let alter = #expect(throws: MasterError.self) {
            try cluster.master.alterTable(FlowCluster.table, Self.add)
        }
        #expect(alter?.code == .conflict && alter?.message.contains("backed up") == true)
        _ = try cluster.master.cancelBackup(job.id)
        _ = try cluster.master.alterTable(FlowCluster.table, Self.add)
    }
}
