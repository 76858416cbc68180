import TabletModel

/// Members of tasks that move rows, change schemas and push rules.
extension Values {
    mutating func movingOrChanging() -> (TaskType, AgentTask.Payload) {
        switch Int.random(in: 0...10, using: &random) {
        case 0:
            (
                .storageMediumMigrate,
                .migrate(
                    MigrateRequest(
                        tabletID: TabletID(number()), schemaHash: SchemaHash(small()), medium: flag() ? .ssd : .hdd,
                        dataDir: maybe { $0.text() }))
            )
        case 1: (.upload, .upload(UploadRequest(jobID: number(), folders: texts(), place: place())))
        case 2:
            (
                .download,
                .download(
                    DownloadRequest(
                        jobID: number(), folders: texts(), place: place(),
                        remoteSnapshots: maybe { $0.list { $0.remoteSnapshot() } }))
            )
        case 3:
            (
                .move,
                .move(
                    MoveRequest(
                        tabletID: TabletID(number()), schemaHash: SchemaHash(small()), source: text(),
                        jobID: number(), overwrite: flag()))
            )
        case 4: (.alter, .alter(alter()))
        case 5:
            (
                .clearAlterTask,
                .clearAlter(ClearAlterRequest(tabletID: TabletID(number()), schemaHash: SchemaHash(small())))
            )
        case 6: (.pushStoragePolicy, .pushedRules(pushedRules()))
        case 7: (.cleanTrash, .cleanTrash)
        case 8:
            (
                .updateVisibleVersion,
                .visibleVersions(
                    Dictionary(list { (PartitionID($0.number()), Version($0.number())) }) { first, _ in first })
            )
        case 9:
            (
                .pushIndexPolicy,
                .indexPolicies(
                    PushedIndexPolicies(
                        policies: list {
                            IndexPolicy(id: $0.number(), name: $0.text(), kind: $0.small(), properties: $0.texts())
                        }, dropped: list { $0.number() }))
            )
        default: (.realtimePush, .push(delete()))
        }
    }

    private mutating func texts() -> [String: String] {
        Dictionary(list { ($0.text(), $0.text()) }) { first, _ in first }
    }

    private mutating func place() -> BackupPlace {
        BackupPlace(
            type: .s3, properties: texts(), broker: NetworkAddress(host: text(), port: small()),
            location: maybe { $0.text() })
    }

    private mutating func remoteSnapshot() -> DownloadRequest.RemoteSnapshot {
        DownloadRequest.RemoteSnapshot(
            localTabletID: TabletID(number()), localPath: text(), remoteTabletID: TabletID(number()),
            remoteAddress: NetworkAddress(host: text(), port: small()), remotePath: text(), token: text())
    }

    private mutating func alter() -> AlterRequest {
        AlterRequest(
            baseTabletID: TabletID(number()), newTabletID: TabletID(number()), baseSchemaHash: SchemaHash(small()),
            newSchemaHash: SchemaHash(small()), alterVersion: maybe { Version($0.number()) },
            sources: list { .init(column: $0.text(), originColumn: $0.maybe { $0.text() }) },
            kind: flag() ? .rollup : .schemaChange, baseColumns: maybe { $0.list { $0.column() } })
    }

    private mutating func delete() -> PushRequest {
        PushRequest(
            tabletID: TabletID(number()), schemaHash: SchemaHash(small()), pushType: .delete,
            transactionID: TransactionID(number()),
            deleteConditions: list {
                DeleteCondition(
                    column: $0.text(), operation: $0.text(), values: $0.list { $0.text() },
                    columnUniqueID: $0.maybe { $0.small() })
            })
    }

    private mutating func pushedRules() -> PushedRules {
        PushedRules(
            policies: list {
                PushedPolicy(
                    id: $0.number(), name: $0.text(), version: $0.number(),
                    cooldownAt: $0.maybe { UnixTime(seconds: Int64($0.small() & 0xffff)) },
                    cooldownTTLSeconds: $0.maybe { Int64($0.small() & 0xffff) }, resourceID: $0.maybe { $0.number() })
            },
            resources: list {
                StorageResourceEntry(
                    id: $0.number(), name: $0.text(), version: $0.number(),
                    s3: S3Resource(endpoint: $0.text(), accessKey: $0.text(), secretKey: $0.text(), bucket: $0.text()),
                    policyNames: $0.list { $0.text() })
            }, droppedPolicies: list { $0.number() })
    }

    mutating func column() -> TabletSchema.Column {
        .init(
            name: text(), type: PrimitiveType(rawValue: 40), isKey: flag(), isNullable: flag(),
            length: maybe { $0.small() }, precision: maybe { $0.small() }, scale: maybe { $0.small() },
            defaultValue: maybe { $0.text() }, uniqueID: small(), aggregation: maybe { _ in 5 })
    }

    /// - Parameter isUpdate: of UPDATE_TABLET_META_INFO, which has one more.
    mutating func options(isUpdate: Bool) -> TabletOptions {
        var options = TabletOptions()
        options.compactionPolicy = maybe { $0.text() }
        options.timeSeriesGoalMegabytes = maybe { $0.number() }
        options.timeSeriesFileCount = maybe { $0.number() }
        options.timeSeriesSeconds = maybe { $0.number() }
        options.timeSeriesEmptyRowsets = maybe { $0.number() }
        options.timeSeriesLevels = maybe { $0.number() }
        options.isBinlogEnabled = maybe { $0.flag() }
        if isUpdate {
            options.skipWriteIndexOnLoad = maybe { $0.flag() }
            options.disableAutoCompaction = maybe { $0.flag() }
        }
        return options
    }
}
