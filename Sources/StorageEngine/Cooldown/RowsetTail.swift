internal import TabletModel

/// The last rows of a rowset, which stay as a local rowset of their own when a follower takes a remote prefix that ends
/// inside it.
///
/// Rows carry no version, and need none: a rowset keeps them in version order, and every replica has the same rows in the same
/// versions. So the number of rows up to a version, which the remote meta tells, is where the rows of the next one begin,
/// counted from the end: a merged delete took rows of versions before it only, and no rowset is cut before one.
struct RowsetTail: Hashable {
    var rowset: RowsetMeta
    /// Up to the rowset's own end.
    var versions: VersionRange
    /// Its last ones.
    var rowCount: Int64

    var skippedRows: Int64 { rowset.rowCount - rowCount }
    /// About what it takes on the disk.
    var estimatedBytes: Int64 {
        rowset.rowCount > 0 ? Int64(Double(rowset.sizeBytes) * Double(rowCount) / Double(rowset.rowCount)) : 0
    }
}
