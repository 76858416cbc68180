/// What a frontend of the kit knows of a tablet.
struct PeerTablet: Sendable {
    var id: Int64
    var tableID: Int64 = 11
    var partitionID: Int64
    var schemaHash: Int64 = 4711
    /// The tablet that this one is to be the new half of.
    var base: Int64?
    var isInMemory = false
    /// Of `PeerPolicy`.
    var policyID: Int64?
    var cooldownReplica: Int64 = -1
    var cooldownTerm: Int64 = -1
}

struct PeerReplica: Sendable {
    var id: Int64
    var tablet: Int64
    var backend: Int64
    var version: Int64 = 1
    var lastFailed: Int64 = -1
    var lastSuccess: Int64 = 1
    var isBad = false
    /// A clone makes it.
    var isCloning = false
    /// The last report of it.
    var reported: WireRecord?

    /// §7 of the contract, `updateVersionInfo`.
    mutating func update(to new: Int64) {
        guard new >= version else { return }
        version = new
        if lastSuccess <= lastFailed || lastFailed < 0 { lastSuccess = new }
        if version >= lastFailed {
            lastFailed = -1
            version = max(version, lastSuccess)
        }
    }
}

struct PeerTransaction: Sendable {
    var id: Int64
    var partition: Int64
    var version: Int64
    var tablets: Set<Int64>
    /// Backends that were told to publish.
    var asked: Set<Int64>
    var ended: Set<Int64> = []
    /// Per backend, the tablets that have the version.
    var succeeded: [Int64: Set<Int64>] = [:]
    var isVisible = false
    var isAborted = false
}

/// A storage policy with its resource.
public struct PeerPolicy: Sendable, Hashable {
    public var id: Int64
    public var name: String
    public var version: Int64
    public var resourceID: Int64
    public var resourceVersion: Int64
    public var ttlSeconds: Int64

    public init(
        id: Int64, name: String, version: Int64, resourceID: Int64, resourceVersion: Int64, ttlSeconds: Int64
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.resourceID = resourceID
        self.resourceVersion = resourceVersion
        self.ttlSeconds = ttlSeconds
    }

    var store: WireRecord {
        WireRecord(
            "TS3StorageParam",
            [
                "s3_endpoint": "http://127.0.0.1:1", "s3_region": "us-east-1", "s3_ak": "ak", "s3_sk": "sk",
                "root_path": "peer", "bucket": "bucket",
            ])
    }

    var lateStore: WireRecord {
        WireRecord(
            "TS3StorageParam",
            [
                "endpoint": "http://127.0.0.1:1", "region": "us-east-1", "ak": "ak", "sk": "sk", "root_path": "peer",
                "bucket": "bucket", "use_path_style": true, "provider": 1, "cred_provider_type": 1,
            ])
    }

    /// As January 2023 sends it.
    var entry: WireRecord {
        WireRecord(
            "TGetStoragePolicy",
            [
                "policy_name": .text(name), "cooldown_datetime": -1, "cooldown_ttl": .number(ttlSeconds),
                "s3_storage_param": .record(store), "md5_checksum": .text("md5-\(version)-\(resourceVersion)"),
            ])
    }
}

struct PeerBackend: Sendable {
    var heartbeatPort: Int32
    var bePort: Int32 = 0
    var httpPort: Int32 = 0
    var startMs: Int64 = 0
    var reportVersion: Int64 = 0
    var heartbeats = 0
    var reports: [String: Int] = [:]
    /// Policies and resources that it has reported, id → version; nil = never.
    var policies: [Int64: Int64]?
    var resources: [Int64: Int64]?
    /// Restarts that a test has caused.
    var allowsRestart = false
}

struct TaskKey: Hashable, Sendable {
    var backend: Int64
    var type: Int64
    var signature: Int64
}

struct QueuedTask: Sendable {
    var request: WireRecord
    var cause: String
    /// Set for a publish only, seconds.
    var created: Double?
    var failures = 0
}

/// One more sending of a task, and why.
public struct SentTask: Hashable, Sendable, CustomStringConvertible {
    public var backend: Int64
    public var type: String
    public var signature: Int64
    public var cause: String
    public var description: String { "\(type) \(signature) to \(backend): \(cause)" }
}

struct FrontendState: Sendable {
    var year: PeerYear
    var epoch: Int64 = 1
    var backends: [Int64: PeerBackend] = [:]
    var tablets: [Int64: PeerTablet] = [:]
    var replicas: [Int64: [PeerReplica]] = [:]
    var visible: [Int64: Int64] = [:]
    var transactions: [Int64: PeerTransaction] = [:]
    var policies: [PeerPolicy] = []
    var queue: [TaskKey: QueuedTask] = [:]
    var ends: [TaskKey: [WireRecord]] = [:]
    var sent: [SentTask: Int] = [:]
    /// Corrections with the number of the tablet report that caused each.
    var corrections: [(task: SentTask, round: Int)] = []
    /// Entries that the frontend would have journaled because of a report.
    var journal: [String: Int] = [:]
    var nextID: Int64 = 20_000
    /// 2023: tablets whose conf is on its way.
    var cooldownJobs: Set<Int64> = []
    /// 2026: tablets that await a cooldown replica.
    var cooldownUpdates: Set<Int64> = []

    mutating func newID() -> Int64 {
        nextID += 1
        return nextID
    }

    func backend(host: String, port: Int64) -> Int64? {
        host == "127.0.0.1" ? backends.first { Int64($0.value.bePort) == port }?.key : nil
    }

    mutating func replica(_ tablet: Int64, on backend: Int64, _ change: (inout PeerReplica) -> Void) {
        guard let index = replicas[tablet]?.firstIndex(where: { $0.backend == backend }) else { return }
        change(&replicas[tablet]![index])
    }

    /// Tablet reports of a backend so far.
    func round(_ backend: Int64) -> Int { backends[backend]?.reports["tablets"] ?? 0 }
}
