internal import ClusterMetadata
internal import MasterServices
internal import Platform
internal import TabletModel

/// Which tablets wait for repair, which clones run, and what became of them: a value that is told everything and does
/// nothing. Times come in with the calls.
///
/// Slots can't leak: nothing counts them, `slots` is what the running clones use.
struct TabletScheduler: Sendable {
    /// A tablet that needs something.
    struct Item: Hashable, Sendable {
        let tabletID: TabletID
        var status: TabletHealth.Status
        var priority: TabletHealth.Priority
        /// A person asked for it: nothing goes before it.
        var isForced = false
        let createdAt: MonotonicTime
        let createdWall: UnixTime
        /// Since when it has this status.
        var statusSince: MonotonicTime
        /// Not looked at before this.
        var notBefore: MonotonicTime
        /// Repairs that failed.
        var attempts = 0
        /// Where a new replica could not be made.
        var avoided: Set<BackendID> = []
        /// What it waits for, or why the last attempt failed.
        var message: String
    }

    /// A clone that was sent to a backend.
    struct Running: Hashable, Sendable {
        /// Of this attempt alone; its task's signature, so that the end of an earlier one of the same tablet is not taken
        /// for its own.
        var attempt: Int64
        var item: Item
        var operation: CloneOperation
        var replicaID: ReplicaID
        var startedWall: UnixTime
        /// After this it is given up.
        var deadline: MonotonicTime
    }

    /// A repair that ended.
    struct Ended: Hashable, Sendable {
        var item: Item
        var operation: CloneOperation?
        var droppedFrom: BackendID?
        var isSuccess: Bool
        var startedWall: UnixTime
        var endedWall: UnixTime
        var copiedBytes: Int64
        var message: String
    }

    let configuration: RepairConfiguration
    private(set) var pending: [TabletID: Item] = [:] { didSet { leastUrgent = nil } }
    /// Who would have to make room; nil: to be looked up.
    private var leastUrgent: (tablet: TabletID, urgency: Int)?
    private(set) var running: [TabletID: Running] = [:]
    /// Oldest first.
    private(set) var history: [Ended] = []
    private(set) var totals = RepairCounts()

    init(_ configuration: RepairConfiguration) { self.configuration = configuration }

    /// Clones at work on each disk.
    var slots: [DiskPlace: Int] {
        var used: [DiskPlace: Int] = [:]
        for clone in running.values {
            for place in clone.operation.places { used[place, default: 0] += 1 }
        }
        return used
    }

    // MARK: Waiting

    /// It is not asked for any more, though it may still be in need. - Returns: whether it waited, and was.
    mutating func unforce(_ tablet: TabletID) -> Bool {
        guard pending[tablet]?.isForced == true else { return false }
        pending[tablet]?.isForced = false
        return true
    }

    /// Takes in what the tablet's health is now. A tablet whose clone runs is judged again when that ends.
    /// - Returns: false when there is no room for it: the checker will find it again.
    @discardableResult
    mutating func offer(
        _ tablet: TabletID, _ health: TabletHealth, forced: Bool = false, now: MonotonicTime, wall: UnixTime
    ) -> Bool {
        if health.status == .healthy || health.status == .unrecoverable {
            pending[tablet] = nil
            return true
        }
        guard running[tablet] == nil else { return true }
        if var item = pending[tablet] {
            update(&item, health, forced: forced, now)
            pending[tablet] = item
            return true
        }
        var item = Item(
            tabletID: tablet, status: health.status, priority: health.priority, isForced: forced, createdAt: now,
            createdWall: wall, statusSince: now, notBefore: now + delay(of: health.status), message: health.reason)
        if forced { item.notBefore = now }
        guard makeRoom(for: item) else { return false }
        pending[tablet] = item
        return true
    }

    private func update(_ item: inout Item, _ health: TabletHealth, forced: Bool, _ now: MonotonicTime) {
        if item.status != health.status {
            item.status = health.status
            item.statusSince = now
            item.message = health.reason
            // A failure's backoff stands, whatever is wrong now.
            if item.attempts == 0 { item.notBefore = now + delay(of: health.status) }
        }
        item.priority = health.priority
        if forced {
            item.isForced = true
            item.notBefore = now
        }
    }

    /// How long this must have been so before anything is done.
    private func delay(of status: TabletHealth.Status) -> Duration {
        switch status {
        case .versionIncomplete: configuration.catchUpDelay
        case .redundant: configuration.surplusDelay
        default: .zero
        }
    }

    private mutating func makeRoom(for item: Item) -> Bool {
        guard pending.count + running.count >= configuration.maxScheduling else { return true }
        if leastUrgent == nil {
            let least = pending.values.min { ($0.urgency, $1.tabletID) < ($1.urgency, $0.tabletID) }
            leastUrgent = least.map { ($0.tabletID, $0.urgency) }
        }
        guard let leastUrgent, leastUrgent.urgency < item.urgency else { return false }
        pending[leastUrgent.tablet] = nil
        return true
    }

    /// The tablet is gone, or well again.
    mutating func withdraw(_ tablet: TabletID) { pending[tablet] = nil }

    /// The tablets to look at now, most urgent first.
    func due(now: MonotonicTime, limit: Int) -> [Item] {
        Array(pending.values.filter { $0.notBefore <= now }.sorted { isBefore($0, $1, now) }.prefix(limit))
    }

    /// All that wait, most urgent first.
    func waiting(now: MonotonicTime) -> [Item] { pending.values.sorted { isBefore($0, $1, now) } }

    private func isBefore(_ left: Item, _ right: Item, _ now: MonotonicTime) -> Bool {
        if left.isForced != right.isForced { return left.isForced }
        let (aged, agedRight) = (agedPriority(left, now), agedPriority(right, now))
        if aged != agedRight { return aged > agedRight }
        return (left.createdAt, left.tabletID) < (right.createdAt, right.tabletID)
    }

    /// Waiting makes more urgent, so that nothing waits for ever.
    func agedPriority(_ item: Item, _ now: MonotonicTime) -> Int {
        let age = (now - item.createdAt).wholeNanoseconds / max(configuration.ageing.wholeNanoseconds, 1)
        return min(TabletHealth.Priority.veryHigh.rawValue, item.priority.rawValue + Int(clamping: age))
    }

    /// It can't be done yet; looked at again after `delay`.
    mutating func putOff(_ tablet: TabletID, for delay: Duration, _ reason: String, now: MonotonicTime) {
        pending[tablet]?.message = reason
        pending[tablet]?.notBefore = now + delay
    }

    /// Something changed for all that wait: they are looked at now. What failed keeps its backoff, and what must have stood
    /// for a while its delay.
    mutating func wake(now: MonotonicTime) {
        for (tablet, item) in pending where item.attempts == 0 {
            let start = max(now, item.statusSince + delay(of: item.status))
            pending[tablet]?.notBefore = start
        }
    }

    // MARK: Clones

    /// The clone is about to be sent. False, and nothing changes, when one of the tablet runs already, the tablet was
    /// withdrawn, or a disk has no free slot.
    mutating func start(
        _ operation: CloneOperation, attempt: Int64, replica: ReplicaID, now: MonotonicTime, wall: UnixTime
    ) -> Bool {
        let used = slots
        guard running[operation.tabletID] == nil, let item = pending[operation.tabletID],
            operation.places.allSatisfy({ used[$0, default: 0] < configuration.slotsPerPath })
        else { return false }
        pending[operation.tabletID] = nil
        running[operation.tabletID] = Running(
            attempt: attempt, item: item, operation: operation, replicaID: replica, startedWall: wall,
            deadline: now + operation.lease)
        return true
    }

    /// The running clone of this tablet, if it makes that replica on that backend.
    func clone(of tablet: TabletID, replica: ReplicaID, on backend: BackendID) -> Running? {
        guard let clone = running[tablet], clone.replicaID == replica,
            clone.operation.destination.backendID == backend
        else { return nil }
        return clone
    }

    /// The clone, if it still runs: not given up, and no other attempt in its place.
    private mutating func end(_ clone: Running) -> Bool {
        guard running[clone.operation.tabletID]?.attempt == clone.attempt else { return false }
        running[clone.operation.tabletID] = nil
        return true
    }

    /// It ended well. The tablet is judged anew by the caller. False, and nothing changes, when it was over already.
    mutating func succeeded(_ clone: Running, copiedBytes: Int64, wall: UnixTime, message: String) -> Bool {
        guard end(clone) else { return false }
        totals.clones += 1
        totals.copiedBytes = totals.copiedBytes.addingClamped(max(copiedBytes, 0))
        remember(clone, isSuccess: true, copiedBytes, wall, message)
        return true
    }

    /// It failed, for whatever reason: the tablet waits for its next attempt. False, and nothing changes, when it was over
    /// already.
    mutating func failed(_ clone: Running, _ reason: String, now: MonotonicTime, wall: UnixTime) -> Bool {
        guard end(clone) else { return false }
        totals.failures += 1
        remember(clone, isSuccess: false, 0, wall, reason)
        var item = clone.item
        item.attempts += 1
        item.isForced = false
        if clone.operation.isMaking { item.avoided.insert(clone.operation.destination.backendID) }
        item.message = "attempt \(item.attempts) failed: \(reason)"
        item.notBefore = now + backoff(after: item.attempts)
        if makeRoom(for: item) { pending[item.tabletID] = item }
        return true
    }

    /// A drop was refused or could not be journaled.
    mutating func attemptFailed(_ tablet: TabletID, _ reason: String, now: MonotonicTime) {
        guard var item = pending[tablet] else { return }
        item.attempts += 1
        item.message = "attempt \(item.attempts) failed: \(reason)"
        item.notBefore = now + backoff(after: item.attempts)
        pending[tablet] = item
    }

    func backoff(after attempts: Int) -> Duration {
        Backoff(base: configuration.retryBase, limit: configuration.retryLimit).ceiling(retry: attempts - 1)
    }

    /// Clones whose lease is over, by tablet.
    func expired(now: MonotonicTime) -> [Running] { clones { $0.deadline <= now } }

    /// Clones that write to this backend, by tablet.
    func clones(to backend: BackendID) -> [Running] { clones { $0.operation.destination.backendID == backend } }

    func clones(where isWanted: (Running) -> Bool = { _ in true }) -> [Running] {
        running.values.filter(isWanted).sorted { $0.operation.tabletID < $1.operation.tabletID }
    }

    // MARK: The past

    /// A surplus replica was dropped.
    mutating func dropped(_ tablet: TabletID, from backend: BackendID, wall: UnixTime, message: String) {
        guard let item = pending[tablet] else { return }
        totals.drops += 1
        remember(
            Ended(
                item: item, operation: nil, droppedFrom: backend, isSuccess: true, startedWall: wall, endedWall: wall,
                copiedBytes: 0, message: message))
    }

    private mutating func remember(
        _ clone: Running, isSuccess: Bool, _ copiedBytes: Int64, _ wall: UnixTime, _ message: String
    ) {
        remember(
            Ended(
                item: clone.item, operation: clone.operation, droppedFrom: nil, isSuccess: isSuccess,
                startedWall: clone.startedWall, endedWall: wall, copiedBytes: copiedBytes, message: message))
    }

    private mutating func remember(_ ended: Ended) {
        history.append(ended)
        if history.count > configuration.historyLimit {
            history.removeFirst(history.count - configuration.historyLimit)
        }
    }
}

extension TabletScheduler.Item {
    /// What decides who stays when there is no room.
    fileprivate var urgency: Int { isForced ? TabletHealth.Priority.veryHigh.rawValue + 1 : priority.rawValue }
}
