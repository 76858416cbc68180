internal import ClusterMetadata
internal import TabletModel

/// The cluster of `tabletd-bench metadata`: tables of many tablets with three replicas each, all on the first three of a hundred
/// backends. Every id follows from a number, so a backend's report is made without remembering anything.
struct BigCluster: Sendable {
    static let replicas = 3
    static let backends = 100
    static let schemaHash: SchemaHash = 77
    private static let firstBackend: Int64 = 10_001
    private static let firstID: Int64 = 20_000
    /// Of a table, its partition and its index.
    private static let idsOfTable: Int64 = 3
    private static let idsOfTablet: Int64 = 4

    let tablets: Int
    let tables: Int

    /// - Parameter tablets: rounded down to as many in each table.
    init(tablets: Int, tables: Int) {
        self.tables = max(1, min(tables, tablets))
        self.tablets = tablets / self.tables * self.tables
    }

    var tabletsPerTable: Int { tablets / tables }
    private var idsPerTable: Int64 { Self.idsOfTable + Int64(tabletsPerTable) * Self.idsOfTablet }
    var endOfIDs: Int64 { Self.firstID + Int64(tables) * idsPerTable }

    static func backend(_ number: Int) -> BackendID { BackendID(firstBackend + Int64(number)) }

    /// In bucket order of all tables, which is the order of ids.
    func tablet(_ number: Int) -> TabletID {
        let (table, bucket) = number.quotientAndRemainder(dividingBy: tabletsPerTable)
        return TabletID(first(ofTable: table) + Self.idsOfTable + Int64(bucket) * Self.idsOfTablet)
    }

    static func replica(of tablet: TabletID, on backend: Int) -> ReplicaID {
        ReplicaID(tablet.rawValue + 1 + Int64(backend))
    }

    /// Of the table with this number.
    func version(ofTable table: Int) -> Version { Version(Int64(2 + table % 97)) }

    private func first(ofTable table: Int) -> Int64 { Self.firstID + Int64(table) * idsPerTable }

    /// The entries that make it, a few at a time.
    /// - Parameter ports: heartbeat ports of the backends that live; the others have one where nobody listens.
    func make(ports: [Int32], _ commit: ([JournalEntry]) throws -> Void) throws {
        let backends = (0..<Self.backends).map { number in
            Backend(
                id: Self.backend(number), host: "127.0.0.1",
                heartbeatPort: number < ports.count ? ports[number] : Int32(1 + number))
        }
        try commit([.saveNextID(end: endOfIDs), .createDatabase(Database(id: 1, name: "default"))])
        try commit(backends.map { .addBackend($0) })
        for number in 0..<tables { try commit([table(number)]) }
    }

    private func table(_ number: Int) -> JournalEntry {
        let id = first(ofTable: number)
        let ids = (0..<tabletsPerTable).map { tablet(number * tabletsPerTable + $0) }
        let placements = ids.map { tablet in
            TabletPlacement(
                tabletID: tablet,
                replicas: (0..<Self.replicas).map {
                    .init(replicaID: Self.replica(of: tablet, on: $0), backendID: Self.backend($0))
                })
        }
        let index = MaterializedIndex(id: IndexID(id + 2), schemaHash: Self.schemaHash, tabletIDs: ids)
        let table = Table(
            id: TableID(id), databaseID: 1, name: "t\(number)", state: .normal, delimiter: 44, hasHeader: false,
            columns: [], distributionColumn: 0, bucketCount: Int32(ids.count), replicationCount: Int32(Self.replicas),
            createdAt: UnixTime(seconds: 0),
            partitions: [
                Partition(
                    id: PartitionID(id + 1), name: "p", visibleVersion: version(ofTable: number), indexes: [index])
            ])
        return .createTable(table, placements)
    }

    /// What a repair or a report changes: one replica of some tablet.
    func edit(_ number: Int) -> JournalEntry {
        let row = Int(truncatingIfNeeded: UInt64(number) &* 0x9E37_79B9_7F4A_7C15 >> 20) % tablets
        let version = version(ofTable: row / tabletsPerTable)
        return .updateReplicas([
            ReplicaUpdate(
                key: ReplicaKey(tabletID: tablet(row), backendID: Self.backend(number % 3)),
                versions: ReplicaVersions(version: version), isBad: number % 2 == 0)
        ])
    }

    /// What the backend with this number reports of the tablet with this number: sizes as different as those of real tablets.
    func row(_ number: Int, on backend: Int) -> TabletReportRow {
        let tablet = tablet(number)
        let table = number / tabletsPerTable
        var row = TabletReportRow(tabletID: tablet, schemaHash: Self.schemaHash, version: version(ofTable: table))
        let mixed = UInt64(bitPattern: tablet.rawValue) &* 0x9E37_79B9_7F4A_7C15 >> 40
        row.replicaID = Self.replica(of: tablet, on: backend)
        row.partitionID = PartitionID(first(ofTable: table) + 1)
        row.rowCount = Int64(mixed)
        row.dataSizeBytes = Int64(mixed) * 64
        row.versionCount = 1 + Int64(mixed % 12)
        row.visibleVersionCount = row.versionCount
        row.pathHash = 0x1234_5678_9ABC
        return row
    }

    /// The whole report of one backend, made row by row.
    struct Report: TabletReportSource {
        let cluster: BigCluster
        let backend: Int
        var count: Int { cluster.tablets }

        func forEachChunk(_ body: (UnsafeBufferPointer<TabletReportRow>) throws -> Void) rethrows {
            var rows: [TabletReportRow] = []
            for start in stride(from: 0, to: count, by: 1024) {
                rows.removeAll(keepingCapacity: true)
                for number in start..<min(start + 1024, count) { rows.append(cluster.row(number, on: backend)) }
                try rows.withUnsafeBufferPointer(body)
            }
        }
    }
}
