import ClusterTestKit
import Logging
import MetadataTestKit
import Platform
import TabletModel

@testable import ClusterMetadata

/// A small cluster's metadata in which everything belongs together.
enum WellMetadata {
    static let database = Database(id: 10_001, name: "db")
    static let tablets: [TabletID] = [10_020, 10_021, 10_022, 10_023]

    static func table(policy: String? = nil, partition: Partition? = nil) -> Table {
        Table(
            id: 10_010, databaseID: 10_001, name: "flights", state: .normal, delimiter: 0x2C, hasHeader: false,
            columns: TableColumn.text(["k", "v"]), distributionColumn: 0, bucketCount: 4, replicationCount: 3,
            storagePolicy: policy, createdAt: UnixTime(seconds: 1),
            partitions: [
                partition
                    ?? Partition(
                        id: 10_011, name: "flights",
                        indexes: [MaterializedIndex(id: 10_012, schemaHash: 5, tabletIDs: tablets)])
            ])
    }

    static let placements = tablets.map { tablet in
        TabletPlacement(
            tabletID: tablet,
            replicas: (0..<3).map { index in
                .init(
                    replicaID: ReplicaID(tablet.rawValue * 10 - 90_000 + Int64(index)),
                    backendID: BackendID(10_002 + Int64(index)))
            })
    }

    static func transaction(
        _ id: TransactionID = 10_030, state: Transaction.State = .prepared, table: TableID = 10_010,
        version: Version = 2
    ) -> Transaction {
        Transaction(
            id: id, databaseID: 10_001, tableID: table, label: "load\(id)", state: state,
            partitions: state == .prepared ? [] : [.init(partitionID: 10_011, version: version)], timeoutMs: 1000,
            preparedAt: UnixTime(seconds: 2))
    }

    static let resource = StorageResource(
        id: 10_040, name: "s3",
        s3: S3Resource(
            endpoint: "http://s3", accessKey: "AKID", secretKey: "very-secret", sessionToken: "also-secret",
            bucket: "bucket"))

    /// 17 entries; replicas have ids below 13,000.
    static var entries: [JournalEntry] {
        [
            .saveNextID(end: 13_001), .setEpoch(1), .beginLife(MetadataLife(epoch: 1, life: 77, afterLogID: 0)),
            .createDatabase(database),
        ] + (0..<3).map { .addBackend(Backend(id: BackendID(10_002 + $0), host: "be\($0)", heartbeatPort: 9050)) } + [
            .createTable(table(), placements), .upsertTransaction(transaction()),
            .upsertTransaction(transaction(state: .committed)), .upsertTransaction(transaction(state: .visible)),
            .createResource(resource),
            .createPolicy(StoragePolicy(id: 10_041, name: "cold", resource: "s3", cooldownTTLSeconds: 60)),
            .setTablePolicy(10_010, policy: "cold"),
            .pushCooldownConf([CooldownConf(tabletID: 10_020, cooldownReplicaID: 10_200, term: 1)]),
            .upsertTransaction(transaction(10_031)), .deleteReplica(ReplicaKey(tabletID: 10_023, backendID: 10_004)),
        ]
    }
}

/// The same on a machine, with images behind these entries.
struct WellFolder {
    let machine = MetadataMachine()
    var files: MemoryFileSystem { machine.machine.fileSystem }
    var stores: MemoryKeyValueStoreOpener { machine.machine.keyValueStores }

    init(_ entries: [JournalEntry] = WellMetadata.entries, imagesBehind: [Int] = [9, 13]) throws {
        let store = try machine.open()
        for (place, entry) in entries.enumerated() {
            try store.commit([entry])
            if imagesBehind.contains(place + 1) { _ = try store.checkpoint() }
        }
        machine.crash()
    }

    func open() throws -> MetadataFolder { try MetadataFolder("/meta", files: files, stores: stores) }

    /// Changes the journal's store behind the FE's back.
    func edit(_ body: (inout WriteBatch, any KeyValueStore) throws -> Void) throws {
        let store = try stores.open("/meta/journal")
        defer { store.close() }
        var batch = WriteBatch()
        try body(&batch, store)
        try store.write(batch, sync: true)
    }

    func flip(entry logID: Int64, byte: Int) throws {
        try edit { batch, store in
            var record = try store.get(KeyValueJournal.key(logID)) ?? []
            record[byte < 0 ? record.count + byte : byte] ^= 1
            batch.put(KeyValueJournal.key(logID), record)
        }
    }
}
