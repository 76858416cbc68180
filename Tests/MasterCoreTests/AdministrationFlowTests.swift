import ClusterTestKit
import HTTPAPI
import TabletModel
import Testing

@testable import ClusterMetadata
@testable import MasterCore

/// What an administrator asks besides, and that a restart of the FE forgets none of it.
@Suite struct AdministrationFlowTests {
    private func restart(_ cluster: FlowCluster) throws {
        cluster.killMaster()
        try cluster.startMaster()
        try cluster.scheduler.runUntilIdle()
    }

    @Test func aTableTakesThePlaceOfAnother() throws {
        let cluster = try FlowCluster().ready()
        let (old, name) = (FlowCluster.table, TableName(database: "db", table: "t_new"))
        try cluster.load("l1")
        let job = try cluster.master.createTable(
            CreateTableRequest(name: name, buckets: 2, replicas: 3, columns: ["k", "v"]))
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.job(job.id).state == .finished)
        let (oldID, newID) = (try cluster.master.table(old).id, try cluster.master.table(name).id)
        try cluster.master.replaceTable(old, by: name)
        try cluster.scheduler.runUntilIdle()
        #expect(throws: MasterError.self) { try cluster.master.replaceTable(old, by: old) }
        // The old one's replicas are gone from the backends.
        #expect(cluster.backends.allSatisfy { $0.tablets.count == 2 })
        for isRestarted in [false, true] {
            if isRestarted { try restart(cluster) }
            let tables = try cluster.master.tables(inDatabase: "db")
            #expect(tables.map(\.name) == [old] && tables.map(\.id) == [newID] && oldID != newID)
            #expect(tables.map(\.buckets) == [2] && tables.map(\.state) == ["normal"])
        }
        try cluster.load("l2", "x,1\n")
        #expect(cluster.rows(on: cluster.backends[0]) == ["x,1"])
    }

    @Test func aReplicaIsCalledBadAndGoodAgain() throws {
        let cluster = try FlowCluster().ready()
        let tablet = try #require(try cluster.master.tablets(of: FlowCluster.table).first)
        let backend = tablet.replicas[0].backendID
        try cluster.master.setReplica(tablet.id, on: backend, isBad: true)
        #expect(try cluster.master.tablet(tablet.id).replicas.filter(\.isBad).map(\.backendID) == [backend])
        try cluster.master.setReplica(tablet.id, on: backend, isBad: false)
        try restart(cluster)
        #expect(try cluster.master.tablet(tablet.id).replicas.allSatisfy { !$0.isBad })
        #expect(throws: MasterError.self) { try cluster.master.setReplica(tablet.id, on: 999, isBad: true) }
        #expect(throws: MasterError.self) { try cluster.master.setReplica(1, on: backend, isBad: true) }
    }

    @Test func aPolicyChangesWhenRowsCool() throws {
        let cluster = try FlowCluster().ready()
        try cluster.createPolicy()
        let before = cluster.backends[0].taken(.notifyUpdateStoragePolicy).count
        let view = try cluster.master.alterStoragePolicy("cold", AlterStoragePolicyRequest(cooldownTTLSeconds: 77))
        try cluster.scheduler.runUntilIdle()
        #expect(view.cooldownTTLSeconds == 77 && view.cooldownDatetimeSeconds == nil)
        #expect(cluster.backends.allSatisfy { $0.taken(.notifyUpdateStoragePolicy).count > before })
        #expect(throws: MasterError.self) {
            try cluster.master.alterStoragePolicy("cold", AlterStoragePolicyRequest())
        }
        #expect(throws: MasterError.self) {
            try cluster.master.alterStoragePolicy("none", AlterStoragePolicyRequest(cooldownTTLSeconds: 1))
        }
        try restart(cluster)
        #expect(try cluster.master.storagePolicyViews().map(\.cooldownTTLSeconds) == [77])
    }

    @Test func trashIsRemovedWhereItIsAsked() throws {
        let cluster = try FlowCluster().ready()
        try cluster.master.cleanTrash(on: [cluster.backends[1].address])
        try cluster.scheduler.runUntilIdle()
        #expect(cluster.backends.map { $0.taken(.cleanTrash).count } == [0, 1, 0])
        try cluster.master.cleanTrash(on: [])
        try cluster.scheduler.runUntilIdle()
        #expect(cluster.backends.map { $0.taken(.cleanTrash).count } == [1, 2, 1])
    }

    @Test func whatWasAskedToBeRepairedWaitsItsTurnAgain() throws {
        let cluster = try FlowCluster().ready()
        let tablet = try #require(try cluster.master.tablets(of: FlowCluster.table).first)
        // With all backends in use nothing can be made elsewhere: it stays where it waits.
        try cluster.master.setReplica(tablet.id, on: tablet.replicas[0].backendID, isBad: true)
        #expect(try cluster.master.repair([tablet.id]).count == 1)
        #expect(try cluster.master.cancelRepair([tablet.id]) == 1)
        #expect(try cluster.master.cancelRepair([tablet.id]) == 0)
    }
}
