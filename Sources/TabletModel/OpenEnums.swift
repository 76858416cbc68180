/// An enumeration of the wire that may gain values: a value this build does not know is kept, shown and sent on as it is.
public protocol OpenEnum: RawRepresentable<Int32>, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    init(rawValue: Int32)
    static var names: [Int32: String] { get }
}

extension OpenEnum {
    @inlinable public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    /// The contract's name, or `UNKNOWN(n)`.
    public var description: String { Self.names[rawValue] ?? "UNKNOWN(\(rawValue))" }
    public var isKnown: Bool { Self.names[rawValue] != nil }

    public init?(name: some StringProtocol) {
        let wanted = name.uppercased()
        guard let found = Self.names.first(where: { $0.value == wanted }) else { return nil }
        self.init(rawValue: found.key)
    }
}

/// `TTaskType` of the wire contract (§3), with the late values that an FE may send.
public struct TaskType: OpenEnum {
    public let rawValue: Int32
    @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let create = TaskType(rawValue: 0)
    public static let drop = TaskType(rawValue: 1)
    public static let push = TaskType(rawValue: 2)
    public static let clone = TaskType(rawValue: 3)
    public static let storageMediumMigrate = TaskType(rawValue: 4)
    public static let makeSnapshot = TaskType(rawValue: 8)
    public static let releaseSnapshot = TaskType(rawValue: 9)
    public static let checkConsistency = TaskType(rawValue: 10)
    public static let upload = TaskType(rawValue: 11)
    public static let download = TaskType(rawValue: 12)
    public static let move = TaskType(rawValue: 14)
    public static let realtimePush = TaskType(rawValue: 15)
    public static let publishVersion = TaskType(rawValue: 16)
    public static let clearAlterTask = TaskType(rawValue: 17)
    public static let clearTransactionTask = TaskType(rawValue: 18)
    public static let updateTabletMetaInfo = TaskType(rawValue: 21)
    public static let alter = TaskType(rawValue: 22)
    public static let compaction = TaskType(rawValue: 25)
    public static let notifyUpdateStoragePolicy = TaskType(rawValue: 27)
    public static let pushCooldownConf = TaskType(rawValue: 28)
    public static let pushStoragePolicy = TaskType(rawValue: 29)
    public static let alterInvertedIndex = TaskType(rawValue: 30)
    public static let gcBinlog = TaskType(rawValue: 31)
    public static let cleanTrash = TaskType(rawValue: 32)
    public static let updateVisibleVersion = TaskType(rawValue: 33)
    public static let cleanUDFCache = TaskType(rawValue: 34)
    public static let pushIndexPolicy = TaskType(rawValue: 35)
    public static let calculateDeleteBitmap = TaskType(rawValue: 1000)
    /// Ours: try a storage resource.
    public static let checkStorage = TaskType(rawValue: 5000)

    public static let names: [Int32: String] = [
        0: "CREATE", 1: "DROP", 2: "PUSH", 3: "CLONE", 4: "STORAGE_MEDIUM_MIGRATE", 5: "ROLLUP", 6: "SCHEMA_CHANGE",
        7: "CANCEL_DELETE", 8: "MAKE_SNAPSHOT", 9: "RELEASE_SNAPSHOT", 10: "CHECK_CONSISTENCY", 11: "UPLOAD",
        12: "DOWNLOAD", 13: "CLEAR_REMOTE_FILE", 14: "MOVE", 15: "REALTIME_PUSH", 16: "PUBLISH_VERSION",
        17: "CLEAR_ALTER_TASK", 18: "CLEAR_TRANSACTION_TASK", 19: "RECOVER_TABLET", 20: "STREAM_LOAD",
        21: "UPDATE_TABLET_META_INFO", 22: "ALTER", 23: "INSTALL_PLUGIN", 24: "UNINSTALL_PLUGIN", 25: "COMPACTION",
        26: "STORAGE_MEDIUM_MIGRATE_V2", 27: "NOTIFY_UPDATE_STORAGE_POLICY", 28: "PUSH_COOLDOWN_CONF",
        29: "PUSH_STORAGE_POLICY", 30: "ALTER_INVERTED_INDEX", 31: "GC_BINLOG", 32: "CLEAN_TRASH",
        33: "UPDATE_VISIBLE_VERSION", 34: "CLEAN_UDF_CACHE", 35: "PUSH_INDEX_POLICY", 1000: "CALCULATE_DELETE_BITMAP",
        5000: "CHECK_STORAGE",
    ]
}

/// `TStatusCode` of the wire contract (§3): how an RPC or a task ended.
public struct StatusCode: OpenEnum {
    public let rawValue: Int32
    @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let ok = StatusCode(rawValue: 0)
    public static let cancelled = StatusCode(rawValue: 1)
    public static let analysisError = StatusCode(rawValue: 2)
    public static let notImplementedError = StatusCode(rawValue: 3)
    public static let runtimeError = StatusCode(rawValue: 4)
    public static let memLimitExceeded = StatusCode(rawValue: 5)
    public static let internalError = StatusCode(rawValue: 6)
    public static let thriftRPCError = StatusCode(rawValue: 7)
    public static let timeout = StatusCode(rawValue: 8)
    public static let publishTimeout = StatusCode(rawValue: 14)
    public static let labelAlreadyExists = StatusCode(rawValue: 15)
    public static let tooManyTasks = StatusCode(rawValue: 16)
    public static let endOfFile = StatusCode(rawValue: 30)
    public static let notFound = StatusCode(rawValue: 31)
    public static let corruption = StatusCode(rawValue: 32)
    public static let invalidArgument = StatusCode(rawValue: 33)
    public static let ioError = StatusCode(rawValue: 34)
    public static let alreadyExist = StatusCode(rawValue: 35)
    public static let networkError = StatusCode(rawValue: 36)
    /// Of newer FEs: the one that answered is not the master (any more).
    public static let notMaster = StatusCode(rawValue: 73)
    public static let illegalState = StatusCode(rawValue: 37)
    public static let notAuthorized = StatusCode(rawValue: 38)
    public static let aborted = StatusCode(rawValue: 39)
    public static let remoteError = StatusCode(rawValue: 40)
    public static let serviceUnavailable = StatusCode(rawValue: 41)
    public static let uninitialized = StatusCode(rawValue: 42)
    public static let incomplete = StatusCode(rawValue: 44)

    public static let names: [Int32: String] = [
        0: "OK", 1: "CANCELLED", 2: "ANALYSIS_ERROR", 3: "NOT_IMPLEMENTED_ERROR", 4: "RUNTIME_ERROR",
        5: "MEM_LIMIT_EXCEEDED", 6: "INTERNAL_ERROR", 7: "THRIFT_RPC_ERROR", 8: "TIMEOUT", 9: "LIMIT_REACH",
        11: "MEM_ALLOC_FAILED", 12: "BUFFER_ALLOCATION_FAILED", 13: "MINIMUM_RESERVATION_UNAVAILABLE",
        14: "PUBLISH_TIMEOUT", 15: "LABEL_ALREADY_EXISTS", 16: "TOO_MANY_TASKS", 30: "END_OF_FILE", 31: "NOT_FOUND",
        32: "CORRUPTION", 33: "INVALID_ARGUMENT", 34: "IO_ERROR", 35: "ALREADY_EXIST", 36: "NETWORK_ERROR",
        37: "ILLEGAL_STATE", 38: "NOT_AUTHORIZED", 39: "ABORTED", 40: "REMOTE_ERROR", 41: "SERVICE_UNAVAILABLE",
        42: "UNINITIALIZED", 43: "CONFIGURATION_ERROR", 44: "INCOMPLETE", 45: "OLAP_ERR_VERSION_ALREADY_MERGED",
        46: "DATA_QUALITY_ERROR", 47: "INVALID_JSON_PATH", 72: "TABLET_MISSING", 73: "NOT_MASTER",
        74: "OBTAIN_LOCK_FAILED",
    ]
}

/// `TStorageMedium`: what a data dir is made of.
public struct StorageMedium: OpenEnum {
    public let rawValue: Int32
    @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let hdd = StorageMedium(rawValue: 0)
    public static let ssd = StorageMedium(rawValue: 1)
    public static let s3 = StorageMedium(rawValue: 2)
    public static let names: [Int32: String] = [0: "HDD", 1: "SSD", 2: "S3", 3: "REMOTE_CACHE"]
}

/// `TPushType`: what a PUSH task asks for.
public struct PushType: OpenEnum {
    public let rawValue: Int32
    @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let load = PushType(rawValue: 0)
    public static let delete = PushType(rawValue: 1)
    public static let loadDelete = PushType(rawValue: 2)
    public static let loadV2 = PushType(rawValue: 3)
    public static let names: [Int32: String] = [0: "LOAD", 1: "DELETE", 2: "LOAD_DELETE", 3: "LOAD_V2"]
}

/// `TPriority` of a task.
public struct TaskPriority: OpenEnum {
    public let rawValue: Int32
    @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let normal = TaskPriority(rawValue: 0)
    public static let high = TaskPriority(rawValue: 1)
    public static let names: [Int32: String] = [0: "NORMAL", 1: "HIGH"]
}
