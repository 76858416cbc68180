internal import SwiftProtobuf
public import TabletModel

/// What the `{tablet_id}.hdr` of a snapshot says: the tablet, and the rowsets that the snapshot holds. Format version 1.
///
/// It is the tablet's header record with rowsets in it, sealed like every record. Each segment's size and CRC32C are there,
/// so that whoever copies the files can check every one. Remote rowsets are named too; they have no files.
public struct SnapshotHeader: Hashable, Sendable {
    public var tablet: TabletHeader
    /// In version order. With holes, when the replica has some or only missing versions were asked for.
    public var rowsets: [RowsetMeta]

    public init(tablet: TabletHeader, rowsets: [RowsetMeta]) {
        self.tablet = tablet
        self.rowsets = rowsets
    }

    public func encoded() throws(StoredFormatError) -> [UInt8] {
        var message = PBTablet(tablet)
        message.rsMetas = rowsets.map { PBRowset($0, state: .visible) }
        return try RecordEnvelope.seal(message, record: "snapshot header of tablet \(tablet.tabletID)")
    }

    /// - Parameter name: the file, for errors.
    public init(decoding bytes: UnsafeRawBufferPointer, name: String) throws(StoredFormatError) {
        let record = "snapshot header \(name)"
        let message = try RecordEnvelope.open(bytes, as: PBTablet.self, record: record)
        let tablet = try message.tabletHeader(record: record)
        var rowsets: [RowsetMeta] = []
        rowsets.reserveCapacity(message.rsMetas.count)
        var ids: Set<RowsetID> = []
        for rowset in message.rsMetas {
            let meta = try rowset.rowsetMeta(record: record)
            guard meta.tabletID == tablet.tabletID, meta.schemaHash == tablet.schemaHash else {
                throw StoredFormatError(
                    record, .invalidField("rs_metas", value: "rowset \(meta.id) of tablet \(meta.tabletID)"))
            }
            guard meta.segments.allSatisfy({ $0.sizeBytes > 0 }) else {
                throw StoredFormatError(record, .invalidField("rs_metas", value: "rowset \(meta.id), an empty segment"))
            }
            guard ids.insert(meta.id).inserted else {
                throw StoredFormatError(record, .invalidField("rs_metas", value: "rowset \(meta.id) twice"))
            }
            rowsets.append(meta)
        }
        self.init(tablet: tablet, rowsets: rowsets)
    }
}
