internal import ClusterMetadata
internal import TabletModel

/// What a backend says of a new tablet that it has filled, judged: from then on the replica counts, for as much as it has.
enum FilledReplica: Hashable, Sendable {
    case counts(ReplicaVersions)
    /// Not what was asked for, or not what can be.
    case complaint(String)

    /// - Parameters:
    ///   - row: the new tablet, as it was on the backend when it answered. Loads may have gone on since.
    ///   - needed: rows up to there come from the base.
    init(
        _ row: TabletReportRow, of tablet: TabletID, schemaHash: SchemaHash, filledUpTo needed: Version,
        in partition: Partition
    ) {
        guard row.tabletID == tablet, row.schemaHash == schemaHash else {
            self = .complaint("the backend answered for tablet \(row.tabletID), schema hash \(row.schemaHash)")
            return
        }
        guard row.isUsed, row.version >= needed, row.version < partition.nextVersion else {
            self = .complaint(
                "the backend says version \(row.version), used \(row.isUsed); \(needed) to "
                    + "\(partition.nextVersion.previous) can be")
            return
        }
        var versions = ReplicaVersions(version: row.version)
        if row.versionMiss {
            // Which version above the alter's it lacks is not told.
            versions = ReplicaVersions(version: needed, lastFailed: needed.next, lastSuccess: row.version)
        } else if row.version < partition.visibleVersion {
            versions.failed(partition.visibleVersion)
        }
        self = .counts(versions)
    }
}
