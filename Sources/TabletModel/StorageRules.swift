/// A storage resource with its identity (`TStorageResource`): what rowsets name, whatever it is called and whichever keys
/// open it.
public struct StorageResourceEntry: Hashable, Sendable {
    public var id: Int64
    public var name: String
    /// Rises with each change.
    public var version: Int64
    public var s3: S3Resource
    /// Policies that ever pointed to it, and places it had before: rowsets of older backends name it so.
    public var policyNames: [String]

    public init(id: Int64, name: String, version: Int64 = 0, s3: S3Resource, policyNames: [String] = []) {
        self.id = id
        self.name = name
        self.version = version
        self.s3 = s3
        self.policyNames = policyNames
    }
}

/// What a master tells of cooling: when (policies) and where to (resources).
public struct StorageRules: Hashable, Sendable {
    /// Policies in use.
    public var policies: [StoragePolicyEntry]
    /// Every resource there is, in use by a policy or not: rowsets may name it. Empty from a Doris FE, which tells a
    /// policy's place with the policy.
    public var resources: [StorageResourceEntry]
    /// Resources that a person had dropped.
    public var droppedResources: [Int64]

    public init(
        policies: [StoragePolicyEntry] = [], resources: [StorageResourceEntry] = [], droppedResources: [Int64] = []
    ) {
        self.policies = policies
        self.resources = resources
        self.droppedResources = droppedResources
    }

    public var isEmpty: Bool { policies.isEmpty && resources.isEmpty && droppedResources.isEmpty }
}

extension S3Resource {
    /// Names the place, keys aside: `s3://endpoint/bucket/root`. It stands for a resource whose master gave it no id.
    public var placeName: String {
        var endpoint = endpoint.lowercased()
        while endpoint.last == "/" { endpoint.removeLast() }
        // A person's mistake, but no text may carry it on.
        if let at = endpoint.lastIndex(of: "@") { endpoint = String(endpoint[endpoint.index(after: at)...]) }
        return "s3://\(endpoint)/\(bucket)/\(normalRootPath)"
    }

    /// The same bucket and root path; the endpoint may have another name by now.
    public func isSameBucket(as other: S3Resource) -> Bool {
        bucket == other.bucket && normalRootPath == other.normalRootPath
    }

    private var normalRootPath: String {
        rootPath.split(separator: "/", omittingEmptySubsequences: true).joined(separator: "/")
    }
}
