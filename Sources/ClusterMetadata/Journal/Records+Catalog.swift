internal import StoredFormats
internal import TabletModel

// Catalog records and their protobuf form (proto/edit_log.proto), both ways.

/// A message that parses but does not say what a record must say.
struct RecordError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }

    static func columns(_ message: String) -> RecordError { RecordError("\(message) has columns of different lengths") }
}

extension Database {
    var record: EditLogDatabaseRecord {
        var record = EditLogDatabaseRecord()
        record.id = id.rawValue
        record.name = name
        return record
    }

    init(_ record: EditLogDatabaseRecord) {
        self.init(id: DatabaseID(record.id), name: record.name)
    }
}

extension Table {
    var record: EditLogTableRecord {
        var record = EditLogTableRecord()
        record.id = id.rawValue
        record.databaseID = databaseID.rawValue
        record.name = name
        record.state = UInt32(state.rawValue)
        record.delimiter = UInt32(delimiter)
        record.hasHeader_p = hasHeader
        record.columns = columns.map(\.record)
        record.nextColumnID = nextColumnID
        record.distributionColumn = distributionColumn
        record.bucketCount = bucketCount
        record.replicationCount = replicationCount
        if let storagePolicy { record.storagePolicy = storagePolicy }
        if let cluster { record.cluster = cluster }
        if let medium { record.medium = medium.rawValue }
        record.createdAtMs = createdAt.milliseconds
        record.partitions = partitions.map(\.record)
        record.storageResourceID = storageResources
        if let alter { record.alter = alter.record }
        return record
    }

    init(_ record: EditLogTableRecord) throws {
        guard let delimiter = UInt8(exactly: record.delimiter) else {
            throw RecordError("table \(record.id) has the delimiter \(record.delimiter), which is no byte")
        }
        self.init(
            id: TableID(record.id), databaseID: DatabaseID(record.databaseID), name: record.name,
            state: try Table.State(stored: record.state), delimiter: delimiter, hasHeader: record.hasHeader_p,
            columns: record.columns.isEmpty
                ? TableColumn.text(record.columnNames) : record.columns.map(TableColumn.init),
            distributionColumn: record.distributionColumn,
            bucketCount: record.bucketCount, replicationCount: record.replicationCount,
            storagePolicy: record.hasStoragePolicy ? record.storagePolicy : nil,
            medium: record.hasMedium ? StorageMedium(rawValue: record.medium) : nil,
            createdAt: UnixTime(milliseconds: record.createdAtMs),
            partitions: try record.partitions.map { try Partition($0) })
        storageResources = record.storageResourceID
        cluster = record.hasCluster ? record.cluster : nil
        nextColumnID = max(nextColumnID, record.nextColumnID)
        if record.hasAlter { alter = try TableAlter(record.alter) }
    }
}

extension TableColumn {
    var record: EditLogColumnRecord {
        var record = EditLogColumnRecord()
        record.name = name
        record.type = type.rawValue
        record.isNullable = isNullable
        if let defaultValue { record.defaultValue = defaultValue }
        record.uniqueID = uniqueID
        return record
    }

    init(_ record: EditLogColumnRecord) {
        self.init(
            name: record.name, type: PrimitiveType(rawValue: record.type), isNullable: record.isNullable,
            defaultValue: record.hasDefaultValue ? record.defaultValue : nil, uniqueID: record.uniqueID)
    }
}

extension Table.State {
    init(stored: UInt32) throws {
        guard let state = UInt8(exactly: stored).flatMap(Table.State.init(rawValue:)) else {
            throw RecordError("unknown table state \(stored)")
        }
        self = state
    }
}

extension Partition {
    var record: EditLogPartitionRecord {
        var record = EditLogPartitionRecord()
        record.id = id.rawValue
        record.name = name
        record.visibleVersion = visibleVersion.rawValue
        record.nextVersion = nextVersion.rawValue
        record.indexes = indexes.map(\.record)
        return record
    }

    init(_ record: EditLogPartitionRecord) throws {
        self.init(
            id: PartitionID(record.id), name: record.name, visibleVersion: Version(record.visibleVersion),
            nextVersion: Version(record.nextVersion), indexes: try record.indexes.map { try MaterializedIndex($0) })
    }
}

extension MaterializedIndex {
    var record: EditLogIndexRecord {
        var record = EditLogIndexRecord()
        record.id = id.rawValue
        record.schemaHash = schemaHash.rawValue
        record.tabletIds = tabletIDs.map(\.rawValue)
        record.state = UInt32(state.rawValue)
        return record
    }

    init(_ record: EditLogIndexRecord) throws {
        guard let state = UInt8(exactly: record.state).flatMap(State.init(rawValue:)) else {
            throw RecordError("unknown state \(record.state) of index \(record.id)")
        }
        self.init(
            id: IndexID(record.id), schemaHash: SchemaHash(record.schemaHash),
            tabletIDs: record.tabletIds.map(TabletID.init), state: state)
    }
}

extension EditLogCreateTableEntry {
    init(_ table: Table, _ placements: [TabletPlacement]) {
        self.init()
        self.table = table.record
        tabletID = placements.map(\.tabletID.rawValue)
        replicaCount = placements.map { UInt32($0.replicas.count) }
        replicaID = placements.flatMap { $0.replicas.map(\.replicaID.rawValue) }
        replicaBackendID = placements.flatMap { $0.replicas.map(\.backendID.rawValue) }
    }

    var placements: [TabletPlacement] {
        get throws {
            try Self.placements("create table", tabletID, replicaCount, replicaID, replicaBackendID)
        }
    }

    /// - Parameter entry: what the columns are of, for the error.
    static func placements(
        _ entry: String, _ tabletID: [Int64], _ replicaCount: [UInt32], _ replicaID: [Int64], _ backendID: [Int64]
    ) throws -> [TabletPlacement] {
        guard tabletID.count == replicaCount.count, replicaID.count == backendID.count,
            replicaCount.reduce(0, { $0 + Int($1) }) == replicaID.count
        else { throw RecordError.columns(entry) }
        var first = 0
        return try tabletID.indices.map { row in
            let range = first..<(first + Int(replicaCount[row]))
            first = range.upperBound
            return TabletPlacement(
                tabletID: TabletID(tabletID[row]),
                replicas: try range.map {
                    .init(replicaID: ReplicaID(replicaID[$0]), backendID: try BackendID(stored: backendID[$0]))
                })
        }
    }
}

extension EditLogAddTabletsEntry {
    init(_ added: AddedTablets) {
        self.init()
        tableID = added.tableID.rawValue
        partitionID = added.partitionID.rawValue
        indexID = added.indexID.rawValue
        tabletID = added.placements.map(\.tabletID.rawValue)
        replicaCount = added.placements.map { UInt32($0.replicas.count) }
        replicaID = added.placements.flatMap { $0.replicas.map(\.replicaID.rawValue) }
        replicaBackendID = added.placements.flatMap { $0.replicas.map(\.backendID.rawValue) }
    }

    var added: AddedTablets {
        get throws {
            AddedTablets(
                tableID: TableID(tableID), partitionID: PartitionID(partitionID), indexID: IndexID(indexID),
                placements: try EditLogCreateTableEntry.placements(
                    "add tablets", tabletID, replicaCount, replicaID, replicaBackendID))
        }
    }
}
