/// A tablet of a backend of the kit: the metadata that a frontend sets, and the versions.
struct HeldTablet: Sendable {
    var schemaHash: Int64
    var partitionID: Int64
    var replicaID: Int64
    var version: Int64
    var isInMemory = false
    /// 2023: a name, empty = none. 2026: an id.
    var policyName = ""
    var policyID: Int64?
    var disablesAutoCompaction = false
    var cooldownReplica: Int64 = -1
    var cooldownTerm: Int64 = -1
}

struct BackendState: Sendable {
    var frontendPort: Int32 = 0
    var backendID: Int64 = 0
    var clusterID: Int64 = -1
    var epoch: Int64 = 0
    var token: String?
    var heartbeats = 0
    var tablets: [Int64: HeldTablet] = [:]
    /// Tablets written by a transaction.
    var transactions: [Int64: Set<Int64>] = [:]
    var reportVersion: Int64
    /// Type → signatures that are being worked on.
    var registered: [Int64: Set<Int64>] = [:]
    /// Policies by name (2023: their checksum) or by id (2026: their version).
    var policyChecksums: [String: String] = [:]
    var policyVersions: [Int64: Int64] = [:]
    var resourceVersions: [Int64: Int64] = [:]
    /// What came, and how often, with the seconds of the last time.
    var received: [String: (count: Int, last: Double)] = [:]
    var ended: [String: Int] = [:]
    var reports: [String: Int] = [:]
    var hasEnded: String?
    var isStopped = false
}
