import AccessControl
import ClusterTestKit
import Platform
import TabletModel

@testable import ClusterMembership
@testable import ClusterMetadata

/// Random journal entries that mostly fit the state they are made for, and sometimes name what is not there.
struct StateEntryGenerator {
    let random: SeededRandom
    /// What the entries so far make: the generator's own copy.
    private(set) var state = ClusterState()
    private var nextID: Int64 = 10_001

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func entries(_ count: Int) -> [JournalEntry] { (0..<count).map { _ in next() } }

    mutating func next() -> JournalEntry {
        let entry = make()
        state.apply(entry)
        return entry
    }

    private func pick<T>(_ all: [T]) -> T? { all.isEmpty ? nil : all[Int(random.next(below: UInt64(all.count)))] }
    private func number(_ limit: UInt64) -> Int64 { Int64(random.next(below: limit)) }

    private mutating func id() -> Int64 {
        nextID += 1
        return nextID - 1
    }

    private mutating func make() -> JournalEntry {
        switch random.next(below: 39) {
        case 0: return .saveNextID(end: 10_001 + number(50) * 1000)
        case 1: return .setEpoch(number(100))
        case 2: return .createDatabase(Database(id: DatabaseID(id()), name: "db\(number(5))"))
        case 3:
            return random.oneIn(4) ? .dropDatabase(anyDatabase) : .setTableState(anyTable, pick(Table.State.allCases)!)
        case 4, 5, 6: return createTable()
        case 7:
            if random.oneIn(8) { return .skipped }
            return random.oneIn(2) ? .dropTable(anyTable) : .cooldownDelete
        case 8: return .setTablePolicy(anyTable, policy: random.oneIn(2) ? nil : "policy\(number(3))")
        case 9: return .addReplica(anyTablet, newReplica())
        case 10: return .deleteReplica(anyReplica)
        case 11, 12: return .updateReplicas((0..<number(5)).map { _ in update() })
        case 13: return .backendTabletsBad(anyBackend, [TabletBadMark(tabletID: anyTablet, isBad: random.oneIn(2))])
        case 14: return .backendReplicasInfo(anyBackend, [mark(), mark()])
        case 15: return .addBackend(backend(BackendID(id())))
        case 16: return random.oneIn(3) ? .dropBackend(anyBackend) : .backendStateChange(backend(anyBackend))
        case 17, 18, 19: return .upsertTransaction(transaction())
        case 20: return .removeTransactions(state.transactions.filter(\.state.isFinal).prefix(2).map(\.id))
        case 21: return .pushCooldownConf((0..<3).map { _ in conf() })
        case 22: return resource()
        case 23: return .beginLife(MetadataLife(epoch: number(100), life: number(9), afterLogID: number(1000)))
        case 24: return .olderMetadataFound([found(), found()])
        case 25: return .olderMetadataSettled(settlement())
        case 26: return .adoptVersions(adopted())
        case 27, 28: return beginAlter()
        case 29: return moveAlter()
        case 30: return .upsertBackupJob(backupJob())
        case 31:
            let known = state.backupJobs.map(\.id)
            return random.oneIn(2)
                ? .removeBackupJobs(Array(known.prefix(2))) : .tableRestored(anyTable, name: "t\(number(9))")
        case 32: return addTablets()
        case 33: return changeBackupJob()
        case 34: return stageOrMoveTransaction()
        case 35: return frontendEntry()
        case 36: return userEntry()
        case 37: return placeEntry()
        default: return policy()
        }
    }

    /// To a table that is there, and now and then to an index that is not.
    private mutating func addTablets() -> JournalEntry {
        let table = pick(state.tables)
        let partition = table?.partitions.first
        let backends = state.backends.prefix(3).map(\.id)
        let placements = (0..<number(6)).map { _ in
            TabletPlacement(
                tabletID: TabletID(id()), replicas: backends.map { .init(replicaID: ReplicaID(id()), backendID: $0) })
        }
        let index = random.oneIn(8) ? nil : pick(partition?.indexes ?? [])?.id
        return .addTablets(
            AddedTablets(
                tableID: table?.id ?? 2, partitionID: partition?.id ?? 3, indexID: index ?? 4, placements: placements))
    }

    private mutating func backupJob() -> BackupJob {
        var job = BackupJob(
            id: pick(state.backupJobs).flatMap { random.oneIn(2) ? $0.id : nil } ?? id(),
            kind: pick(BackupJob.Kind.allCases)!, phase: pick(BackupJob.Phase.allCases)!, label: "l\(number(5))",
            resource: "r", prefix: "p/q", database: "db", table: "t", tableID: anyTable, version: Version(number(9)),
            createdAt: UnixTime(milliseconds: number(1000)))
        job.replaces = random.oneIn(2)
        job.attempt = Int32(number(4))
        job.endedAt = random.oneIn(2) ? UnixTime(milliseconds: number(1000)) : nil
        job.message = random.oneIn(2) ? "why" : ""
        job.sizeBytes = number(1 << 40)
        job.units = (0..<number(4)).map { _ in
            var unit = BackupJob.Unit(tabletID: anyTablet, backendID: anyBackend, folder: "f\(number(9))")
            unit.snapshotPath = random.oneIn(2) ? "/be/d1/snapshot/x" : nil
            unit.files = (0..<number(3)).map { "file\($0)" }
            unit.isGivenUp = random.oneIn(2)
            return unit
        }
        return job
    }

    /// Its phase, or some of its units: in their places, behind them, or where there is no place.
    private mutating func changeBackupJob() -> JournalEntry {
        var job = backupJob()
        if random.oneIn(3) {
            job.units = []
            return .updateBackupJob(job)
        }
        let known = pick(state.backupJobs) ?? job
        return .setBackupUnits(
            BackupUnits(
                jobID: known.id, first: Int(number(UInt64(known.units.count + 2))) - (random.oneIn(9) ? 1 : 0),
                units: job.units))
    }

    /// Few names, so that they come again, and again after they were removed.
    private func frontendEntry() -> JournalEntry {
        let name = "fe\(number(8))_9010_\(number(2))"
        let frontend = Frontend(
            nodeName: name, role: random.oneIn(2) ? .follower : .observer, host: "fe\(number(3))",
            editLogPort: Int32(number(3)), httpPort: Int32(number(9)), rpcPort: Int32(number(9)),
            joinedAt: UnixTime(milliseconds: number(99)))
        switch random.next(below: 6) {
        case 0, 1: return .addFrontend(frontend)
        case 2: return .addFirstFrontend(frontend)
        case 3: return .removeFrontend(name)
        case 4: return .timestamp(UnixTime(milliseconds: number(9)))
        default:
            return .masterInfoChange(
                MasterAddress(host: "fe\(number(3))", httpPort: Int32(number(9)), rpcPort: Int32(number(9))))
        }
    }

    private func userEntry() -> JournalEntry {
        let name = random.oneIn(4) ? User.root : "u\(number(4))"
        if random.oneIn(4) { return .dropUser(name) }
        let grants = (0..<number(4)).map { _ in
            Grant(pick(Right.allCases)!, on: random.oneIn(3) ? nil : "db\(number(3))")
        }
        return .upsertUser(
            User(
                name: name, password: random.oneIn(3) ? nil : PasswordHash(of: "p\(number(9))"), grants: Grants(grants),
                createdAt: UnixTime(milliseconds: number(99))))
    }

    private func placeEntry() -> JournalEntry {
        let place = random.oneIn(4) ? nil : ShardPlace(cluster: "c\(number(2))", shard: UInt32(number(3)))
        return .placeBackends(PlacedBackends((0..<number(4)).map { _ in anyBackend }, at: place))
    }

    private var anyDatabase: DatabaseID { pick(state.databases)?.id ?? 1 }
    private var anyTable: TableID { pick(state.tables)?.id ?? 2 }
    private var anyBackend: BackendID { pick(state.backends)?.id ?? BackendID(number(3)) }
    private var anyTablet: TabletID { pick(state.tables).flatMap { pick($0.tabletIDs) } ?? 77 }
    private var anyReplica: ReplicaKey {
        let tablet = anyTablet
        return ReplicaKey(
            tabletID: tablet, backendID: pick(state.tablets.replicas(of: tablet))?.backendID ?? anyBackend)
    }

    private mutating func createTable() -> JournalEntry {
        let table = TableID(id())
        let partition = PartitionID(id())
        let buckets = Int(1 + number(6))
        let backends = state.backends.prefix(3).map(\.id)
        let placements = (0..<buckets).map { _ in
            TabletPlacement(
                tabletID: TabletID(id()),
                replicas: backends.map { .init(replicaID: ReplicaID(id()), backendID: $0) })
        }
        let index = MaterializedIndex(id: IndexID(id()), schemaHash: 5, tabletIDs: placements.map(\.tabletID))
        return .createTable(
            Table(
                id: table, databaseID: anyDatabase, name: "table\(number(20))", delimiter: 0x2C, hasHeader: true,
                columns: TableColumn.text(["year", "month"]), distributionColumn: 1, bucketCount: Int32(buckets),
                replicationCount: Int32(backends.count), storagePolicy: random.oneIn(2) ? "policy1" : nil,
                medium: random.oneIn(2) ? .ssd : nil, createdAt: UnixTime(seconds: number(9)),
                partitions: [Partition(id: partition, name: "table", indexes: [index])]),
            placements)
    }

    private mutating func beginAlter() -> JournalEntry {
        let table = pick(state.tables)
        let partition = table?.partitions.first
        let backends = state.backends.prefix(2).map(\.id)
        let placements = (0..<(partition?.baseIndex?.tabletIDs.count ?? 1)).map { _ in
            TabletPlacement(
                tabletID: TabletID(id()),
                replicas: backends.map { .init(replicaID: ReplicaID(id()), backendID: $0) })
        }
        let alter = TableAlter(
            id: id(), state: random.oneIn(3) ? .beginning : .pending, columns: TableColumn.text(["year", "new"]),
            nextColumnID: 9, distributionColumn: 0, description: "add column new",
            startedAt: UnixTime(seconds: number(9)))
        return .beginAlter(
            table?.id ?? 2, alter,
            [
                ShadowIndex(
                    partitionID: partition?.id ?? 3,
                    index: MaterializedIndex(
                        id: IndexID(id()), schemaHash: 6, tabletIDs: placements.map(\.tabletID), state: .shadow))
            ], placements)
    }

    private func moveAlter() -> JournalEntry {
        let table = pick(state.tables.filter { $0.alter != nil }) ?? pick(state.tables)
        guard let table, var alter = table.alter, !random.oneIn(5) else {
            return .setTableColumns(
                table?.id ?? 2, TableColumn.text(["a\(number(9))", "b"]), nextColumnID: Int32(2 + number(9)))
        }
        let ended = EndedAlter(
            id: random.oneIn(5) ? 1 : alter.id, tableID: table.id, database: "db", table: table.name,
            description: alter.description, isFinished: random.oneIn(2), reason: "why",
            startedAt: alter.startedAt, endedAt: UnixTime(seconds: number(9)))
        switch random.next(below: 3) {
        case 0: return .finishAlter(ended)
        case 1: return .cancelAlter(ended)
        default:
            alter.state = pick(TableAlter.State.allCases) ?? .pending
            alter.watermark = TransactionID(number(99))
            alter.alterVersions = [table.partitions[0].id: Version(number(9))]
            return .updateAlter(table.id, alter)
        }
    }

    private mutating func newReplica() -> NewReplica {
        NewReplica(
            id: ReplicaID(id()), backendID: anyBackend, versions: versions(),
            state: pick(Replica.State.allCases) ?? .normal)
    }

    private func versions() -> ReplicaVersions {
        ReplicaVersions(
            version: Version(1 + number(9)), lastFailed: random.oneIn(2) ? .none : Version(number(12)),
            lastSuccess: Version(number(12)))
    }

    private func update() -> ReplicaUpdate {
        ReplicaUpdate(
            key: anyReplica, versions: versions(), isBad: random.oneIn(3),
            state: random.oneIn(4) ? pick(Replica.State.allCases) : nil)
    }

    private func mark() -> ReplicaMark {
        ReplicaMark(tabletID: anyTablet, mark: random.oneIn(2) ? .bad : .missing(lastFailed: Version(number(9))))
    }

    private func found() -> FoundOlder {
        FoundOlder(
            tableID: random.oneIn(2) ? nil : anyTable,
            finding: OlderFinding(
                kind: pick(OlderFinding.Kind.allCases) ?? .position, backendID: anyBackend, tabletID: anyTablet,
                ours: number(99), theirs: number(99), foundAt: UnixTime(seconds: number(9)), idEnd: number(20_000)))
    }

    private func adopted() -> AdoptedVersions {
        let table = pick(state.tables)
        let committed = state.transactions.filter { $0.state == .committed && $0.tableID == table?.id }
        return AdoptedVersions(
            tableID: table?.id ?? 2, partitionID: table?.partitions.first?.id ?? 3, visible: Version(number(9)),
            next: Version(9 + number(9)),
            committed: committed.prefix(2).map { .init(transactionID: $0.id, version: Version(9 + number(9))) })
    }

    private func settlement() -> OlderSettlement {
        OlderSettlement(
            clearsCluster: random.oneIn(2), tables: random.oneIn(2) ? [anyTable] : [],
            lostIDs: random.oneIn(2) ? nil : number(100)..<(100 + number(100)), forgetsLostIDs: random.oneIn(4),
            accepted: random.oneIn(2)
                ? [] : [MetadataPosition(epoch: number(9), life: number(3), logID: number(99), idEnd: number(99))])
    }

    private func conf() -> CooldownConf {
        CooldownConf(tabletID: anyTablet, cooldownReplicaID: ReplicaID(number(99)), term: number(20))
    }

    private func backend(_ id: BackendID) -> Backend {
        var backend = Backend(id: id, host: "host\(id)", heartbeatPort: 9050)
        backend.bePort = Int32(number(65_535))
        backend.version = "v\(number(3))"
        backend.startedAt = random.oneIn(3) ? nil : UnixTime(seconds: number(99))
        backend.isDecommissioned = random.oneIn(4)
        return backend
    }

    private mutating func transaction() -> Transaction {
        if random.oneIn(2), var running = pick(state.transactions.filter { !$0.state.isFinal }) {
            running.state = running.state == .prepared ? (random.oneIn(4) ? .aborted : .committed) : .visible
            if running.state == .committed, let partition = state.table(running.tableID)?.partitions.first {
                running.partitions = [.init(partitionID: partition.id, version: partition.nextVersion)]
            }
            running.failedReplicas = random.oneIn(3) ? [anyReplica, anyReplica].sorted() : []
            return running
        }
        return Transaction(
            id: TransactionID(id()), databaseID: anyDatabase, tableID: anyTable, label: "label\(number(1000))",
            timeoutMs: 1000, preparedAt: UnixTime(seconds: number(9)),
            deleteCondition: random.oneIn(3) ? "k = '\(number(9))'" : "")
    }

    private func stageOrMoveTransaction() -> JournalEntry {
        let known = pick(state.transactions.filter { !$0.state.isFinal }) ?? pick(state.transactions)
        guard var moved = known, random.oneIn(2) else {
            let staged = known?.stagedFailures?.count ?? 0
            return .stageFailedReplicas(
                FailedReplicas(
                    transactionID: known?.id ?? 1, first: Int(number(UInt64(staged + 2))),
                    keys: [anyReplica, anyReplica].sorted()))
        }
        moved.failedReplicas = []
        moved.stagedFailures = nil
        moved.state = moved.state == .prepared ? .committed : .visible
        if moved.state == .committed, let partition = state.table(moved.tableID)?.partitions.first {
            moved.partitions = [.init(partitionID: partition.id, version: partition.nextVersion)]
        }
        return .upsertStagedTransaction(moved)
    }

    private mutating func resource() -> JournalEntry {
        let name = "resource\(number(3))"
        let s3 = S3Resource(
            endpoint: "http://s3", accessKey: "key", secretKey: "secret\(number(9))",
            sessionToken: random.oneIn(2) ? nil : "token", bucket: "bucket")
        let resource = StorageResource(id: id(), name: name, s3: s3, version: number(9))
        switch random.next(below: 3) {
        case 0: return .dropResource(name)
        case 1: return .alterResource(resource)
        default: return .createResource(resource)
        }
    }

    private mutating func policy() -> JournalEntry {
        let policy = StoragePolicy(
            id: id(), name: "policy\(number(3))", resource: "resource1",
            cooldownAt: random.oneIn(2) ? nil : UnixTime(seconds: 5),
            cooldownTTLSeconds: random.oneIn(2) ? nil : 60, version: number(9))
        switch random.next(below: 3) {
        case 0: return .dropPolicy(policy.name)
        case 1: return .alterPolicy(policy)
        default: return .createPolicy(policy)
        }
    }
}

extension ClusterState {
    /// The state as an image would hold it: equal exactly when everything durable is.
    func durableBytes() throws -> [UInt8] {
        var bytes: [UInt8] = []
        _ = try ImageWriter(state: self, logID: 0, clusterID: 1).write { bytes += $0 }
        return bytes
    }

    static func replaying(_ entries: some Sequence<JournalEntry>) -> ClusterState {
        var state = ClusterState()
        for entry in entries { state.apply(entry) }
        return state
    }
}
