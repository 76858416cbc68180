internal import SwiftProtobuf
public import TabletModel

/// Objects of one rowset that nothing names any more: `gc_{rowset_id}` in the meta store (`contract/behaviour.md` §6).
public struct RemoteRowsetGarbage: Hashable, Sendable {
    public var resource: String
    public var tabletID: TabletID
    public var segmentCount: Int64

    public init(resource: String, tabletID: TabletID, segmentCount: Int64) {
        self.resource = resource
        self.tabletID = tabletID
        self.segmentCount = segmentCount
    }

    public static let formatVersion: UInt32 = 1
    /// More than the largest rowset there can be has: each is a key to delete.
    public static let greatestSegmentCount: Int64 = 1 << 20

    public func encoded() throws(StoredFormatError) -> [UInt8] {
        var message = PBRemoteRowsetGarbage()
        message.resourceID = resource
        message.tabletID = tabletID.rawValue
        message.numSegments = segmentCount
        message.formatVersion = Self.formatVersion
        return try RecordEnvelope.seal(message, record: "remote rowset garbage of tablet \(tabletID)")
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(StoredFormatError) {
        let record = "remote rowset garbage"
        let message = try RecordEnvelope.open(bytes, as: PBRemoteRowsetGarbage.self, record: record)
        try RecordEnvelope.check(version: message.formatVersion, supported: Self.formatVersion, record: record)
        guard (0...Self.greatestSegmentCount).contains(message.numSegments) else {
            throw StoredFormatError(record, .invalidField("num_segments", value: "\(message.numSegments)"))
        }
        self.init(
            resource: message.resourceID, tabletID: TabletID(message.tabletID), segmentCount: message.numSegments)
    }
}

/// The remote folder `data/{tablet_id}/` of a tablet that was dropped for good: `tgc_{tablet_id}` in the meta store.
public struct RemoteTabletGarbage: Hashable, Sendable {
    public var tabletID: TabletID
    /// Storage resources that may hold objects of it.
    public var resources: [String]

    public init(tabletID: TabletID, resources: [String]) {
        self.tabletID = tabletID
        self.resources = resources
    }

    public static let formatVersion: UInt32 = 1

    public func encoded() throws(StoredFormatError) -> [UInt8] {
        var message = PBRemoteTabletGarbage()
        message.resourceIds = resources
        message.tabletID = tabletID.rawValue
        message.formatVersion = Self.formatVersion
        return try RecordEnvelope.seal(message, record: "remote garbage of tablet \(tabletID)")
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(StoredFormatError) {
        let record = "remote tablet garbage"
        let message = try RecordEnvelope.open(bytes, as: PBRemoteTabletGarbage.self, record: record)
        try RecordEnvelope.check(version: message.formatVersion, supported: Self.formatVersion, record: record)
        self.init(tabletID: TabletID(message.tabletID), resources: message.resourceIds)
    }
}
