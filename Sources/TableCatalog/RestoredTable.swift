public import ClusterMetadata
internal import HTTPAPI
public import MasterServices
public import TabletModel

/// A new table in the likeness of one in a backup: the same columns, delimiter and buckets, placed as any new table is.
public enum RestoredTable {
    /// - Parameters:
    ///   - likeness: the table as the backup has it; its ids mean nothing here.
    ///   - name: what it is called until it is whole.
    ///   - finalName: of its partition, which is named as the table.
    ///   - version: up to which the backup has rows: readers see all of it at once.
    /// - Throws: `.unavailable` when there are not enough backends.
    public static func plan(
        _ likeness: Table, version: Version, named name: String, finally finalName: String, in database: Database,
        replicas: Int, state: ClusterState, configuration: MasterConfiguration, now: UnixTime,
        ids: inout IDAllocator
    ) throws -> (Table, [TabletPlacement]) {
        let buckets = Int(likeness.bucketCount)
        let places = try TablePlanner.place(
            CreateTableRequest(
                name: TableName(database: database.name, table: finalName), buckets: buckets, replicas: replicas),
            in: state, configuration)
        let tableID = TableID(ids.take())
        let partitionID = PartitionID(ids.take())
        let indexID = IndexID(ids.take())
        let placements = places.map { chosen in
            TabletPlacement(
                tabletID: TabletID(ids.take()),
                replicas: chosen.map { .init(replicaID: ReplicaID(ids.take()), backendID: $0) })
        }
        let schemaHash =
            likeness.partitions.first?.baseIndex?.schemaHash ?? TableRequestCheck.schemaHash(likeness.columns)
        let index = MaterializedIndex(id: indexID, schemaHash: schemaHash, tabletIDs: placements.map(\.tabletID))
        var table = Table(
            id: tableID, databaseID: database.id, name: name, state: .restoring, delimiter: likeness.delimiter,
            hasHeader: likeness.hasHeader, columns: likeness.columns,
            distributionColumn: likeness.distributionColumn, bucketCount: Int32(buckets),
            replicationCount: Int32(replicas), createdAt: now,
            partitions: [
                // Its replicas begin empty, and say no more than that: one that is never filled is never taken for whole. The
                // backup's version becomes visible with the table.
                Partition(
                    id: partitionID, name: finalName, visibleVersion: .initial,
                    nextVersion: max(version, .initial).next, indexes: [index])
            ])
        table.nextColumnID = max(table.nextColumnID, likeness.nextColumnID)
        return (table, placements)
    }
}
