import TabletModel

/// One value of each kind with every member set that the model has: what could leave, leaves.
enum FullValues {
    static let s3 = S3Resource(
        endpoint: "http://h:1", region: "r", accessKey: "a", secretKey: "s", sessionToken: "t", bucket: "b",
        rootPath: "p",
        usePathStyle: true)
    static let uuid = BackendUUID(text: "01234567-89ab-cdef-0123-456789abcdef")!
    static let position = MetadataPosition(epoch: 1, life: 2, logID: 3, idEnd: 4)
    static let backend = BackendAddress(host: "10.0.0.2", bePort: 9060, httpPort: 8040)

    static var options: TabletOptions {
        var options = TabletOptions()
        options.disableAutoCompaction = true
        options.compactionPolicy = "time_series"
        options.timeSeriesGoalMegabytes = 1
        options.timeSeriesFileCount = 2
        options.timeSeriesSeconds = 3
        options.timeSeriesEmptyRowsets = 4
        options.timeSeriesLevels = 5
        options.skipWriteIndexOnLoad = true
        options.isBinlogEnabled = true
        return options
    }

    static let column = TabletSchema.Column(
        name: "k", type: .int, isKey: true, isNullable: false, length: 4, precision: 1, scale: 1, defaultValue: "0",
        uniqueID: 3, aggregation: 0)

    static let policy = StoragePolicyEntry(
        name: "p", cooldownAt: UnixTime(seconds: 5), cooldownTTLSeconds: 6, resource: s3, resourceID: 7,
        resourceVersion: 8, checksum: "c")

    static let resource = StorageResourceEntry(id: 1, name: "r", version: 2, s3: s3, policyNames: ["p"])

    static let place = BackupPlace(
        type: .s3, properties: ["k": "v"], broker: NetworkAddress(host: "h", port: 1), location: "s3://b/p")

    /// One for each payload; every type that goes with it.
    static var tasks: [AgentTask] {
        let create = CreateTabletRequest(
            tabletID: 1,
            schema: TabletSchema(
                schemaHash: 2, columns: [column], isInMemory: true, delimiter: 44, disableAutoCompaction: true),
            version: 3, medium: .ssd, tableID: 4, partitionID: 5, replicaID: 6, baseTabletID: 7, inRestoreMode: true,
            storagePolicy: "p", storagePolicyID: 8, baseSchemaHash: 9, options: options)
        let update = TabletMetaUpdate(
            tabletID: 1, schemaHash: 2, partitionID: 3, metaType: 1, isInMemory: true, storagePolicy: "p",
            removesStoragePolicy: true, storagePolicyID: 4, replicaID: 5, options: options)
        func push(_ type: PushType) -> AgentTask.Payload {
            .push(
                PushRequest(
                    tabletID: 1, schemaHash: 2, version: 3, pushType: type, url: "http://h/f", sizeBytes: 4,
                    needsDecompression: true, transactionID: 5, partitionID: 6,
                    deleteConditions: [
                        DeleteCondition(column: "k", operation: "=", values: ["1"], columnUniqueID: 3)
                    ]))
        }
        let clone = CloneRequest(
            tabletID: 1, schemaHash: 2, sources: [backend], medium: .ssd, committedVersion: 3, taskVersion: 4,
            sourcePathHash: 5, destinationPathHash: 6, timeoutSeconds: 7, replicaID: 8, partitionID: 9, tableID: 10)
        let snapshot = SnapshotRequest(
            tabletID: 1, schemaHash: 2, version: 3, timeoutSeconds: 4, missingVersions: [5], listFiles: true,
            allowIncrementalClone: true, isCopyTabletTask: true)
        let remote = DownloadRequest.RemoteSnapshot(
            localTabletID: 1, localPath: "/l", remoteTabletID: 2, remoteAddress: NetworkAddress(host: "h", port: 1),
            remotePath: "/r", token: "t")
        let alter = AlterRequest(
            baseTabletID: 1, newTabletID: 2, baseSchemaHash: 3, newSchemaHash: 4, alterVersion: 5,
            sources: [.init(column: "a", originColumn: "b")], baseColumns: [column])
        let pushed = PushedRules(
            policies: [
                PushedPolicy(
                    id: 1, name: "p", version: 2, cooldownAt: UnixTime(seconds: 3), cooldownTTLSeconds: 4, resourceID: 5
                )
            ], resources: [resource], droppedPolicies: [6])
        let indexes = PushedIndexPolicies(
            policies: [IndexPolicy(id: 1, name: "i", kind: 1, properties: ["a": "b"])], dropped: [2])
        let payloads: [(TaskType, AgentTask.Payload)] = [
            (.create, .create(create)),
            (.drop, .drop(DropTabletRequest(tabletID: 1, schemaHash: 2, replicaID: 3, isDropTableOrPartition: true))),
            (.push, push(.delete)), (.realtimePush, push(.delete)), (.realtimePush, push(.loadV2)),
            (.push, push(.load)), (.clone, .clone(clone)),
            (.storageMediumMigrate, .migrate(MigrateRequest(tabletID: 1, schemaHash: 2, dataDir: "/d"))),
            (.makeSnapshot, .makeSnapshot(snapshot)), (.releaseSnapshot, .releaseSnapshot(path: "/s")),
            (
                .checkConsistency,
                .checkConsistency(CheckConsistencyRequest(tabletID: 1, schemaHash: 2, version: 3))
            ),
            (.upload, .upload(UploadRequest(jobID: 1, folders: ["/l": "/r"], place: place))),
            (
                .download,
                .download(
                    DownloadRequest(jobID: 1, folders: ["/r": "/l"], place: place, remoteSnapshots: [remote]))
            ),
            (
                .move,
                .move(MoveRequest(tabletID: 1, schemaHash: 2, source: "/s", jobID: 3, overwrite: true))
            ),
            (
                .publishVersion,
                .publishVersion(
                    PublishVersionRequest(
                        transactionID: 1, partitions: [.init(partitionID: 2, version: 3)], strictMode: true))
            ),
            (.clearAlterTask, .clearAlter(ClearAlterRequest(tabletID: 1, schemaHash: 2))),
            (
                .clearTransactionTask,
                .clearTransaction(ClearTransactionRequest(transactionID: 1, partitionIDs: [2]))
            ),
            (.updateTabletMetaInfo, .updateTabletMeta([update])), (.alter, .alter(alter)),
            (.compaction, .compaction(CompactionRequest(tabletID: 1, schemaHash: 2, kind: .base))),
            (.notifyUpdateStoragePolicy, .storagePolicy(policy)), (.checkStorage, .storagePolicy(policy)),
            (
                .pushCooldownConf,
                .cooldownConfs([CooldownConf(tabletID: 1, cooldownReplicaID: 2, term: 3)])
            ),
            (.pushStoragePolicy, .pushedRules(pushed)), (.cleanTrash, .cleanTrash),
            (.updateVisibleVersion, .visibleVersions([1: 2])), (.pushIndexPolicy, .indexPolicies(indexes)),
        ]
        return payloads.map { AgentTask(type: $0.0, signature: 1, priority: .high, payload: $0.1) }
    }

    static var row: TabletReportRow {
        var row = TabletReportRow(tabletID: 1, schemaHash: 2, version: 3)
        row.medium = .ssd
        row.versionMiss = true
        row.isUsed = false
        row.remoteDataSizeBytes = 4
        row.cooldownReplicaID = 5
        row.isCooldown = true
        row.cooldownTerm = 6
        row.cooldownMetaID = UniqueID(high: 7, low: 8)
        row.transactionIDs = [9]
        return row
    }

    static func finish(_ type: TaskType, _ code: Int32) -> FinishTaskRequest {
        var request = FinishTaskRequest(
            backend: backend, type: type, signature: 1, status: RPCStatus(StatusCode(rawValue: code), "text"))
        request.reportVersion = 1
        request.tablets = [row]
        request.tabletChecksum = 2
        request.requestVersion = 3
        request.snapshotPath = "/s"
        request.errorTabletIDs = [4]
        request.succeededTablets = [5: 6]
        request.snapshotFiles = ["f"]
        request.tabletFiles = [7: ["f"]]
        request.downloadedTabletIDs = [8]
        request.copySizeBytes = 9
        request.copyTimeMs = 10
        return request
    }

    static var reports: [OutgoingReport] {
        let disk = DiskReport(
            rootPath: "/d", totalBytes: 1, dataUsedBytes: 2, availableBytes: 3, trashUsedBytes: 4, pathHash: 5,
            medium: .hdd, isUsed: true,
            condition: DiskCondition(.full, reason: "full", since: UnixTime(milliseconds: 6)))
        let error = StandingError(
            message: "m", lastAt: UnixTime(milliseconds: 1), since: UnixTime(milliseconds: 1))
        let all = TaskType.names.keys.map { (TaskType(rawValue: $0), Set<Int64>([1])) }
        let bodies: [(OutgoingReport.Body, BackendLoad)] = [
            (.tasks(Dictionary(uniqueKeysWithValues: all)), .runningTasks(1)), (.disks([disk]), .cores(2)),
            (.tablets(ArrayReportSource([row]), maxCompactionScore: 3), .tabletCount(1)),
        ]
        return bodies.map { body, load in
            var report = OutgoingReport(
                backend: backend, reportVersion: 1, body: body,
                storage: StorageUse(
                    resources: [ResourceUse(resource: "1", isKnown: true, error: error)],
                    failures: [CooldownFailure(tabletID: 1, error: error)]))
            report.unreadable = [
                UnreadableReplica(tabletID: 1, replicaID: 2, reason: "r", since: UnixTime(milliseconds: 3))
            ]
            report.processStart = UnixTime(milliseconds: 1)
            report.rules = KnownRules(policies: [1: 2], resources: [3: 4])
            report.load = load
            return report
        }
    }

    static var master: MasterInfo {
        var master = MasterInfo(
            address: NetworkAddress(host: "h", port: 1), clusterID: 1, epoch: 1, token: "t", backendIP: "h",
            httpPort: 1,
            flags: 1, backendID: 1, tabletReportInactiveMs: 1, backendUUID: uuid.description)
        master.frontends = [MasterInfo.Frontend(address: NetworkAddress(host: "h", port: 1), processUUID: 2)]
        master.position = position
        master.judgedPosition = position
        return master
    }

    static func heartbeatReply(_ code: Int32) -> HeartbeatReply {
        var info = BackendInfo()
        info.bePort = 1
        info.httpPort = 2
        info.beRPCPort = -1
        info.brpcPort = 3
        info.version = "tabletd"
        info.startTime = UnixTime(milliseconds: 1)
        info.nodeRole = "mix"
        info.isShutdown = true
        info.uuid = uuid
        info.heardPosition = position
        return HeartbeatReply(status: RPCStatus(StatusCode(rawValue: code), "text"), backend: info)
    }
}
