internal import SwiftProtobuf
public import TabletModel

/// A rowset that a compaction replaced, and when: its files are kept for readers of older versions.
public struct StoredStaleRowset: Hashable, Sendable {
    public var rowset: RowsetMeta
    public var staleAt: UnixTime

    public init(rowset: RowsetMeta, staleAt: UnixTime) {
        self.rowset = rowset
        self.staleAt = staleAt
    }
}

/// `StoredStaleRowset` ⇄ bytes. Format version 1.
public enum StaleRowsetRecord {
    public static let formatVersion: UInt32 = 1

    public static func encode(_ stale: StoredStaleRowset) throws(StoredFormatError) -> [UInt8] {
        var message = PBStaleRowset()
        message.formatVersion = formatVersion
        message.rowset = PBRowset(stale.rowset, state: .visible)
        message.staleAtMs = stale.staleAt.milliseconds
        return try RecordEnvelope.seal(message, record: "stale rowset record \(stale.rowset.id)")
    }

    public static func decode(_ bytes: UnsafeRawBufferPointer) throws(StoredFormatError) -> StoredStaleRowset {
        let message = try RecordEnvelope.open(bytes, as: PBStaleRowset.self, record: "stale rowset record")
        let name = "stale rowset record \(message.rowset.rowsetIDV2)"
        try RecordEnvelope.check(version: message.formatVersion, supported: formatVersion, record: name)
        return StoredStaleRowset(
            rowset: try message.rowset.rowsetMeta(record: name), staleAt: UnixTime(milliseconds: message.staleAtMs))
    }
}
