internal import SwiftProtobuf
public import TabletModel

/// `TabletHeader` ⇄ bytes: one record a tablet in the meta store. Format version 1.
public enum TabletHeaderRecord {
    public static let formatVersion: UInt32 = 1

    public static func encode(_ header: TabletHeader) throws(StoredFormatError) -> [UInt8] {
        var message = PBTablet(header)
        // Of this data dir: a snapshot or a remote meta goes elsewhere.
        if let move = header.move { message.move = PBTabletMove(move) }
        return try RecordEnvelope.seal(message, record: "tablet header \(header.tabletID)")
    }

    public static func decode(_ bytes: UnsafeRawBufferPointer) throws(StoredFormatError) -> TabletHeader {
        let message = try RecordEnvelope.open(bytes, as: PBTablet.self, record: "tablet header")
        let record = "tablet header \(message.tabletID)"
        var header = try message.tabletHeader(record: record)
        if message.hasMove { header.move = try message.move.tabletMove(record: record) }
        return header
    }
}

extension PBTablet {
    init(_ header: TabletHeader) {
        self.init()
        tableID = header.tableID.rawValue
        partitionID = header.partitionID.rawValue
        tabletID = header.tabletID.rawValue
        schemaHash = header.schemaHash.rawValue
        shardID = header.shardID
        creationTime = header.createdAt.seconds
        cumulativeLayerPoint = header.cumulativePoint.rawValue
        tabletState = PBTabletState(rawValue: Int(header.state.rawValue)) ?? .notReady
        tabletUid = PBUniqueId(header.uid)
        replicaID = header.replicaID.rawValue
        storagePolicy = header.storagePolicy
        if let id = header.cooldownMetaID { cooldownMetaID = PBUniqueId(id) }
        formatVersion = TabletHeaderRecord.formatVersion
        schema = PBSchema(header.schema)
        creationTimeMs = header.createdAt.milliseconds
        isInMemory = header.isInMemory
        cooldownReplicaID = header.cooldownReplicaID.rawValue
        cooldownTerm = header.cooldownTerm
        if header.alterBaseID > 0 { alterBaseTabletID = header.alterBaseID.rawValue }
        if header.inRestoreMode { inRestoreMode = true }
        if header.options != TabletOptions() { options = PBTabletOptions(header.options) }
    }

    func tabletHeader(record: @autoclosure () -> String) throws(StoredFormatError) -> TabletHeader {
        try RecordEnvelope.check(
            version: formatVersion, supported: TabletHeaderRecord.formatVersion, record: record())
        guard hasTabletID else { throw StoredFormatError(record(), .missingField("tablet_id")) }
        guard hasTabletUid else { throw StoredFormatError(record(), .missingField("tablet_uid")) }
        guard hasSchema else { throw StoredFormatError(record(), .missingField("schema")) }
        guard hasTabletState, let state = TabletState(rawValue: Int32(tabletState.rawValue)) else {
            throw StoredFormatError(record(), .missingField("tablet_state"))
        }
        return TabletHeader(
            tabletID: TabletID(tabletID), schemaHash: SchemaHash(schemaHash), replicaID: ReplicaID(replicaID),
            tableID: TableID(tableID), partitionID: PartitionID(partitionID), uid: tabletUid.uniqueID,
            shardID: shardID, state: state, createdAt: UnixTime(milliseconds: creationTimeMs),
            schema: try schema.tabletSchema(record: record()), isInMemory: isInMemory, storagePolicy: storagePolicy,
            cooldownMetaID: hasCooldownMetaID ? cooldownMetaID.uniqueID : nil,
            cooldownReplicaID: hasCooldownReplicaID ? ReplicaID(cooldownReplicaID) : -1,
            cooldownTerm: hasCooldownTerm ? cooldownTerm : -1, cumulativePoint: Version(cumulativeLayerPoint),
            inRestoreMode: inRestoreMode, options: options.tabletOptions, alterBaseID: TabletID(alterBaseTabletID))
    }
}

extension PBUniqueId {
    init(_ id: UniqueID) {
        self.init()
        hi = id.high
        lo = id.low
    }

    var uniqueID: UniqueID { UniqueID(high: hi, low: lo) }
}

extension PBSchema {
    init(_ value: TabletSchema) {
        self.init()
        schemaHash = value.schemaHash.rawValue
        shortKeyColumnCount = Int32(value.shortKeyColumnCount)
        keysType = value.keysType
        storageType = value.storageType
        isInMemory = value.isInMemory
        if let delimiter = value.delimiter { self.delimiter = UInt32(delimiter) }
        disableAutoCompaction = value.disableAutoCompaction
        columns = value.columns.map { column in
            var message = PBColumn()
            message.name = column.name
            message.primitiveType = column.type.rawValue
            message.isKey = column.isKey
            message.isNullable = column.isNullable
            if let length = column.length { message.length = length }
            if let precision = column.precision { message.precision = precision }
            if let scale = column.scale { message.scale = scale }
            if let value = column.defaultValue { message.defaultValue = value }
            message.uniqueID = column.uniqueID
            if let aggregation = column.aggregation { message.aggregation = aggregation }
            return message
        }
    }

    func tabletSchema(record: @autoclosure () -> String) throws(StoredFormatError) -> TabletSchema {
        guard let shortKeys = Int16(exactly: shortKeyColumnCount) else {
            throw StoredFormatError(record(), .invalidField("short_key_column_count", value: "\(shortKeyColumnCount)"))
        }
        return TabletSchema(
            schemaHash: SchemaHash(schemaHash), shortKeyColumnCount: shortKeys, keysType: keysType,
            storageType: storageType,
            columns: columns.map {
                TabletSchema.Column(
                    name: $0.name, type: PrimitiveType(rawValue: $0.primitiveType), isKey: $0.isKey,
                    isNullable: $0.isNullable, length: $0.hasLength ? $0.length : nil,
                    precision: $0.hasPrecision ? $0.precision : nil, scale: $0.hasScale ? $0.scale : nil,
                    defaultValue: $0.hasDefaultValue ? $0.defaultValue : nil,
                    uniqueID: $0.hasUniqueID ? $0.uniqueID : -1,
                    aggregation: $0.hasAggregation ? $0.aggregation : nil)
            },
            isInMemory: isInMemory, delimiter: hasDelimiter ? UInt8(truncatingIfNeeded: delimiter) : nil,
            disableAutoCompaction: disableAutoCompaction)
    }
}
