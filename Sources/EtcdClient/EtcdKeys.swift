/// Keys of etcd, in the order of their bytes.
public struct EtcdKeyRange: Hashable, Sendable {
    public var key: String
    /// The first one behind; nil: `key` alone.
    public var end: String?

    private init(key: String, end: String?) {
        self.key = key
        self.end = end
    }

    public static func key(_ key: String) -> EtcdKeyRange { EtcdKeyRange(key: key, end: nil) }
    public static func range(from key: String, to end: String) -> EtcdKeyRange { EtcdKeyRange(key: key, end: end) }

    /// All that begin so. - Parameter prefix: its last character is ASCII.
    public static func prefix(_ prefix: String) -> EtcdKeyRange {
        var end = Array(prefix.utf8)
        precondition(end.last.map { $0 < 0x7F } ?? false, "a prefix ends with an ASCII character")
        end[end.count - 1] += 1
        return EtcdKeyRange(key: prefix, end: String(decoding: end, as: UTF8.self))
    }
}

/// A key with its value, at some revision.
public struct EtcdKeyValue: Hashable, Sendable {
    public var key: String
    /// Empty when keys alone were asked for.
    public var value: [UInt8]
    /// When the key came to be; a key that is deleted and put again has a new one.
    public var createRevision: Int64
    public var modifyRevision: Int64
    /// 0: none.
    public var leaseID: Int64
}

/// What to read.
public struct EtcdRangeQuery: Hashable, Sendable {
    public var keys: EtcdKeyRange
    /// 0: no limit.
    public var limit: Int
    public var keysOnly: Bool

    public init(_ keys: EtcdKeyRange, limit: Int = 0, keysOnly: Bool = false) {
        self.keys = keys
        self.limit = limit
        self.keysOnly = keysOnly
    }
}

/// What was read, in the order of keys.
public struct EtcdRange: Hashable, Sendable {
    /// Of the whole store, when it was read.
    public var revision: Int64
    public var values: [EtcdKeyValue]
    /// There are more than the limit.
    public var hasMore: Bool
}

/// What must hold for a transaction to be made.
public enum EtcdCompare: Hashable, Sendable {
    case createRevision(String, Int64)
    case modifyRevision(String, Int64)
    /// False for a key that is not there.
    case value(String, [UInt8])

    public static func isAbsent(_ key: String) -> EtcdCompare { .createRevision(key, 0) }
}

public enum EtcdOperation: Hashable, Sendable {
    /// - leaseID: 0: none.
    case put(String, [UInt8], leaseID: Int64 = 0)
    case delete(EtcdKeyRange)
    case get(EtcdRangeQuery)
}

/// Compares, and what is done when all of them hold or not: as one. At most 128 operations each, 1.5 MiB together.
public struct EtcdTransaction: Hashable, Sendable {
    public var compares: [EtcdCompare]
    public var success: [EtcdOperation]
    public var failure: [EtcdOperation]

    public init(compares: [EtcdCompare], success: [EtcdOperation], failure: [EtcdOperation] = []) {
        self.compares = compares
        self.success = success
        self.failure = failure
    }
}

public struct EtcdTransactionAnswer: Hashable, Sendable {
    /// Of the whole store, behind it.
    public var revision: Int64
    /// The compares held.
    public var succeeded: Bool
    /// What the operations that were done have read, each at its place; nothing for those that read nothing.
    public var reads: [[EtcdKeyValue]]
}
