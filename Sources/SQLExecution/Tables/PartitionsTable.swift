internal import HTTPAPI
internal import SQLSessions

/// A table's only partition.
enum PartitionsTable {
    static func table(_ tables: [TableView]) -> ResultTable {
        ResultTable(
            [
                "PartitionId", "PartitionName", "VisibleVersion", "VisibleVersionTime", "State", "PartitionKey",
                "Range",
                "DistributionKey", "Buckets", "ReplicationNum", "StorageMedium", "CooldownTime", "RemoteStoragePolicy",
                "LastConsistencyCheckTime", "DataSize", "IsInMemory", "ReplicaAllocation", "IsMutable",
            ],
            tables.map { table in
                let column = table.columns.isEmpty ? "row" : table.columns[Int(table.distributionColumn)]
                return [
                    "\(table.partitionID)", table.name.table, "\(table.visibleVersion)", nil, table.state.uppercased(),
                    "",
                    "", column, "\(table.buckets)", "\(table.replicationNum)", "HDD", "9999-12-31 23:59:59",
                    table.storagePolicy ?? "", nil, DorisTexts.size(table.localBytes), "false",
                    "tag.location.default: \(table.replicationNum)", "true",
                ]
            })
    }
}

/// SHOW DATA.
enum DataTable {
    static func database(_ tables: [TableView]) -> ResultTable {
        let (bytes, replicas, remote) = (
            tables.reduce(Int64(0)) { $0 &+ $1.localBytes }, tables.reduce(Int64(0)) { $0 &+ $1.replicaCount },
            tables.reduce(Int64(0)) { $0 &+ $1.remoteBytes }
        )
        return ResultTable(
            ["TableName", "Size", "ReplicaCount", "RemoteSize"],
            tables.map {
                [$0.name.table, DorisTexts.size($0.localBytes), "\($0.replicaCount)", DorisTexts.size($0.remoteBytes)]
            }
                + [["Total", DorisTexts.size(bytes), "\(replicas)", DorisTexts.size(remote)]])
    }

    static func table(_ table: TableView) -> ResultTable {
        let (size, remote) = (DorisTexts.size(table.localBytes), DorisTexts.size(table.remoteBytes))
        return ResultTable(
            ["TableName", "IndexName", "Size", "ReplicaCount", "RowCount", "RemoteSize"],
            [
                [table.name.table, table.name.table, size, "\(table.replicaCount)", "\(table.rowCount)", remote],
                ["", "Total", size, "\(table.replicaCount)", "", remote],
            ])
    }
}
