internal import ClusterMetadata
internal import Platform
internal import TabletModel

/// Which tablets move between disks, what became of the last ones, and which the balancer leaves alone: a value that is told
/// everything and does nothing. Bounded.
struct DiskMoveBook: Sendable {
    /// How a move ended, the newest of each replica.
    struct Ended: Hashable, Sendable {
        var move: DiskMove
        /// Why it failed; nil when it did not.
        var failure: String?
        var endedAt: UnixTime
    }

    private(set) var running: [ReplicaKey: DiskMove] = [:]
    private(set) var ended: [ReplicaKey: Ended] = [:]
    /// Oldest first.
    private var order: [ReplicaKey] = []
    /// Tablets that the balancer moved, or failed to move, not long ago, and until when they rest.
    private(set) var resting: [ReplicaKey: MonotonicTime] = [:]
    /// Backends whose disk report is older than this tell of their disks as they were before the last move.
    private(set) var settledAt: [BackendID: UnixTime] = [:]
    private let historyLimit: Int

    init(historyLimit: Int) { self.historyLimit = historyLimit }

    /// False, and nothing changes, when the replica moves already.
    mutating func begin(_ move: DiskMove) -> Bool {
        guard running[move.key] == nil else { return false }
        running[move.key] = move
        return true
    }

    /// - Returns: the move, if it still ran.
    mutating func end(
        _ key: ReplicaKey, failure: String?, wall: UnixTime, now: MonotonicTime, rest: Duration
    ) -> DiskMove? {
        guard let move = running.removeValue(forKey: key) else { return nil }
        if ended[key] != nil { order.removeAll { $0 == key } }
        order.append(key)
        ended[key] = Ended(move: move, failure: failure, endedAt: wall)
        while order.count > historyLimit { ended[order.removeFirst()] = nil }
        settledAt[key.backendID] = wall
        if move.isBalancing { resting[key] = now + rest }
        return move
    }

    mutating func expired(now: MonotonicTime) -> [DiskMove] {
        resting = resting.filter { $0.value > now }
        return running.values.filter { $0.deadline <= now }.sorted { $0.key < $1.key }
    }

    func moves(on backend: BackendID) -> [DiskMove] {
        running.values.filter { $0.key.backendID == backend }.sorted { $0.key < $1.key }
    }

    mutating func forget(_ backend: BackendID) { settledAt[backend] = nil }
}
