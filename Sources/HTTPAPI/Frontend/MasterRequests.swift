public import TabletModel

/// A new table of delimited rows.
public struct CreateTableRequest: Hashable, Sendable, Codable {
    public var name: TableName
    /// Hash buckets: tablets of its only partition.
    public var buckets: Int
    /// Replicas of each tablet.
    public var replicas: Int
    /// Names of the fields, in order; the distribution column is one of them.
    public var columns: [String]
    /// Of each column, such as INT; nil: all VARCHAR. By its type a column is compared.
    public var columnTypes: [String]?
    /// Zero-based place of the field whose hash chooses the bucket.
    public var distributionColumn: Int
    /// One byte of ASCII between two fields. There is no quoting: a delimiter always separates.
    public var delimiter: String
    /// Files for this table usually begin with a line of names; a load may say otherwise.
    public var hasHeader: Bool
    public var storagePolicy: String?
    /// On whose members the replicas are to be, on different shards of it; nil: anywhere.
    public var cluster: String?
    /// Milliseconds after which the creation is given up; nil = the FE's default for so many tablets.
    public var timeoutMs: Int64?

    public init(
        name: TableName, buckets: Int, replicas: Int, columns: [String] = [], distributionColumn: Int = 0,
        delimiter: String = ",", hasHeader: Bool = false, storagePolicy: String? = nil, timeoutMs: Int64? = nil,
        columnTypes: [String]? = nil
    ) {
        self.columnTypes = columnTypes
        self.name = name
        self.buckets = buckets
        self.replicas = replicas
        self.columns = columns
        self.distributionColumn = distributionColumn
        self.delimiter = delimiter
        self.hasHeader = hasHeader
        self.storagePolicy = storagePolicy
        self.timeoutMs = timeoutMs
    }
}

/// Where a tablet's replica is to go inside its backend: to a data dir, or to another medium.
public struct MoveReplicaRequest: Hashable, Sendable, Codable {
    public var backendID: BackendID
    /// Root path of the data dir.
    public var path: String?
    /// HDD or SSD.
    public var medium: String?

    public init(backendID: BackendID, path: String? = nil, medium: String? = nil) {
        self.backendID = backendID
        self.path = path
        self.medium = medium
    }
}

/// An S3 bucket under a name. Its secret is stored and sent to backends, never shown.
public struct CreateStorageResourceRequest: Hashable, Sendable, CustomStringConvertible {
    public var name: String
    public var s3: S3Resource
    /// A role that would open the bucket instead of keys. Nothing here can take one; it is carried to be refused.
    public var roleARN: String?

    public init(name: String, s3: S3Resource, roleARN: String? = nil) {
        self.name = name
        self.s3 = s3
        self.roleARN = roleARN
    }

    public var description: String { "storage resource \(name): \(s3)" }
}

/// When tablets cool, and where to. At least one of the two times must be set.
public struct CreateStoragePolicyRequest: Hashable, Sendable, Codable {
    public var name: String
    public var resource: String
    /// Seconds after a rowset's newest write.
    public var cooldownTTLSeconds: Int64?
    /// Seconds since 1970: everything is due then.
    public var cooldownDatetimeSeconds: Int64?

    public init(
        name: String, resource: String, cooldownTTLSeconds: Int64? = nil, cooldownDatetimeSeconds: Int64? = nil
    ) {
        self.name = name
        self.resource = resource
        self.cooldownTTLSeconds = cooldownTTLSeconds
        self.cooldownDatetimeSeconds = cooldownDatetimeSeconds
    }
}

/// Rows of a table are to go: those for which a condition holds.
public struct DeleteRowsRequest: Hashable, Sendable {
    public var table: TableName
    /// Comparisons of columns joined by AND (docs/cli.md, "delete").
    public var condition: String
    /// Makes the delete idempotent, as a load's.
    public var label: String
    /// Milliseconds from begin to commit; nil = the FE's default.
    public var timeoutMs: Int64?

    public init(table: TableName, condition: String, label: String, timeoutMs: Int64? = nil) {
        self.table = table
        self.condition = condition
        self.label = label
        self.timeoutMs = timeoutMs
    }
}

/// A load of one delimited file.
public struct BeginLoadRequest: Hashable, Sendable, Codable {
    public var table: TableName
    /// Makes the load idempotent: a label that committed or is running is refused with `.labelAlreadyExists`.
    public var label: String
    /// Overrides of the table's own; nil keeps them.
    public var delimiter: String?
    public var skipHeader: Bool?
    /// Milliseconds from begin to commit; nil = the FE's default.
    public var timeoutMs: Int64?

    public init(
        table: TableName, label: String, delimiter: String? = nil, skipHeader: Bool? = nil, timeoutMs: Int64? = nil
    ) {
        self.table = table
        self.label = label
        self.delimiter = delimiter
        self.skipHeader = skipHeader
        self.timeoutMs = timeoutMs
    }
}
