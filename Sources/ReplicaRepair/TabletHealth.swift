internal import ClusterMetadata
internal import TabletModel

/// What is wrong with a tablet and how urgent that is: a pure function of its replicas and the backends.
struct TabletHealth: Hashable, Sendable {
    /// As Doris names them; `REPLICA_BAD` and `UNRECOVERABLE` included.
    enum Status: String, Hashable, Sendable, CaseIterable {
        case healthy = "HEALTHY"
        /// There are fewer replicas than the table wants.
        case replicaMissing = "REPLICA_MISSING"
        /// A replica on a living backend lacks versions.
        case versionIncomplete = "VERSION_INCOMPLETE"
        /// A replica on a living backend is lost or damaged.
        case replicaBad = "REPLICA_BAD"
        /// Whole replicas whose rows can't be read, for a reason that a copy would share: for a person to see. Nothing is
        /// done about it, and it passes when they can be read again.
        case replicaUnreadable = "REPLICA_UNREADABLE"
        /// A replica must leave a backend that is being drained.
        case replicaRelocating = "REPLICA_RELOCATING"
        /// More whole replicas than the table wants.
        case redundant = "REDUNDANT"
        /// Enough whole replicas, and others that count for nothing.
        case forceRedundant = "FORCE_REDUNDANT"
        /// No replica is left to copy from: for a person to see. Nothing is ever done about it.
        case unrecoverable = "UNRECOVERABLE"
    }

    enum Priority: Int, Hashable, Comparable, Sendable, CaseIterable {
        case low, normal, high, veryHigh

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

        var name: String {
            switch self {
            case .low: "LOW"
            case .normal: "NORMAL"
            case .high: "HIGH"
            case .veryHigh: "VERY_HIGH"
            }
        }
    }

    var status: Status
    var priority: Priority = .normal
    /// Empty when it is healthy.
    var reason = ""

    static let healthy = TabletHealth(status: .healthy, priority: .low)

    /// Every replica is good and there are as many as wanted: the answer for nearly all tablets, without allocating.
    @inline(__always)
    static func isQuiet(
        _ replicas: UnsafeBufferPointer<Replica>, visible: Version, wanted: Int, facts: RepairFacts
    ) -> Bool {
        guard replicas.count == wanted else { return false }
        for replica in replicas where facts.condition(of: replica, visible: visible) != .good { return false }
        return true
    }

    /// - Parameter wanted: the table's replication count.
    init(_ replicas: [Replica], visible: Version, wanted: Int, facts: RepairFacts) {
        var count = ConditionCounts()
        for replica in replicas { count.add(facts.condition(of: replica, visible: visible)) }
        let hasSource = replicas.contains { facts.isSource($0) }
        self = Self.judge(count, wanted: wanted, hasSource: hasSource)
        if status == .unrecoverable { reason = Self.losses(replicas, facts) }
        if status == .replicaUnreadable { reason = Self.unreadable(replicas, facts) }
    }

    private init(status: Status, priority: Priority, reason: String = "") {
        self.status = status
        self.priority = priority
        self.reason = reason
    }

    private static func judge(_ count: ConditionCounts, wanted: Int, hasSource: Bool) -> TabletHealth {
        if !hasSource, count[.away] == 0 { return TabletHealth(status: .unrecoverable, priority: .veryHigh) }
        let readable = count[.good] + count[.leaving]
        let isLast = readable < min(wanted, 2)
        let readableText = "\(readable) of \(wanted) replicas can be read"
        // Nobody needs what else there is: repairing it would never end where its disk is the trouble.
        if count[.good] >= wanted { return surplus(count, wanted: wanted) }
        if count[.behind] > 0 {
            return TabletHealth(
                status: .versionIncomplete, priority: isLast ? .veryHigh : .high,
                reason: "\(count[.behind]) lack versions; \(readableText)")
        }
        if count[.bad] > 0 {
            return TabletHealth(
                status: .replicaBad, priority: isLast ? .veryHigh : .high,
                reason: "\(count[.bad]) are lost or damaged; \(readableText)")
        }
        // Those that are there, or will be again.
        let present = count[.good] + count[.away] + count[.unreadable]
        let isUnfinished = count[.cloning] > 0 && count[.good] < wanted
        if present < wanted || isUnfinished {
            if present < wanted, present + count[.cloning] + count[.leaving] >= wanted, count[.leaving] > 0 {
                return TabletHealth(
                    status: .replicaRelocating, priority: .normal,
                    reason: "\(count[.leaving]) must leave a backend that is being drained")
            }
            return TabletHealth(
                status: .replicaMissing, priority: isLast ? .veryHigh : .normal,
                reason: "\(wanted - count[.good]) are missing or unfinished; \(readableText)")
        }
        if count[.unreadable] > 0 {
            return TabletHealth(status: .replicaUnreadable, priority: isLast ? .veryHigh : .high)
        }
        return .healthy
    }

    /// As many are good as are wanted.
    private static func surplus(_ count: ConditionCounts, wanted: Int) -> TabletHealth {
        let useless = count[.gone] + count[.leaving] + count[.cloning] + count[.bad] + count[.unreadable]
        if useless > 0 {
            return TabletHealth(
                status: .forceRedundant, priority: .low,
                reason: "\(wanted) are whole; \(useless) more are damaged, unfinished, or on dead or drained backends")
        }
        // One that is behind may have taken the rows of a load that is under way: it has its time, too.
        guard count[.good] + count[.behind] > wanted else { return .healthy }
        return TabletHealth(
            status: .redundant, priority: .low,
            reason: "\(count[.good]) are whole and \(count[.behind]) behind, \(wanted) are wanted")
    }

    private static func unreadable(_ replicas: [Replica], _ facts: RepairFacts) -> String {
        let reasons = replicas.compactMap { replica in
            facts.backends[replica.backendID]?.unreadable[replica.id].map {
                "backend \(replica.backendID) can't read its replica: \($0.reason)"
            }
        }
        return reasons.joined(separator: "; ")
    }

    private static func losses(_ replicas: [Replica], _ facts: RepairFacts) -> String {
        if replicas.isEmpty { return "it has no replica left" }
        let parts = replicas.map { replica in
            if !facts.isAlive(replica.backendID) { return "backend \(replica.backendID) is dead" }
            if replica.state == .clone { return "the replica on backend \(replica.backendID) was never finished" }
            return "the data on backend \(replica.backendID) is lost or damaged"
        }
        return "no replica is left to copy from: " + parts.joined(separator: ", ")
            + "; bring one of these backends or disks back"
    }
}

/// How many replicas of a tablet are in which condition.
struct ConditionCounts: Hashable, Sendable {
    private var counts = [Int](repeating: 0, count: ReplicaCondition.allCases.count)

    mutating func add(_ condition: ReplicaCondition) { counts[Int(condition.rawValue)] += 1 }
    subscript(condition: ReplicaCondition) -> Int { counts[Int(condition.rawValue)] }
}
