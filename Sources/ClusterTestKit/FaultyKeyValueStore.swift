public import Platform
internal import Synchronization

/// Opens stores whose every operation goes through a `FaultPlan`.
public struct FaultyKeyValueStoreOpener: KeyValueStoreOpener {
    private let base: any KeyValueStoreOpener
    private let plan: FaultPlan
    private let code: KeyValueStoreError.Code

    /// - Parameter code: of the errors that the plan brings about.
    public init(_ base: any KeyValueStoreOpener, plan: FaultPlan, code: KeyValueStoreError.Code = .io) {
        self.base = base
        self.plan = plan
        self.code = code
    }

    public func open(_ path: String) throws -> any KeyValueStore {
        // Opening writes: it ends the log and begins another.
        let store = try plan.performKeyValue("open", path, isChange: true, code) { try base.open(path) }
        return FaultyKeyValueStore(store, path: path, plan: plan, code: code)
    }

    public func openForReading(_ path: String) throws -> any KeyValueStore {
        let store = try plan.performKeyValue("open for reading", path, isChange: false, code) {
            try base.openForReading(path)
        }
        return FaultyKeyValueStore(store, path: path, plan: plan, code: code)
    }
}

/// A key-value store whose every operation goes through a `FaultPlan`. A batch is one operation. After a write that met a
/// fault it takes no more writes, as RocksDB's store does.
public final class FaultyKeyValueStore: KeyValueStore {
    private let base: any KeyValueStore
    private let path: String
    private let plan: FaultPlan
    private let code: KeyValueStoreError.Code
    private let hasFailed = Atomic(false)

    public init(_ base: any KeyValueStore, path: String, plan: FaultPlan, code: KeyValueStoreError.Code = .io) {
        self.base = base
        self.path = path
        self.plan = plan
        self.code = code
    }

    public func get(_ key: [UInt8]) throws -> [UInt8]? {
        try plan.performKeyValue("get", path, isChange: false, code) { try base.get(key) }
    }

    public func write(_ batch: WriteBatch, sync: Bool) throws {
        guard !hasFailed.load(ordering: .relaxed) else {
            throw KeyValueStoreError(code, path: path, message: "a write failed before: open the store again")
        }
        var isUnderWay = false
        do {
            try plan.performKeyValue("write", path, isChange: true, code) {
                isUnderWay = true
                try base.write(batch, sync: sync)
                isUnderWay = false
            }
        } catch var error as KeyValueStoreError where !isUnderWay {
            hasFailed.store(true, ordering: .relaxed)
            error.outcome = .unknown
            throw error
        }
    }

    public func scan(
        prefix: [UInt8], from start: [UInt8]?,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool
    ) throws {
        try plan.performKeyValue("scan", path, isChange: false, code) {
            try base.scan(prefix: prefix, from: start, body)
        }
    }

    public func last(prefix: [UInt8]) throws -> (key: [UInt8], value: [UInt8])? {
        try plan.performKeyValue("last", path, isChange: false, code) { try base.last(prefix: prefix) }
    }

    public func close() { base.close() }
}

extension FaultPlan {
    fileprivate func performKeyValue<Result>(
        _ name: String, _ path: String, isChange: Bool, _ code: KeyValueStoreError.Code, _ body: () throws -> Result
    ) throws -> Result {
        try perform(
            FaultOperation(.keyValue, name, path, isChange: isChange),
            failure: { KeyValueStoreError(code, path: path, message: "injected fault in \(name)") }, body)
    }
}
