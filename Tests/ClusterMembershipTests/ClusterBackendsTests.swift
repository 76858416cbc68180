import ClusterTestKit
import HTTPAPI
import MetadataTestKit
import Platform
import TabletModel
import Testing

@testable import ClusterMembership
@testable import ClusterMetadata

@Suite struct ClusterBackendsTests {
    private let address = NetworkAddress(host: "be1", port: 9050)

    /// One table of four tablets with a replica each on the store's only backend.
    private func addTable(_ store: MetadataStore, on backend: BackendID) throws -> TableID {
        try store.commit { _, ids in
            let table = TableID(ids.take())
            let placements = (0..<4).map { _ in
                TabletPlacement(
                    tabletID: TabletID(ids.take()),
                    replicas: [.init(replicaID: ReplicaID(ids.take()), backendID: backend)])
            }
            let index = MaterializedIndex(id: IndexID(ids.take()), schemaHash: 1, tabletIDs: placements.map(\.tabletID))
            let partition = Partition(id: PartitionID(ids.take()), name: "flights", indexes: [index])
            let made = Table(
                id: table, databaseID: 1, name: "flights", delimiter: 0x2C, hasHeader: true,
                columns: TableColumn.text(["a"]),
                distributionColumn: 0, bucketCount: 4, replicationCount: 1, createdAt: UnixTime(seconds: 0),
                partitions: [partition])
            return ([.createTable(made, placements)], table)
        }
    }

    @Test func aBackendWithReplicasIsDroppedByForceAlone() throws {
        let store = try MetadataMachine().open()
        let backend = try store.addBackend(address)
        _ = try addTable(store, on: backend.id)
        let error = #expect(throws: MasterError.self) { try store.dropBackend(address, force: false) }
        #expect(error?.code == .conflict)
        #expect(error?.message.contains("4 replicas") == true)
        _ = try store.dropBackend(address, force: true)
        #expect(store.read { $0.tablets.replicaCount } == 0)
        #expect(store.read { $0.tablets.count } == 4)
        #expect(store.read { $0.backends }.isEmpty)
    }

    @Test func aRepeatedDecommissionWritesNothing() throws {
        let store = try MetadataMachine().open()
        _ = try store.addBackend(address)
        #expect(try store.setDecommissioned(address, true).isDecommissioned)
        let before = store.lastLogID
        #expect(try store.setDecommissioned(address, true).isDecommissioned)
        #expect(store.lastLogID == before)
        #expect(try !store.setDecommissioned(address, false).isDecommissioned)
    }

    @Test func aLoadMovesVersionsFromCommitToVisible() throws {
        let store = try MetadataMachine().open()
        let backend = try store.addBackend(address)
        let id = try addTable(store, on: backend.id)
        let table = try #require(store.read { $0.table(id) })
        let failed = ReplicaKey(tabletID: table.tabletIDs[0], backendID: backend.id)
        var load = Transaction(
            id: 5, databaseID: 1, tableID: id, label: "load1", timeoutMs: 1_000, preparedAt: UnixTime(seconds: 0))
        try store.commit([.upsertTransaction(load)])
        load.state = .committed
        load.partitions = [.init(partitionID: table.partitions[0].id, version: 2)]
        load.failedReplicas = [failed]
        try store.commit([.upsertTransaction(load)])
        #expect(store.read { $0.table(id)?.partitions[0].nextVersion } == 3)
        #expect(store.read { $0.table(id)?.partitions[0].visibleVersion } == 1)
        #expect(store.read { $0.tablets.replica(failed)?.versions.lastFailed } == 2)
        load.state = .visible
        try store.commit([.upsertTransaction(load)])
        #expect(store.read { $0.table(id)?.partitions[0].visibleVersion } == 2)
        let versions = store.read { state in
            table.tabletIDs.map { state.tablets.replicas(of: $0)[0].versions }
        }
        #expect(versions[0] == ReplicaVersions(version: 1, lastFailed: 2, lastSuccess: 1))
        #expect(versions[1...].allSatisfy { $0 == ReplicaVersions(version: 2) })
        #expect(store.read { $0.transaction(label: "load1", in: 1)?.id } == 5)
    }

    @Test func anAbortedLoadFreesItsLabel() throws {
        let store = try MetadataMachine().open()
        var load = Transaction(
            id: 5, databaseID: 1, tableID: 2, label: "load1", timeoutMs: 1_000, preparedAt: UnixTime(seconds: 0))
        try store.commit([.upsertTransaction(load)])
        load.state = .aborted
        try store.commit([.upsertTransaction(load)])
        #expect(store.read { $0.transaction(label: "load1", in: 1) } == nil)
        #expect(store.read { $0.transaction(5)?.state } == .aborted)
    }

    @Test func aCooldownConfCountsWhenItsTermIsHigher() throws {
        let store = try MetadataMachine().open()
        let backend = try store.addBackend(address)
        let id = try addTable(store, on: backend.id)
        let tablet = try #require(store.read { $0.table(id)?.tabletIDs.first })
        func push(_ replica: ReplicaID, _ term: Int64) throws -> CooldownConf? {
            try store.commit([
                .pushCooldownConf([CooldownConf(tabletID: tablet, cooldownReplicaID: replica, term: term)])
            ])
            return store.read { $0.tablets.tablet(tablet)?.cooldownConf }
        }
        #expect(try push(7, 2)?.cooldownReplicaID == 7)
        #expect(try push(8, 1)?.cooldownReplicaID == 7)
        #expect(try push(8, 2)?.cooldownReplicaID == 7)
        #expect(try push(8, 3)?.cooldownReplicaID == 8)
    }

    @Test func factsOfAReportAreTakenAndAreNotDurable() throws {
        let machine = MetadataMachine()
        let store = try machine.open()
        let backend = try store.addBackend(address)
        let id = try addTable(store, on: backend.id)
        let tablets = try #require(store.read { $0.table(id)?.tabletIDs })
        var rows = tablets.map { TabletReportRow(tabletID: $0, schemaHash: 1, version: 1) }
        rows.append(TabletReportRow(tabletID: 1, schemaHash: 1, version: 1))
        for place in rows.indices {
            rows[place].dataSizeBytes = Int64(place + 100)
            rows[place].cooldownMetaID = UniqueID(high: 1, low: Int64(place))
        }
        let before = store.lastLogID
        store.observe { $0.takeFacts(of: rows, from: backend.id) }
        #expect(store.lastLogID == before)
        let sizes = store.read { state in tablets.map { state.tablets.replicas(of: $0)[0].dataSizeBytes } }
        #expect(sizes == [100, 101, 102, 103])
        let replica = store.read { $0.tablets.replicas(of: tablets[2])[0] }
        #expect(replica.cooldownMetaID == UniqueID(high: 1, low: 2))
        #expect(replica.isReported)
        machine.crash()
        #expect(try machine.open().read { !$0.tablets.replicas(of: tablets[2])[0].isReported })
    }
}
