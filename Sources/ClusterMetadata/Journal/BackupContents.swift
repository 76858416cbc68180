internal import StoredFormats
public import TabletModel

/// What the meta file of a backup says: the table as it was, and where each tablet's files are. Written when everything else
/// is there.
public struct BackupContents: Hashable, Sendable {
    public struct Tablet: Hashable, Sendable {
        public var tabletID: TabletID
        /// Key in the bucket.
        public var folder: String
        /// Names in the folder.
        public var files: [String]
        public var sizeBytes: Int64

        public init(tabletID: TabletID, folder: String, files: [String], sizeBytes: Int64) {
            self.tabletID = tabletID
            self.folder = folder
            self.files = files
            self.sizeBytes = sizeBytes
        }
    }

    public var label: String
    public var clusterID: Int32
    public var createdAt: UnixTime
    public var finishedAt: UnixTime
    public var database: String
    /// With one partition.
    public var table: Table
    public var version: Version
    /// In bucket order.
    public var tablets: [Tablet]

    public init(
        label: String, clusterID: Int32, createdAt: UnixTime, finishedAt: UnixTime, database: String, table: Table,
        version: Version, tablets: [Tablet]
    ) {
        self.label = label
        self.clusterID = clusterID
        self.createdAt = createdAt
        self.finishedAt = finishedAt
        self.database = database
        self.table = table
        self.version = version
        self.tablets = tablets
    }

    public var sizeBytes: Int64 { tablets.reduce(0) { $0.addingClamped($1.sizeBytes) } }

    /// Sealed with a checksum.
    public func encoded() throws -> [UInt8] {
        var record = EditLogBackupMetaRecord()
        record.label = label
        record.clusterID = clusterID
        record.createdAtMs = createdAt.milliseconds
        record.finishedAtMs = finishedAt.milliseconds
        record.database = database
        record.table = table.record
        record.version = version.rawValue
        record.tablets = tablets.map { tablet in
            var record = EditLogBackupTabletRecord()
            record.tabletID = tablet.tabletID.rawValue
            record.folder = tablet.folder
            record.files = tablet.files
            record.sizeBytes = tablet.sizeBytes
            return record
        }
        return try BackupMetaFile.seal(record)
    }

    /// - Parameter name: the object's, for errors.
    /// - Throws: what is wrong with the bytes: cut, changed, of a newer build, or not what a backup of a table says.
    public init(decoding bytes: [UInt8], name: String) throws {
        let record = try bytes.withUnsafeBytes { try BackupMetaFile.open($0, name: name) }
        self.init(
            label: record.label, clusterID: record.clusterID,
            createdAt: UnixTime(milliseconds: record.createdAtMs),
            finishedAt: UnixTime(milliseconds: record.finishedAtMs), database: record.database,
            table: try Table(record.table), version: Version(record.version),
            tablets: record.tablets.map {
                Tablet(tabletID: TabletID($0.tabletID), folder: $0.folder, files: $0.files, sizeBytes: $0.sizeBytes)
            })
        guard table.partitions.count == 1, table.partitions[0].indexes.count == 1, !tablets.isEmpty,
            table.bucketCount == tablets.count, (.initial...Version.greatest).contains(version)
        else {
            throw RecordError(
                "\(name) is of a table with \(table.partitions.count) partitions, \(table.bucketCount) buckets and "
                    + "\(tablets.count) tablets at version \(version), which can't be")
        }
    }
}
