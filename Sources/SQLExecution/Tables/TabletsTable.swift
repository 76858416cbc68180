internal import HTTPAPI
internal import SQLSessions
internal import TabletModel

/// Replicas of tablets: SHOW TABLETS, and the nodes of SHOW PROC below an index.
enum TabletsTable {
    static func table(_ tablets: [TabletView]) -> ResultTable { ResultTable(columns, tablets.flatMap(rows)) }

    static let columns =
        [
            "TabletId", "ReplicaId", "BackendId", "SchemaHash", "Version", "LstSuccessVersion", "LstFailedVersion",
            "LstFailedTime", "LocalDataSize", "RemoteDataSize", "RowCount", "State", "LstConsistencyCheckTime",
            "CheckVersion", "VersionCount", "QueryHits", "PathHash", "MetaUrl", "CompactionStatus",
            "CooldownReplicaId", "CooldownMetaId",
        ]

    /// A row for each replica.
    static func rows(_ tablet: TabletView) -> [[String?]] {
        tablet.replicas.map { replica in
            [
                "\(tablet.id)", "\(replica.id)", "\(replica.backendID)", "\(tablet.schemaHash)",
                "\(replica.version)", "\(replica.lastSuccessVersion)", "\(replica.lastFailedVersion)",
                DorisTexts.time(replica.unhealthySinceMs), "\(replica.localBytes)", "\(replica.remoteBytes)",
                "\(replica.rowCount)", replica.state.uppercased(), nil, "-1", "\(replica.versionCount)", "0",
                replica.dataDir ?? "", metaURL(tablet, replica), compactionURL(tablet, replica),
                "\(tablet.cooldownReplicaID)", replica.cooldownMetaID ?? "",
            ]
        }
    }

    /// Replicas of one tablet.
    static func replicas(_ tablet: TabletView) -> ResultTable {
        ResultTable(
            [
                "ReplicaId", "BackendId", "Version", "LstSuccessVersion", "LstFailedVersion", "LstFailedTime",
                "SchemaHash",
                "LocalDataSize", "RemoteDataSize", "RowCount", "State", "IsBad", "VersionCount", "PathHash", "MetaUrl",
                "CompactionStatus", "CooldownReplicaId", "CooldownMetaId", "QueryHits",
            ],
            tablet.replicas.map { replica in
                [
                    "\(replica.id)", "\(replica.backendID)", "\(replica.version)", "\(replica.lastSuccessVersion)",
                    "\(replica.lastFailedVersion)", DorisTexts.time(replica.unhealthySinceMs), "\(tablet.schemaHash)",
                    "\(replica.localBytes)", "\(replica.remoteBytes)", "\(replica.rowCount)",
                    replica.state.uppercased(), DorisTexts.bool(replica.isBad), "\(replica.versionCount)",
                    replica.dataDir ?? "", metaURL(tablet, replica), compactionURL(tablet, replica),
                    "\(tablet.cooldownReplicaID)", replica.cooldownMetaID ?? "", "0",
                ]
            })
    }

    /// SHOW TABLET.
    static func place(of tablet: TabletView, _ table: TableView, databaseID: Int64) -> ResultTable {
        ResultTable(
            [
                "DbName", "TableName", "PartitionName", "IndexName", "DbId", "TableId", "PartitionId", "IndexId",
                "IsSync",
                "Order", "QueryHits", "DetailCmd",
            ],
            [
                [
                    tablet.table.database, tablet.table.table, tablet.table.table, tablet.table.table, "\(databaseID)",
                    "\(table.id)", "\(tablet.partitionID)", "\(tablet.partitionID)", "true", "\(tablet.bucket)", "0",
                    "SHOW PROC '/dbs/\(databaseID)/\(table.id)/partitions/\(tablet.partitionID)/\(tablet.partitionID)/\(tablet.id)';",
                ]
            ])
    }

    private static func metaURL(_ tablet: TabletView, _ replica: ReplicaView) -> String {
        "http://\(replica.host):\(replica.httpPort)/api/meta/header/\(tablet.id)"
    }

    private static func compactionURL(_ tablet: TabletView, _ replica: ReplicaView) -> String {
        "http://\(replica.host):\(replica.httpPort)/api/compaction/show?tablet_id=\(tablet.id)"
    }
}
