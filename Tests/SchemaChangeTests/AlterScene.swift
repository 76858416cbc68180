import ClusterMetadata
import Platform
import TabletModel

@testable import SchemaChange

/// A table whose columns change, in the state in which backends fill the new tablets, as the journal would have it.
struct AlterScene {
    static let table: TableID = 3
    static let partition: PartitionID = 4
    static let base: [TabletID] = [11, 12]
    static let new: [TabletID] = [21, 22]
    /// Of a table that wants three replicas.
    static let backends: [Int64] = [1, 2, 3]
    static let hash = SchemaHash(rawValue: 77)
    /// Visible when the alter began to run: rows up to there come from the base.
    static let filled = Version(2)

    var state = ClusterState()
    var progress = AlterProgress(job: 9, since: MonotonicTime(nanoseconds: 0), state: .running)

    /// - Parameters:
    ///   - wanted: the table's replication count.
    ///   - new: replicas of each new tablet, on backends 1, 2, 3 …; all of them are alive.
    init(wanted: Int32 = 3, new: Int = 3) {
        let backends = (1...max(wanted, Int32(new))).map { BackendID(Int64($0)) }
        for id in backends {
            state.apply(.addBackend(Backend(id: id, host: "10.0.0.\(id)", heartbeatPort: 9050)))
            state.updateStatus(of: id) { $0.isAlive = true }
        }
        let index = MaterializedIndex(id: 5, schemaHash: SchemaHash(rawValue: 76), tabletIDs: Self.base)
        let table = Table(
            id: Self.table, databaseID: 2, name: "t", state: .normal, delimiter: UInt8(ascii: ","), hasHeader: false,
            columns: TableColumn.text(["a", "b"]), distributionColumn: 0, bucketCount: 2, replicationCount: wanted,
            createdAt: UnixTime(seconds: 1),
            partitions: [Partition(id: Self.partition, name: "t", visibleVersion: Self.filled, indexes: [index])])
        state.apply(.createTable(table, Self.base.map { Self.placement(of: $0, on: backends.prefix(Int(wanted))) }))
        var alter = TableAlter(
            id: 9, columns: table.columns, nextColumnID: 2, distributionColumn: 0, description: "",
            startedAt: UnixTime(seconds: 2))
        let shadow = MaterializedIndex(id: 6, schemaHash: Self.hash, tabletIDs: Self.new, state: .shadow)
        state.apply(
            .beginAlter(
                Self.table, alter, [ShadowIndex(partitionID: Self.partition, index: shadow)],
                Self.new.map { Self.placement(of: $0, on: backends.prefix(new)) }))
        alter.state = .running
        alter.watermark = 50
        alter.alterVersions = [Self.partition: Self.filled]
        state.apply(.updateAlter(Self.table, alter))
    }

    private static func placement(of tablet: TabletID, on backends: some Collection<BackendID>) -> TabletPlacement {
        TabletPlacement(
            tabletID: tablet,
            replicas: backends.map {
                .init(replicaID: ReplicaID(tablet.rawValue * 10 + $0.rawValue), backendID: $0)
            })
    }

    static func key(_ tablet: TabletID, _ backend: Int64) -> ReplicaKey {
        ReplicaKey(tabletID: tablet, backendID: BackendID(backend))
    }

    var part: Partition { state.table(Self.table)!.partitions[0] }
    var readiness: AlterReadiness { AlterReadiness(state.table(Self.table)!, progress, in: state) }

    // MARK: What happens

    /// The backend answers that the replica is filled.
    /// - Parameter version: the newest that it has then.
    /// - Returns: the complaint, if there is one.
    @discardableResult
    mutating func fill(
        _ tablet: TabletID, _ backend: Int64, version: Version = AlterScene.filled, lacksOne: Bool = false
    ) -> String? {
        var row = TabletReportRow(tabletID: tablet, schemaHash: Self.hash, version: version)
        row.versionMiss = lacksOne
        switch FilledReplica(row, of: tablet, schemaHash: Self.hash, filledUpTo: Self.filled, in: part) {
        case .complaint(let complaint): return complaint
        case .counts(let versions):
            let update = ReplicaUpdate(key: Self.key(tablet, backend), versions: versions, isBad: false, state: .normal)
            state.apply(.updateReplicas([update]))
            return nil
        }
    }

    mutating func fillAll() {
        for tablet in Self.new {
            for replica in state.tablets.replicas(of: tablet) { fill(tablet, replica.backendID.rawValue) }
        }
    }

    /// As many failed tries as it has.
    mutating func giveUp(_ tablet: TabletID, _ backend: Int64) {
        for _ in 0..<AlterProgress.attemptLimit {
            progress.noteFailure(Self.key(tablet, backend), "disk", now: MonotonicTime(nanoseconds: 0))
        }
    }

    mutating func die(_ backend: Int64) { state.updateStatus(of: BackendID(backend)) { $0.isAlive = false } }

    mutating func markBad(_ tablet: TabletID, _ backend: Int64) {
        state.apply(.backendTabletsBad(BackendID(backend), [TabletBadMark(tabletID: tablet, isBad: true)]))
    }

    mutating func lose(_ tablet: TabletID, _ backend: Int64) { state.apply(.deleteReplica(Self.key(tablet, backend))) }

    /// A load takes the version. - Parameter missed: replicas that did not take its rows.
    mutating func commit(_ version: Version, missed: [ReplicaKey] = [], of table: TableID = AlterScene.table) {
        state.apply(.upsertTransaction(Self.load(version, .committed, missed, table)))
    }

    /// It becomes visible. - Parameter missed: replicas that did not publish it.
    mutating func show(_ version: Version, missed: [ReplicaKey] = []) {
        state.apply(.upsertTransaction(Self.load(version, .visible, missed, Self.table)))
    }

    private static func load(
        _ version: Version, _ state: Transaction.State, _ missed: [ReplicaKey], _ table: TableID
    ) -> Transaction {
        Transaction(
            id: TransactionID(version.rawValue + 100), databaseID: 2, tableID: table, label: "v\(version)",
            state: state,
            partitions: [.init(partitionID: table == Self.table ? Self.partition : 999, version: version)],
            failedReplicas: missed.sorted(), timeoutMs: 1000, preparedAt: UnixTime(seconds: 3))
    }
}
