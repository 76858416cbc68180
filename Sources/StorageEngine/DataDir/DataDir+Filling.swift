internal import Platform
internal import StoredFormats
public import TabletModel

extension DataDir {
    /// Writes tablets into the meta store as creations and publishes would leave them, in one batch that is durable on return. No
    /// engine that has the dir open takes notice: the next that opens it loads them. For benches, which need a million of them.
    public func fill(_ tablets: [(header: TabletHeader, rowsets: [RowsetMeta])]) throws {
        var batch = WriteBatch()
        for (header, rowsets) in tablets {
            batch.put(MetaKeys.header(header.tabletID), try TabletHeaderRecord.encode(header))
            for rowset in rowsets {
                batch.put(MetaKeys.rowset(header.tabletID, rowset.id), try RowsetRecord.encode(rowset))
            }
        }
        try writeMeta(batch)
    }
}
