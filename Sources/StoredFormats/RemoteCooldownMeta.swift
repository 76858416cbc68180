internal import SwiftProtobuf
public import TabletModel

/// What `data/{tablet_id}/{replica_id}.{term}.meta` in the object store says: the remote prefix [0-v] of a tablet as its
/// uploader left it. Rowsets are in version order and without a gap (`contract/behaviour.md` §6).
public struct RemoteCooldownMeta: Hashable, Sendable {
    public var tabletID: TabletID
    public var schemaHash: SchemaHash
    /// Changes with every upload; a follower that already has it is done.
    public var cooldownMetaID: UniqueID
    /// Who wrote it, and as of which term.
    public var replicaID: ReplicaID
    public var term: Int64
    /// Remote rowsets, first start 0.
    public var rowsets: [RowsetMeta]

    public init(
        tabletID: TabletID, schemaHash: SchemaHash, cooldownMetaID: UniqueID, replicaID: ReplicaID, term: Int64,
        rowsets: [RowsetMeta]
    ) {
        self.tabletID = tabletID
        self.schemaHash = schemaHash
        self.cooldownMetaID = cooldownMetaID
        self.replicaID = replicaID
        self.term = term
        self.rowsets = rowsets
    }

    public static let formatVersion: UInt32 = 1

    public func encoded() throws(StoredFormatError) -> [UInt8] {
        var message = PBTablet()
        message.tabletID = tabletID.rawValue
        message.schemaHash = schemaHash.rawValue
        message.replicaID = replicaID.rawValue
        message.rsMetas = rowsets.map { PBRowset($0, state: .visible) }
        message.cooldownMetaID = PBUniqueId(cooldownMetaID)
        message.formatVersion = Self.formatVersion
        message.cooldownReplicaID = replicaID.rawValue
        message.cooldownTerm = term
        return try RecordEnvelope.seal(message, record: "remote meta of tablet \(tabletID)")
    }

    /// - Parameter name: the object's key, for errors.
    public init(decoding bytes: UnsafeRawBufferPointer, name: String) throws(StoredFormatError) {
        let record = "remote meta \(name)"
        let message = try RecordEnvelope.open(bytes, as: PBTablet.self, record: record)
        try RecordEnvelope.check(version: message.formatVersion, supported: Self.formatVersion, record: record)
        guard message.hasTabletID else { throw StoredFormatError(record, .missingField("tablet_id")) }
        guard message.hasCooldownMetaID else { throw StoredFormatError(record, .missingField("cooldown_meta_id")) }
        var rowsets: [RowsetMeta] = []
        rowsets.reserveCapacity(message.rsMetas.count)
        for rowset in message.rsMetas { rowsets.append(try rowset.rowsetMeta(record: record)) }
        try Self.checkPrefix(rowsets, record: record)
        self.init(
            tabletID: TabletID(message.tabletID), schemaHash: SchemaHash(message.schemaHash),
            cooldownMetaID: message.cooldownMetaID.uniqueID, replicaID: ReplicaID(message.cooldownReplicaID),
            term: message.cooldownTerm, rowsets: rowsets)
    }

    /// The rowsets are remote, begin at version 0 and follow each other without a gap.
    private static func checkPrefix(_ rowsets: [RowsetMeta], record: String) throws(StoredFormatError) {
        var next: Version = 0
        for rowset in rowsets {
            guard rowset.isRemote else {
                throw StoredFormatError(record, .invalidField("resource_id", value: "nothing (rowset \(rowset.id))"))
            }
            guard rowset.versions.start == next else {
                throw StoredFormatError(
                    record, .invalidField("rs_metas", value: "\(rowset.versions) where \(next) should start"))
            }
            next = rowset.versions.end.next
        }
    }
}
