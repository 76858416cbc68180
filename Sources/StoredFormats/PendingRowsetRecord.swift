internal import SwiftProtobuf
public import TabletModel

/// A rowset that waits for its transaction's publish. Its `versions` are [0-0] until then and mean nothing.
public struct PendingRowset: Hashable, Sendable {
    public var rowset: RowsetMeta
    /// What the PUSH fetched, without secrets: the same again is a repeated task.
    public var source: String
    public var sourceSizeBytes: Int64

    public init(rowset: RowsetMeta, source: String, sourceSizeBytes: Int64) {
        self.rowset = rowset
        self.source = source
        self.sourceSizeBytes = sourceSizeBytes
    }
}

/// `PendingRowset` ⇄ bytes. Format version 1.
public enum PendingRowsetRecord {
    public static let formatVersion: UInt32 = 1

    public static func encode(_ pending: PendingRowset) throws(StoredFormatError) -> [UInt8] {
        var message = PBPendingRowset()
        message.formatVersion = formatVersion
        message.rowset = PBRowset(pending.rowset, state: .committed)
        message.sourceURL = pending.source
        message.sourceSizeBytes = pending.sourceSizeBytes
        return try RecordEnvelope.seal(message, record: "pending rowset record \(pending.rowset.id)")
    }

    public static func decode(_ bytes: UnsafeRawBufferPointer) throws(StoredFormatError) -> PendingRowset {
        let message = try RecordEnvelope.open(bytes, as: PBPendingRowset.self, record: "pending rowset record")
        let id = message.rowset.rowsetIDV2
        try RecordEnvelope.check(
            version: message.formatVersion, supported: formatVersion, record: "pending rowset record \(id)")
        return PendingRowset(
            rowset: try message.rowset.rowsetMeta(record: "pending rowset record \(id)"),
            source: message.sourceURL, sourceSizeBytes: message.sourceSizeBytes)
    }
}
