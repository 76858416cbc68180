internal import HTTPAPI
internal import SQLSessions

enum StorageTables {
    /// A row for each property.
    static func resources(_ resources: [StorageResourceView]) -> ResultTable {
        ResultTable(
            ["Name", "ResourceType", "Item", "Value"],
            resources.flatMap { resource in
                [
                    ("AWS_ACCESS_KEY", resource.accessKey), ("AWS_BUCKET", resource.bucket),
                    ("AWS_CONNECTION_TIMEOUT_MS", "\(resource.connectTimeoutMs)"), ("AWS_ENDPOINT", resource.endpoint),
                    ("AWS_MAX_CONNECTIONS", "\(resource.maxConnections)"), ("AWS_REGION", resource.region),
                    ("AWS_REQUEST_TIMEOUT_MS", "\(resource.requestTimeoutMs)"), ("AWS_ROOT_PATH", resource.rootPath),
                    ("AWS_SECRET_KEY", "******"), ("id", "\(resource.id)"), ("type", "s3"),
                    ("use_path_style", DorisTexts.bool(resource.usePathStyle)), ("version", "\(resource.version)"),
                ].map { [resource.name, "s3", $0.0, $0.1] }
            })
    }

    static func policies(_ policies: [StoragePolicyView]) -> ResultTable {
        ResultTable(
            ["PolicyName", "Id", "Version", "Type", "StorageResource", "CooldownDatetime", "CooldownTtl"],
            policies.map {
                [
                    $0.name, "\($0.id)", nil, "STORAGE", $0.resource,
                    $0.cooldownDatetimeSeconds.flatMap { DorisTexts.time($0 &* 1000) } ?? "-1",
                    $0.cooldownTTLSeconds.map(String.init) ?? "-1",
                ]
            })
    }

    static func uses(_ policies: [StoragePolicyView]) -> ResultTable {
        ResultTable(
            ["PolicyName", "Database", "Table", "Partitions"],
            policies.flatMap { policy in policy.usedByTables.map { [policy.name, $0.database, $0.table, "ALL"] } })
    }

    static func cooldown(_ status: CooldownStatusView) -> ResultTable {
        ResultTable(
            [
                "DbName", "TableName", "StoragePolicy", "TabletNum", "ConfTabletNum", "UploadedTabletNum",
                "AlignedTabletNum", "ReplicaNum", "ColdReplicaNum", "LocalDataSize", "RemoteDataSize",
            ],
            status.tables.map {
                [
                    $0.table.database, $0.table.table, $0.storagePolicy, "\($0.tablets)", "\($0.tabletsWithConf)",
                    "\($0.uploadedTablets)", "\($0.alignedTablets)", "\($0.replicas)", "\($0.coldReplicas)",
                    DorisTexts.size($0.localBytes), DorisTexts.size($0.remoteBytes),
                ]
            })
    }
}

/// SHOW BACKUP and SHOW RESTORE.
enum BackupTables {
    static func backups(_ jobs: [BackupJobView]) -> ResultTable {
        ResultTable(
            [
                "JobId", "SnapshotName", "DbName", "State", "BackupObjs", "CreateTime", "SnapshotFinishedTime",
                "UploadFinishedTime", "FinishedTime", "UnfinishedTasks", "Progress", "TaskErrMsg", "Status", "Timeout",
            ],
            jobs.map { job in
                [
                    "\(job.id)", job.label, job.table.database, job.phase.uppercased(), "[\(job.table)]",
                    DorisTexts.time(job.createdMs), nil, nil, DorisTexts.time(job.endedMs), "\(job.total - job.done)",
                    progress(job), job.message, status(job), nil,
                ]
            })
    }

    static func restores(_ jobs: [BackupJobView]) -> ResultTable {
        ResultTable(
            [
                "JobId", "Label", "Timestamp", "DbName", "State", "AllowLoad", "ReplicationNum", "RestoreObjs",
                "CreateTime",
                "MetaPreparedTime", "SnapshotFinishedTime", "DownloadFinishedTime", "FinishedTime", "UnfinishedTasks",
                "Progress", "TaskErrMsg", "Status", "Timeout",
            ],
            jobs.map { job in
                [
                    "\(job.id)", job.label, nil, job.table.database, job.phase.uppercased(), "false", nil,
                    "[\(job.table)]", DorisTexts.time(job.createdMs), nil, nil, nil, DorisTexts.time(job.endedMs),
                    "\(job.total - job.done)", progress(job), job.message, status(job), nil,
                ]
            })
    }

    private static func progress(_ job: BackupJobView) -> String {
        "\(job.done)/\(job.total)" + (job.filesTotal > 0 ? ", files \(job.filesDone)/\(job.filesTotal)" : "")
    }

    private static func status(_ job: BackupJobView) -> String {
        job.phase == "failed" || job.phase == "cancelled" ? "[\(job.phase.uppercased()), msg: \(job.message)]" : "[OK]"
    }
}
