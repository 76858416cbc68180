internal import ClusterMetadata
internal import MasterServices
internal import TabletModel

/// One data dir of one backend; path hash 0 stands for "the backend chooses".
struct DiskPlace: Hashable, Comparable, Sendable, CustomStringConvertible {
    var backendID: BackendID
    var pathHash: Int64

    static func < (left: Self, right: Self) -> Bool {
        (left.backendID, left.pathHash) < (right.backendID, right.pathHash)
    }

    var description: String {
        pathHash == 0 ? "backend \(backendID)" : "backend \(backendID), path hash \(pathHash)"
    }
}

/// What the repair of tablets must know of a backend.
struct BackendFacts: Hashable, Sendable {
    struct Disk: Hashable, Sendable {
        var pathHash: Int64
        var isOnline: Bool
        /// Why it takes no rows and no replica although it is online; empty while it does.
        var refusal = ""
        var availableBytes: Int64
        /// In thousandths.
        var usedPermille: Int
    }

    var address: BackendAddress
    var isAlive: Bool
    /// It answers heartbeats, but nothing comes from it: others can copy from it, but what it is told to do is never known to
    /// be done.
    var isLate = false
    /// It has been dead or late for longer than the grace period: nobody waits for it any longer.
    var isGone = false
    var isDecommissioned = false
    /// nil: it is in no cluster.
    var place: ShardPlace?
    /// False for a backend of role "computation".
    var holdsTablets = true
    /// False for a backend of Doris: nothing can be copied to it or from it.
    var hasOurRows = true
    var disks: [Disk] = []
    var replicaCount = 0
    /// Its process, as it runs now, has reported its tablets to this FE.
    var hasReported = false
    /// Replicas on it that can't be read although their versions are whole.
    var unreadable: [ReplicaID: UnreadableReplica] = [:]

    /// Nothing is held against a disk that was not reported yet.
    func isOffline(_ pathHash: Int64) -> Bool {
        pathHash != 0 && disks.contains { $0.pathHash == pathHash && !$0.isOnline }
    }

    /// Why the disk takes no rows although its replicas can be read: it is full, or read-only. nil when it does.
    func refusal(_ pathHash: Int64) -> String? {
        guard pathHash != 0, let disk = disks.first(where: { $0.pathHash == pathHash }), disk.isOnline else {
            return nil
        }
        return disk.refusal.isEmpty ? nil : disk.refusal
    }
}

/// All backends as they are at one moment.
struct RepairFacts: Sendable {
    var backends: [BackendID: BackendFacts] = [:]

    init(backends: [BackendID: BackendFacts] = [:]) { self.backends = backends }

    /// - Parameter deadFor: how long a backend that is dead now has been so; counted from the start of the FE at most.
    init(_ state: ClusterState, grace: Duration, deadFor: (BackendID) -> Duration, now: MonotonicTime? = nil) {
        func lateFor(_ status: BackendStatus) -> Duration {
            guard let since = status.lateSince, let now else { return .zero }
            return now - since
        }
        for backend in state.backends {
            let status = state.status(of: backend.id)
            backends[backend.id] = BackendFacts(
                address: backend.address, isAlive: status.isAlive, isLate: status.lateSince != nil,
                isGone: status.isAlive ? lateFor(status) >= grace : deadFor(backend.id) >= grace,
                isDecommissioned: backend.isDecommissioned, place: backend.place,
                holdsTablets: backend.nodeRole != "computation", hasOurRows: backend.foreignRows == nil,
                disks: status.disks.map { BackendFacts.Disk($0) },
                replicaCount: state.tablets.tablets(on: backend.id).count, hasReported: status.hasReportedTablets,
                unreadable: status.unreadable)
        }
    }

    func isAlive(_ id: BackendID) -> Bool { backends[id]?.isAlive ?? false }
}

extension BackendFacts.Disk {
    init(_ disk: DiskReport) {
        // A report may say anything.
        let total = max(disk.totalBytes, 1)
        let available = min(max(disk.availableBytes, 0), total)
        let used = Double(total - available) / Double(total) * 1000
        self.init(
            pathHash: disk.pathHash, isOnline: disk.isUsed, refusal: Self.refusal(disk), availableBytes: available,
            usedPermille: Int(used))
    }

    private static func refusal(_ disk: DiskReport) -> String {
        guard disk.isUsed, !disk.takesData else { return "" }
        return "\(disk.rootPath) is \(disk.condition.state)"
    }
}

/// What one replica counts for.
enum ReplicaCondition: UInt8, Hashable, Sendable, CaseIterable {
    /// Alive, whole, at the visible version: it serves readers and is meant to stay.
    case good
    /// As good, but its backend is being drained.
    case leaving
    /// Its backend is dead or late, and may come back any moment.
    case away
    /// Its backend is dead or late for good, or being drained while the replica is not whole: counts for nothing.
    case gone
    /// On a living backend, but lacks versions.
    case behind
    /// Its data is lost or damaged, on a living backend.
    case bad
    /// Whole by its versions, on a living backend, and some of its rows can't be read: for a reason that a copy of it would
    /// share.
    case unreadable
    /// It is being made.
    case cloning
}

extension RepairFacts {
    @inline(__always)
    func condition(of replica: Replica, visible: Version) -> ReplicaCondition {
        guard let backend = backends[replica.backendID] else { return .gone }
        guard backend.isAlive, !backend.isLate else { return backend.isGone ? .gone : .away }
        if replica.state == .clone { return backend.isDecommissioned ? .gone : .cloning }
        var isBad = replica.isBad || (!backend.disks.isEmpty && backend.isOffline(replica.pathHash))
        var isUnreadable = false
        if !backend.unreadable.isEmpty, let trouble = backend.unreadable[replica.id] {
            if trouble.isHealedByCopy { isBad = true } else { isUnreadable = true }
        }
        let isWhole = !isBad && !isUnreadable && replica.versions.isComplete(upTo: visible)
        if backend.isDecommissioned || replica.state == .decommission {
            // What may be read again is not given up while its backend is drained.
            return isWhole ? .leaving : isUnreadable && !isBad ? .unreadable : .gone
        }
        if isWhole { return .good }
        if isBad { return .bad }
        return isUnreadable && replica.versions.isComplete(upTo: visible) ? .unreadable : .behind
    }

    /// What is known of the replica was seen by this FE and is of the backend's process as it runs now.
    func hasSeen(_ replica: Replica) -> Bool {
        replica.isReported && backends[replica.backendID]?.hasReported == true
    }

    /// On a living backend: what a person would call healthy.
    func isHealthy(_ replica: Replica, visible: Version) -> Bool {
        replica.isHealthy(isAlive: true, visible: visible)
            && backends[replica.backendID]?.unreadable[replica.id] == nil
    }

    /// Has something that others can copy.
    func isSource(_ replica: Replica) -> Bool {
        isAlive(replica.backendID) && backends[replica.backendID]?.hasOurRows == true
            && !replica.isBad && replica.state != .clone
            && backends[replica.backendID]?.isOffline(replica.pathHash) != true
    }
}
