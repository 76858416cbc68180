internal import StoredFormats
internal import SwiftProtobuf
internal import TabletModel

extension BackupJob {
    var record: EditLogBackupJobRecord {
        var record = EditLogBackupJobRecord()
        record.id = id
        record.kind = UInt32(kind.rawValue)
        record.phase = UInt32(phase.rawValue)
        record.label = label
        record.resource = resource
        record.prefix = prefix
        record.database = database
        record.table = table
        record.tableID = tableID.rawValue
        record.replaces = replaces
        record.attempt = attempt
        record.version = version.rawValue
        record.createdAtMs = createdAt.milliseconds
        if let endedAt { record.endedAtMs = endedAt.milliseconds }
        record.message = message
        record.sizeBytes = sizeBytes
        record.units = units.map(\.record)
        return record
    }

    init(_ record: EditLogBackupJobRecord) throws {
        guard let kind = UInt8(exactly: record.kind).flatMap(Kind.init(rawValue:)),
            let phase = UInt8(exactly: record.phase).flatMap(Phase.init(rawValue:))
        else { throw RecordError("backup job \(record.id) has the kind \(record.kind) and the phase \(record.phase)") }
        self.init(
            id: record.id, kind: kind, phase: phase, label: record.label, resource: record.resource,
            prefix: record.prefix, database: record.database, table: record.table, tableID: TableID(record.tableID),
            version: Version(record.version), createdAt: UnixTime(milliseconds: record.createdAtMs))
        replaces = record.replaces
        attempt = record.attempt
        endedAt = record.hasEndedAtMs ? UnixTime(milliseconds: record.endedAtMs) : nil
        message = record.message
        sizeBytes = record.sizeBytes
        units = record.units.map(Unit.init)
    }
}

extension BackupUnits {
    var record: EditLogBackupUnitsEntry {
        EditLogBackupUnitsEntry.with {
            $0.jobID = jobID
            $0.first = Int64(first)
            $0.units = units.map(\.record)
        }
    }

    init(_ record: EditLogBackupUnitsEntry) {
        self.init(jobID: record.jobID, first: Int(record.first), units: record.units.map(BackupJob.Unit.init))
    }
}

extension BackupJob.Unit {
    fileprivate var record: EditLogBackupUnitRecord {
        var record = EditLogBackupUnitRecord()
        record.tabletID = tabletID.rawValue
        record.backendID = backendID.rawValue
        if let snapshotPath { record.snapshotPath = snapshotPath }
        record.folder = folder
        record.files = files
        record.isGivenUp = isGivenUp
        return record
    }

    fileprivate init(_ record: EditLogBackupUnitRecord) {
        self.init(
            tabletID: TabletID(record.tabletID), backendID: BackendID(record.backendID), folder: record.folder)
        snapshotPath = record.hasSnapshotPath ? record.snapshotPath : nil
        files = record.files
        isGivenUp = record.isGivenUp
    }
}
