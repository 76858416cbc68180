/// `TStoragePolicy`: a policy as newer FEs push it. In a report only id and version stand.
public struct PushedPolicy: Hashable, Sendable {
    public var id: Int64
    public var name: String
    public var version: Int64
    public var cooldownAt: UnixTime?
    public var cooldownTTLSeconds: Int64?
    public var resourceID: Int64?

    public init(
        id: Int64, name: String, version: Int64, cooldownAt: UnixTime? = nil, cooldownTTLSeconds: Int64? = nil,
        resourceID: Int64? = nil
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.cooldownAt = cooldownAt
        self.cooldownTTLSeconds = cooldownTTLSeconds
        self.resourceID = resourceID
    }
}

/// `TPushStoragePolicyReq` (task 29): policies and resources that are new or newer, and policies that are gone.
public struct PushedRules: Hashable, Sendable {
    public var policies: [PushedPolicy]
    public var resources: [StorageResourceEntry]
    public var droppedPolicies: [Int64]

    public init(
        policies: [PushedPolicy] = [], resources: [StorageResourceEntry] = [], droppedPolicies: [Int64] = []
    ) {
        self.policies = policies
        self.resources = resources
        self.droppedPolicies = droppedPolicies
    }

    public var isEmpty: Bool { policies.isEmpty && resources.isEmpty && droppedPolicies.isEmpty }
}

/// What a backend says it has of pushed policies and resources: versions by id (`TReportRequest` 9 and 10).
public struct KnownRules: Hashable, Sendable {
    public var policies: [Int64: Int64]
    public var resources: [Int64: Int64]

    public init(policies: [Int64: Int64] = [:], resources: [Int64: Int64] = [:]) {
        self.policies = policies
        self.resources = resources
    }
}

/// What a newer FE's planner and status want to know of a backend; each goes with one kind of report.
public enum BackendLoad: Hashable, Sendable {
    /// With disks. `pipeline_executor_size` says the same number: there is no executor of queries here.
    case cores(Int32)
    /// With tasks.
    case runningTasks(Int64)
    /// With tablets.
    case tabletCount(Int64)
}

/// `TIndexPolicy`: kept for the FE, which asks for it back in reports (id only). Nothing here is indexed.
public struct IndexPolicy: Hashable, Sendable {
    public var id: Int64
    public var name: String
    public var kind: Int32
    public var properties: [String: String]

    public init(id: Int64, name: String, kind: Int32 = 0, properties: [String: String] = [:]) {
        self.id = id
        self.name = name
        self.kind = kind
        self.properties = properties
    }
}

/// `TPushIndexPolicyReq` (task 35).
public struct PushedIndexPolicies: Hashable, Sendable {
    public var policies: [IndexPolicy]
    public var dropped: [Int64]

    public init(policies: [IndexPolicy] = [], dropped: [Int64] = []) {
        self.policies = policies
        self.dropped = dropped
    }
}
