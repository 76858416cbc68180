public import TabletModel

/// What shows that the metadata are older than the backends, and what is held for it.
public struct MetadataStatusView: Hashable, Sendable, Codable {
    /// One table that is held by itself.
    public struct Table: Hashable, Sendable, Codable {
        public var table: TableName
        public var findings: [MetadataFindingView]

        public init(
            table: TableName, findings: [MetadataFindingView]
        ) {
            self.table = table
            self.findings = findings
        }
    }

    /// The whole FE: every table is.
    public var isHeld: Bool
    public var findings: [MetadataFindingView]
    public var tables: [Table]
    public var backends: [MetadataBackendView]
    /// Ranges of ids of a lost timeline: tablets of these ids that no table owns stay until they are discarded.
    public var lostIDs: [String]

    public init(
        isHeld: Bool, findings: [MetadataFindingView], tables: [Table], backends: [MetadataBackendView],
        lostIDs: [String]
    ) {
        self.isHeld = isHeld
        self.findings = findings
        self.tables = tables
        self.backends = backends
        self.lostIDs = lostIDs
    }
}

public struct MetadataFindingView: Hashable, Sendable, Codable {
    public var kind: String
    public var backendID: BackendID
    /// 0: it is about no tablet.
    public var tabletID: TabletID
    public var text: String
    public var foundMs: Int64

    public init(
        kind: String, backendID: BackendID, tabletID: TabletID, text: String, foundMs: Int64
    ) {
        self.kind = kind
        self.backendID = backendID
        self.tabletID = tabletID
        self.text = text
        self.foundMs = foundMs
    }
}

/// One backend beside the metadata, as of its newest tablet report.
public struct MetadataBackendView: Hashable, Sendable, Codable {
    public var id: BackendID
    public var address: String
    public var isAlive: Bool
    /// What it remembers of metadata, in words.
    public var remembers: String
    public var hasReported: Bool
    /// Tablets that no table owns, and one of them; 0 when there is none.
    public var unknownTablets: Int64
    public var unknownExample: TabletID
    /// Replicas of known tablets that are not registered, or at versions or terms that were never given.
    public var differingReplicas: Int64

    public init(
        id: BackendID, address: String, isAlive: Bool, remembers: String, hasReported: Bool, unknownTablets: Int64,
        unknownExample: TabletID, differingReplicas: Int64
    ) {
        self.id = id
        self.address = address
        self.isAlive = isAlive
        self.remembers = remembers
        self.hasReported = hasReported
        self.unknownTablets = unknownTablets
        self.unknownExample = unknownExample
        self.differingReplicas = differingReplicas
    }
}

/// What a person chose.
public struct MetadataChoice: Hashable, Sendable, Codable {
    /// nil: all.
    public var table: TableName?
    /// Go on although some backends have not reported.
    public var force: Bool
    /// For a discard of all: how many tablet replicas are to be lost.
    public var tabletReplicas: Int64?

    public init(table: TableName? = nil, force: Bool = false, tabletReplicas: Int64? = nil) {
        self.table = table
        self.force = force
        self.tabletReplicas = tabletReplicas
    }
}

public struct MetadataSettledView: Hashable, Sendable, Codable {
    public struct Left: Hashable, Sendable, Codable {
        public var table: TableName
        public var reason: String

        public init(
            table: TableName, reason: String
        ) {
            self.table = table
            self.reason = reason
        }
    }

    /// Written again from now on.
    public var tables: [TableName]
    /// Still held, and why.
    public var left: [Left]

    public init(
        tables: [TableName], left: [Left]
    ) {
        self.tables = tables
        self.left = left
    }
}
