internal import StoredFormats
internal import TabletModel

// Records of schema changes and their protobuf form (proto/edit_log.proto), both ways.

extension TableAlter {
    var record: EditLogAlterRecord {
        var record = EditLogAlterRecord()
        record.id = id
        record.state = UInt32(state.rawValue)
        record.columns = columns.map(\.record)
        record.nextColumnID = nextColumnID
        record.distributionColumn = distributionColumn
        record.description_p = description
        record.startedAtMs = startedAt.milliseconds
        record.watermark = watermark.rawValue
        let versions = alterVersions.sorted { $0.key < $1.key }
        record.partitionID = versions.map(\.key.rawValue)
        record.alterVersion = versions.map(\.value.rawValue)
        return record
    }

    init(_ record: EditLogAlterRecord) throws {
        guard let state = UInt8(exactly: record.state).flatMap(State.init(rawValue:)) else {
            throw RecordError("unknown state \(record.state) of alter \(record.id)")
        }
        guard record.partitionID.count == record.alterVersion.count else { throw RecordError.columns("an alter") }
        self.init(
            id: record.id, state: state, columns: record.columns.map(TableColumn.init),
            nextColumnID: record.nextColumnID, distributionColumn: record.distributionColumn,
            description: record.description_p, startedAt: UnixTime(milliseconds: record.startedAtMs),
            watermark: TransactionID(record.watermark),
            alterVersions: Dictionary(
                zip(record.partitionID, record.alterVersion).map { (PartitionID($0), Version($1)) },
                uniquingKeysWith: { first, _ in first }))
    }
}

extension EndedAlter {
    var record: EditLogEndedAlterRecord {
        var record = EditLogEndedAlterRecord()
        record.id = id
        record.tableID = tableID.rawValue
        record.database = database
        record.table = table
        record.description_p = description
        record.isFinished = isFinished
        record.reason = reason
        record.startedAtMs = startedAt.milliseconds
        record.endedAtMs = endedAt.milliseconds
        return record
    }

    init(_ record: EditLogEndedAlterRecord) {
        self.init(
            id: record.id, tableID: TableID(record.tableID), database: record.database, table: record.table,
            description: record.description_p, isFinished: record.isFinished, reason: record.reason,
            startedAt: UnixTime(milliseconds: record.startedAtMs), endedAt: UnixTime(milliseconds: record.endedAtMs))
    }
}

extension EditLogBeginAlterEntry {
    init(_ table: TableID, _ alter: TableAlter, _ indexes: [ShadowIndex], _ placements: [TabletPlacement]) {
        self.init()
        tableID = table.rawValue
        self.alter = alter.record
        partitionID = indexes.map(\.partitionID.rawValue)
        self.indexes = indexes.map(\.index.record)
        tabletID = placements.map(\.tabletID.rawValue)
        replicaCount = placements.map { UInt32($0.replicas.count) }
        replicaID = placements.flatMap { $0.replicas.map(\.replicaID.rawValue) }
        replicaBackendID = placements.flatMap { $0.replicas.map(\.backendID.rawValue) }
    }

    var entry: JournalEntry {
        get throws {
            guard partitionID.count == indexes.count else { throw RecordError.columns("begin alter") }
            return .beginAlter(
                TableID(tableID), try TableAlter(alter),
                try zip(partitionID, indexes).map {
                    ShadowIndex(partitionID: PartitionID($0), index: try MaterializedIndex($1))
                },
                try EditLogCreateTableEntry.placements(
                    "begin alter", tabletID, replicaCount, replicaID, replicaBackendID))
        }
    }
}
