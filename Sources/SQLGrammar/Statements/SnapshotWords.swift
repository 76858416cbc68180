/// A backup's name, and the database it is of.
public struct SnapshotName: Hashable, Sendable {
    public var database: String?
    public var label: String

    public init(database: String? = nil, label: String) {
        self.database = database
        self.label = label
    }
}

/// A table of a backup or a restore.
public struct SnapshotTable: Hashable, Sendable {
    public var table: String
    /// Of a restore: the name it gets.
    public var newName: String?

    public init(table: String, newName: String? = nil) {
        self.table = table
        self.newName = newName
    }
}

/// BACKUP or RESTORE SNAPSHOT: `repository` is a storage resource.
public struct SnapshotRequest: Hashable, Sendable {
    public var snapshot: SnapshotName
    public var repository: String
    public var tables: [SnapshotTable]
    public var properties: [SQLProperty]
}
