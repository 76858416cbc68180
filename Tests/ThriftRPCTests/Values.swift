import ClusterTestKit
import TabletModel

/// Random values of the model, from a seed.
struct Values {
    var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func number() -> Int64 {
        switch UInt8.random(in: 0..<4, using: &random) {
        case 0: Int64.random(in: -2...2, using: &random)
        case 1: Int64.random(in: .min ... .max, using: &random)
        default: Int64.random(in: 0...1_000_000, using: &random)
        }
    }
    mutating func small() -> Int32 { Int32.random(in: .min ... .max, using: &random) }
    mutating func flag() -> Bool { Bool.random(using: &random) }
    mutating func text() -> String {
        let parts = ["", "a", "tablet", "ü–→", "\u{0}", "🗄️", String(repeating: "x", count: 300)]
        return (0..<Int.random(in: 0..<3, using: &random)).map { _ in parts.randomElement(using: &random)! }.joined()
    }
    mutating func maybe<Value>(_ make: (inout Values) -> Value) -> Value? { flag() ? make(&self) : nil }
    mutating func list<Value>(_ make: (inout Values) -> Value) -> [Value] {
        (0..<Int.random(in: 0..<4, using: &random)).map { _ in make(&self) }
    }

    mutating func status() -> RPCStatus {
        // No messages and an empty list of them are the same thing.
        RPCStatus(StatusCode(rawValue: Int32.random(in: 0...120, using: &random)), list { $0.text() })
    }
    mutating func backend() -> BackendAddress { BackendAddress(host: text(), bePort: small(), httpPort: small()) }
    mutating func conf() -> CooldownConf {
        CooldownConf(tabletID: TabletID(number()), cooldownReplicaID: ReplicaID(number()), term: number())
    }

    mutating func master() -> MasterInfo {
        MasterInfo(
            address: NetworkAddress(host: text(), port: small()), clusterID: small(), epoch: number(),
            token: maybe { $0.text() }, backendIP: maybe { $0.text() }, httpPort: maybe { $0.small() },
            flags: maybe { $0.number() }, backendID: maybe { BackendID($0.number()) },
            tabletReportInactiveMs: maybe { $0.number() })
    }

    mutating func heartbeatReply() -> HeartbeatReply {
        var backend = BackendInfo()
        backend.bePort = small()
        backend.httpPort = small()
        backend.beRPCPort = maybe { $0.small() }
        backend.brpcPort = maybe { $0.small() }
        backend.version = maybe { $0.text() }
        backend.startTime = maybe { UnixTime(milliseconds: $0.number()) }
        backend.nodeRole = maybe { $0.text() }
        backend.isShutdown = maybe { $0.flag() }
        backend.hasNewerMembers = backend.isShutdown != nil
        return HeartbeatReply(status: status(), backend: backend)
    }

    mutating func resource() -> StorageResourceEntry {
        StorageResourceEntry(
            id: number(), name: text(), version: number(),
            s3: S3Resource(endpoint: text(), accessKey: text(), secretKey: text(), bucket: text()),
            policyNames: [text(), text()])
    }

    mutating func policy() -> StoragePolicyEntry {
        let id = maybe { $0.number() }
        return StoragePolicyEntry(
            name: text(), cooldownAt: maybe { UnixTime(seconds: abs($0.number() % 1_000_000_000)) },
            cooldownTTLSeconds: maybe { abs($0.number() % 1_000_000_000) },
            resource: maybe {
                S3Resource(
                    endpoint: $0.text(), region: $0.text(), accessKey: $0.text(), secretKey: $0.text(),
                    sessionToken: $0.maybe { $0.text() }, bucket: $0.text(), rootPath: $0.text(),
                    usePathStyle: $0.flag(), maxConnections: $0.small(), requestTimeoutMs: $0.small(),
                    connectTimeoutMs: $0.small())
            },
            resourceID: id, resourceVersion: id == nil ? 0 : number(), checksum: text())
    }

    mutating func task() -> AgentTask {
        let priority: TaskPriority = flag() ? .normal : .high
        let (type, payload) = payload()
        return AgentTask(type: type, signature: number(), priority: priority, payload: payload)
    }

    private mutating func payload() -> (TaskType, AgentTask.Payload) {
        switch UInt8.random(in: 0..<27, using: &random) {
        case 0: (.create, .create(create()))
        case 1:
            (
                .drop,
                .drop(
                    DropTabletRequest(
                        tabletID: TabletID(number()), schemaHash: maybe { SchemaHash($0.small()) },
                        replicaID: ReplicaID(number()), isDropTableOrPartition: flag()))
            )
        case 2: (flag() ? .push : .realtimePush, .push(push()))
        case 3:
            (
                .publishVersion,
                .publishVersion(
                    PublishVersionRequest(
                        transactionID: TransactionID(number()),
                        partitions: list {
                            .init(partitionID: PartitionID($0.number()), version: Version($0.number()))
                        }, strictMode: flag()))
            )
        case 4:
            (
                .clearTransactionTask,
                .clearTransaction(
                    ClearTransactionRequest(
                        transactionID: TransactionID(number()), partitionIDs: list { PartitionID($0.number()) }))
            )
        case 5: (.updateTabletMetaInfo, .updateTabletMeta(list { $0.metaUpdate() }))
        case 6: (.notifyUpdateStoragePolicy, .storagePolicy(policy()))
        case 7: (.pushCooldownConf, .cooldownConfs(list { $0.conf() }))
        case 8: (.create, .absent)
        case 9: (.clone, .absent)
        case 10: (.clone, .clone(clone()))
        case 11:
            (
                .compaction,
                .compaction(
                    CompactionRequest(
                        tabletID: TabletID(number()), schemaHash: maybe { SchemaHash($0.small()) },
                        kind: flag() ? .base : .cumulative))
            )
        case 12:
            (
                .checkConsistency,
                .checkConsistency(
                    CheckConsistencyRequest(
                        tabletID: TabletID(number()), schemaHash: SchemaHash(small()), version: Version(number())))
            )
        case 13: (.makeSnapshot, .makeSnapshot(snapshot()))
        case 14: (.releaseSnapshot, .releaseSnapshot(path: text()))
        case 15...25: movingOrChanging()
        default: (TaskType(rawValue: 2000), .unread)
        }
    }

    private mutating func clone() -> CloneRequest {
        CloneRequest(
            tabletID: TabletID(number()), schemaHash: SchemaHash(small()),
            sources: list { BackendAddress(host: $0.text(), bePort: $0.small(), httpPort: $0.small()) },
            medium: maybe { _ in .ssd }, committedVersion: maybe { Version($0.number()) },
            taskVersion: maybe { $0.small() }, sourcePathHash: maybe { $0.number() },
            destinationPathHash: maybe { $0.number() }, timeoutSeconds: Int64(small()),
            replicaID: ReplicaID(number()), partitionID: maybe { PartitionID($0.number()) },
            tableID: maybe { TableID(abs($0.number() / 2) + 1) })
    }

    mutating func snapshot() -> SnapshotRequest {
        SnapshotRequest(
            tabletID: TabletID(number()), schemaHash: SchemaHash(small()), version: maybe { Version($0.number()) },
            timeoutSeconds: maybe { $0.number() }, missingVersions: maybe { $0.list { Version($0.number()) } },
            listFiles: flag(), allowIncrementalClone: flag(), preferredSnapshotVersion: small(),
            isCopyTabletTask: flag())
    }

    private mutating func create() -> CreateTabletRequest {
        CreateTabletRequest(
            tabletID: TabletID(number()),
            schema: TabletSchema(
                schemaHash: SchemaHash(small()), shortKeyColumnCount: 3,
                keysType: Int32.random(in: 0...9, using: &random), storageType: 1,
                columns: list { $0.column() }, isInMemory: flag(), delimiter: maybe { _ in 44 }),
            version: Version(number()), medium: maybe { _ in .ssd }, tableID: TableID(number()),
            partitionID: PartitionID(number()), replicaID: ReplicaID(number()),
            baseTabletID: maybe { TabletID($0.number()) }, inRestoreMode: flag(), storagePolicy: text(),
            storagePolicyID: maybe { $0.number() },
            baseSchemaHash: maybe { SchemaHash($0.small()) }, options: options(isUpdate: false))
    }

    private mutating func push() -> PushRequest {
        PushRequest(
            tabletID: TabletID(number()), schemaHash: SchemaHash(small()), version: Version(number()),
            timeoutSeconds: number(), pushType: PushType(rawValue: Int32.random(in: 0...5, using: &random)),
            url: maybe { $0.text() }, sizeBytes: maybe { $0.number() }, needsDecompression: flag(),
            transactionID: maybe { TransactionID($0.number()) }, partitionID: maybe { PartitionID($0.number()) },
            rowColumns: maybe { values in
                values.list { values in
                    TabletSchema.Column(
                        name: values.text(), type: .int, isKey: values.flag(), isNullable: values.flag(),
                        defaultValue: values.maybe { $0.text() }, uniqueID: values.small())
                }
            })
    }

    private mutating func metaUpdate() -> TabletMetaUpdate {
        TabletMetaUpdate(
            tabletID: TabletID(number()), schemaHash: maybe { SchemaHash($0.small()) },
            partitionID: maybe { PartitionID($0.number()) }, metaType: maybe { _ in 1 },
            isInMemory: maybe { $0.flag() }, storagePolicy: maybe { $0.text() }, removesStoragePolicy: flag(),
            storagePolicyID: maybe { $0.number() },
            replicaID: maybe { ReplicaID($0.number()) }, options: options(isUpdate: true))
    }

    mutating func row() -> TabletReportRow {
        var row = TabletReportRow(
            tabletID: TabletID(number()), schemaHash: SchemaHash(small()), version: Version(number()))
        row.rowCount = number()
        row.dataSizeBytes = number()
        row.medium = flag() ? .ssd : .hdd
        row.versionCount = number()
        row.pathHash = number()
        row.versionMiss = flag()
        row.isUsed = flag()
        row.partitionID = PartitionID(number())
        row.isInMemory = flag()
        row.replicaID = ReplicaID(number())
        row.remoteDataSizeBytes = number()
        row.cooldownReplicaID = maybe { ReplicaID($0.number()) }
        row.isCooldown = flag()
        row.cooldownTerm = number()
        row.cooldownMetaID = maybe { UniqueID(high: $0.number(), low: $0.number()) }
        row.transactionIDs = maybe { $0.list { TransactionID($0.number()) } }
        return row
    }

    mutating func finish() -> FinishTaskRequest {
        var request = FinishTaskRequest(
            backend: backend(), type: TaskType(rawValue: Int32.random(in: 0...1100, using: &random)),
            signature: number(), status: status())
        request.reportVersion = maybe { $0.number() }
        request.tablets = maybe { $0.list { $0.row() } }
        request.tabletChecksum = maybe { $0.number() }
        request.requestVersion = maybe { Version($0.number()) }
        request.snapshotPath = maybe { $0.text() }
        request.errorTabletIDs = maybe { $0.list { TabletID($0.number()) } }
        request.snapshotFiles = maybe { $0.list { $0.text() } }
        request.succeededTablets = maybe { values in
            Dictionary(values.list { (TabletID($0.number()), Version($0.number())) }) { first, _ in first }
        }
        request.tabletFiles = maybe { values in
            Dictionary(values.list { (TabletID($0.number()), $0.list { $0.text() }) }) { first, _ in first }
        }
        request.downloadedTabletIDs = maybe { $0.list { TabletID($0.number()) } }
        request.copySizeBytes = maybe { $0.number() }
        request.copyTimeMs = maybe { $0.number() }
        return request
    }
}
