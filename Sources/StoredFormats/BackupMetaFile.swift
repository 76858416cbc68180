internal import SwiftProtobuf

/// The frame of a backup's meta file: that of every record, with a format version. Format version 1.
public enum BackupMetaFile {
    public static let formatVersion: UInt32 = 1

    public static func seal(_ record: EditLogBackupMetaRecord) throws(StoredFormatError) -> [UInt8] {
        var record = record
        record.formatVersion = formatVersion
        return try RecordEnvelope.seal(record, record: "meta file of backup \(record.label)")
    }

    /// - Parameter name: the object's, for errors.
    public static func open(
        _ bytes: UnsafeRawBufferPointer, name: String
    ) throws(StoredFormatError) -> EditLogBackupMetaRecord {
        let record = try RecordEnvelope.open(bytes, as: EditLogBackupMetaRecord.self, record: name)
        try RecordEnvelope.check(version: record.formatVersion, supported: formatVersion, record: name)
        return record
    }
}
