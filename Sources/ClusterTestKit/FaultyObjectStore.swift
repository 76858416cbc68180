public import Platform
public import TabletModel

/// Gives object stores whose every operation goes through a `FaultPlan`.
public struct FaultyObjectStoreProvider: ObjectStoreProvider {
    private let base: any ObjectStoreProvider
    private let plan: FaultPlan

    public init(_ base: any ObjectStoreProvider, plan: FaultPlan) {
        self.base = base
        self.plan = plan
    }

    public func store(for resource: S3Resource) throws -> any ObjectStore {
        FaultyObjectStore(try base.store(for: resource), plan: plan)
    }
}

/// An object store whose every operation goes through a `FaultPlan`. Failures are retryable, as a reset connection is.
public struct FaultyObjectStore: ObjectStore {
    private let base: any ObjectStore
    private let plan: FaultPlan

    public init(_ base: any ObjectStore, plan: FaultPlan) {
        self.base = base
        self.plan = plan
    }

    @discardableResult
    public func put(_ key: String, from source: any ObjectSource) throws -> ObjectAttributes {
        try perform("put", key, isChange: true) { try base.put(key, from: source) }
    }

    public func get(_ key: String, range: Range<Int64>) throws -> [UInt8] {
        try perform("get", key, isChange: false) { try base.get(key, range: range) }
    }

    public func head(_ key: String) throws -> ObjectAttributes? {
        try perform("head", key, isChange: false) { try base.head(key) }
    }

    public func delete(_ keys: [String]) throws {
        try perform("delete", keys.joined(separator: " "), isChange: true) { try base.delete(keys) }
    }

    public func list(prefix: String, continuation: String?) throws -> ObjectPage {
        try perform("list", prefix, isChange: false) { try base.list(prefix: prefix, continuation: continuation) }
    }

    private func perform<Result>(
        _ name: String, _ key: String, isChange: Bool, _ body: () throws -> Result
    ) throws -> Result {
        try plan.perform(
            FaultOperation(.object, name, key, isChange: isChange),
            failure: {
                ObjectStoreError(.network, operation: name, key: key, message: "injected fault", isRetryable: true)
            }, body)
    }
}
