public import TabletModel

/// What is its own of a tablet's header record, read where the record lies (`PlainRowset` says why).
///
/// It knows plain headers: of a running tablet that does not cool, move or wait for a restore, and of which nothing was asked
/// besides. For any other, and for whatever `TabletHeaderRecord.decode` might not take, there is none.
public struct PlainTabletHeader {
    public var tabletID: TabletID = 0
    public var replicaID: ReplicaID = 0
    public var tableID: TableID = 0
    public var partitionID: PartitionID = 0
    public var schemaHash: SchemaHash = 0
    public var uid = UniqueID(high: 0, low: 0)
    public var shardID: Int32 = 0
    public var createdAt = UnixTime(milliseconds: 0)
    public var cumulativePoint: TabletModel.Version = 0
    public var isInMemory = false
    /// The schema's message: equal bytes are equal schemas. Valid as long as the record's bytes are.
    public var schema: UnsafeRawBufferPointer

    /// - Parameter record: with its checksum, which is compared.
    public init?(record: UnsafeRawBufferPointer) {
        guard let body = RecordEnvelope.verifiedBody(record) else { return nil }
        schema = UnsafeRawBufferPointer(start: nil, count: 0)
        var seen = Seen()
        var reader = WireReader(body)
        while let (field, value) = reader.next() {
            switch value {
            case .number(let bits): guard takeNumber(field, Int64(bitPattern: bits), &seen) else { return nil }
            case .bytes(let bytes): guard takeBytes(field, bytes, &seen) else { return nil }
            case .fixed32: return nil
            }
        }
        guard !reader.isBroken, seen.isWhole else { return nil }
    }

    /// Fields without which there is no plain header.
    private struct Seen {
        var (tablet, uid, schema, runs, cooldownReplica, cooldownTerm, format) = (
            false, false, false, false, false, false, false
        )
        var isWhole: Bool { tablet && uid && schema && runs && cooldownReplica && cooldownTerm && format }
    }

    private mutating func takeNumber(_ field: Int, _ number: Int64, _ seen: inout Seen) -> Bool {
        switch field {
        case 1: tableID = TableID(number)
        case 2: partitionID = PartitionID(number)
        case 3: (tabletID, seen.tablet) = (TabletID(number), true)
        case 4:
            guard let hash = Int32(exactly: number) else { return false }
            schemaHash = SchemaHash(hash)
        case 5:
            guard let shard = Int32(exactly: number) else { return false }
            shardID = shard
        case 6: break
        case 7: cumulativePoint = Version(number)
        case 8: seen.runs = number == Int64(TabletState.running.rawValue)
        case 21: replicaID = ReplicaID(number)
        case 1000: seen.format = number == Int64(TabletHeaderRecord.formatVersion)
        case 1002: createdAt = UnixTime(milliseconds: number)
        case 1003: isInMemory = number != 0
        case 1004: seen.cooldownReplica = number == -1
        case 1005: seen.cooldownTerm = number == -1
        default: return false
        }
        return true
    }

    private mutating func takeBytes(_ field: Int, _ bytes: UnsafeRawBufferPointer, _ seen: inout Seen) -> Bool {
        switch field {
        case 14:
            guard !seen.uid, let uid = Self.uniqueID(bytes) else { return false }
            (self.uid, seen.uid) = (uid, true)
        // The storage policy: none.
        case 22: return bytes.isEmpty
        case 1001:
            guard !seen.schema else { return false }
            (schema, seen.schema) = (bytes, true)
        default: return false
        }
        return true
    }

    private static func uniqueID(_ bytes: UnsafeRawBufferPointer) -> UniqueID? {
        var (high, low): (Int64, Int64) = (0, 0)
        var reader = WireReader(bytes)
        while let (field, value) = reader.next() {
            switch (field, value) {
            case (1, .number(let bits)): high = Int64(bitPattern: bits)
            case (2, .number(let bits)): low = Int64(bitPattern: bits)
            default: return nil
            }
        }
        return reader.isBroken ? nil : UniqueID(high: high, low: low)
    }
}
