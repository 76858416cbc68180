public import TabletModel

/// Keys of a data dir's meta store. A letter, then big-endian ids, so that a scan meets a tablet's records together
/// and all tablets in the same order under each letter.
///
///     F                                   format version of the store: decimal text
///     H tablet                            tablet header            (TabletHeaderRecord)
///     R tablet rowset(24 bytes)           visible rowset           (RowsetRecord)
///     S tablet rowset(24 bytes)           stale rowset             (StaleRowsetRecord)
///     P transaction partition tablet      pending rowset           (PendingRowsetRecord)
///     gc_{rowset id}                      unused remote rowset     (RemoteRowsetGarbage)
///     tgc_{tablet id}                     unused remote folder     (RemoteTabletGarbage)
///     sp_{policy name}                    storage policy           (StoragePolicyRecord)
///     sr_{resource key}                   storage resource         (StorageResourceRecord)
///     mp                                  the master's position    (MasterPositionRecord)
///     ip                                  index policies           (IndexPoliciesRecord)
public enum MetaKeys {
    public static let formatVersion = 1
    public static let format: [UInt8] = Array("F".utf8)
    public static let headers: [UInt8] = Array("H".utf8)
    public static let rowsets: [UInt8] = Array("R".utf8)
    public static let staleRowsets: [UInt8] = Array("S".utf8)
    public static let pendingRowsets: [UInt8] = Array("P".utf8)
    public static let remoteRowsetGarbage: [UInt8] = Array("gc_".utf8)
    public static let remoteTabletGarbage: [UInt8] = Array("tgc_".utf8)
    public static let masterPosition: [UInt8] = Array("mp".utf8)
    public static let indexPolicies: [UInt8] = Array("ip".utf8)

    public static func header(_ tablet: TabletID) -> [UInt8] { headers + bigEndian(tablet.rawValue) }

    public static func rowsets(of tablet: TabletID) -> [UInt8] { rowsets + bigEndian(tablet.rawValue) }

    public static func rowset(_ tablet: TabletID, _ id: RowsetID) -> [UInt8] { rowsets(of: tablet) + bytes(of: id) }

    public static func staleRowsets(of tablet: TabletID) -> [UInt8] { staleRowsets + bigEndian(tablet.rawValue) }

    public static func staleRowset(_ tablet: TabletID, _ id: RowsetID) -> [UInt8] {
        staleRowsets(of: tablet) + bytes(of: id)
    }

    /// Above the key of every rowset under `rowsets(of:)` or `staleRowsets(of:)`: such a key is the prefix and 24 bytes.
    static func end(ofRowsets prefix: [UInt8]) -> [UInt8] { prefix + [UInt8](repeating: 0xFF, count: 25) }

    public static func pendingRowset(
        _ transaction: TransactionID, _ partition: PartitionID, _ tablet: TabletID
    ) -> [UInt8] {
        pendingRowsets + bigEndian(transaction.rawValue) + bigEndian(partition.rawValue) + bigEndian(tablet.rawValue)
    }

    public static func remoteRowsetGarbage(_ id: RowsetID) -> [UInt8] {
        remoteRowsetGarbage + Array(id.description.utf8)
    }

    public static func remoteTabletGarbage(_ tablet: TabletID) -> [UInt8] {
        remoteTabletGarbage + Array(tablet.description.utf8)
    }

    /// The tablet of a header's or a rowset's key; nil when the key is too short.
    static func tablet(ofKey key: UnsafeRawBufferPointer) -> TabletID? {
        guard key.count >= 9 else { return nil }
        return TabletID(Int64(bigEndian: key.loadUnaligned(fromByteOffset: 1, as: Int64.self)))
    }

    /// The ids in the key of a pending rowset.
    static func pending(ofKey key: UnsafeRawBufferPointer) -> PendingKey? {
        guard key.count == 25 else { return nil }
        func id(_ offset: Int) -> Int64 { Int64(bigEndian: key.loadUnaligned(fromByteOffset: offset, as: Int64.self)) }
        return PendingKey(transaction: TransactionID(id(1)), partition: PartitionID(id(9)), tablet: TabletID(id(17)))
    }

    private static func bytes(of id: RowsetID) -> [UInt8] {
        bigEndian(id.high) + bigEndian(id.middle) + bigEndian(id.low)
    }

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}

/// What names a pending rowset.
struct PendingKey: Hashable, Sendable {
    var transaction: TransactionID
    var partition: PartitionID
    var tablet: TabletID
}
