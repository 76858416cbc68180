public import TabletModel

/// A bucket under a name (`CREATE RESOURCE`). The secret is stored and sent to backends, never shown.
public struct StorageResource: Hashable, Sendable, CustomStringConvertible {
    public let id: Int64
    public let name: String
    public var s3: S3Resource
    /// Grows by one with each change.
    public var version: Int64
    /// Policies that ever pointed to it, dropped ones too, and places it had before: rowsets of older builds name it so.
    /// Sorted.
    public var policyNames: [String]

    public init(id: Int64, name: String, s3: S3Resource, version: Int64 = 0, policyNames: [String] = []) {
        self.id = id
        self.name = name
        self.s3 = s3
        self.version = version
        self.policyNames = policyNames
    }

    public mutating func addName(_ name: String) {
        if !policyNames.contains(name) { policyNames = (policyNames + [name]).sorted() }
    }

    public var description: String { "storage resource \(name) version \(version): \(s3)" }
}

/// When tablets cool, and to which resource (`CREATE STORAGE POLICY`).
public struct StoragePolicy: Hashable, Sendable {
    public let id: Int64
    public let name: String
    public var resource: String
    /// At least one of the two is set.
    public var cooldownAt: UnixTime?
    public var cooldownTTLSeconds: Int64?
    /// Grows by one with each change.
    public var version: Int64

    public init(
        id: Int64, name: String, resource: String, cooldownAt: UnixTime? = nil, cooldownTTLSeconds: Int64? = nil,
        version: Int64 = 0
    ) {
        self.id = id
        self.name = name
        self.resource = resource
        self.cooldownAt = cooldownAt
        self.cooldownTTLSeconds = cooldownTTLSeconds
        self.version = version
    }
}
