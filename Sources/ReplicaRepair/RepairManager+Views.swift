internal import ClusterMetadata
public import HTTPAPI
internal import MasterServices
public import TabletModel

// What people and programs see of the repair of tablets.
extension RepairManager {
    /// Looks at these tablets now and puts those in need first.
    public func repair(_ tablets: [TabletID]) -> [RepairTaskView] {
        let inNeed = check(tablets, forced: true)
        let items = with { state in
            inNeed.compactMap { id -> RepairTask? in
                state.scheduler.pending[id].map { .pending($0) } ?? state.scheduler.running[id].map { .running($0) }
            }
        }
        let views = environment.store.read { state in items.map { RepairTaskView($0, in: state) } }
        // Not with the next tick: whoever asks wants to see it begin.
        after(.zero) { $0.tick() }
        return views
    }

    /// Tablets that somebody asked to repair before others wait their turn again. How many there were.
    public func cancelRepair(_ tablets: [TabletID]) -> Int {
        with { state in tablets.count { state.scheduler.unforce($0) } }
    }

    public var schedulerView: SchedulerView {
        let now = environment.monotonicNow
        let (scheduler, scan) = with { ($0.scheduler, $0.scan) }
        let state = environment.store.snapshot()
        return SchedulerView(
            pending: scheduler.waiting(now: now).map { RepairTaskView(.pending($0), in: state) },
            running: scheduler.clones().map { RepairTaskView(.running($0), in: state) },
            history: scheduler.history.reversed().map { RepairTaskView(.ended($0), in: state) },
            slots: slots(scheduler.slots, in: state), unhealthyTablets: scan.lastUnhealthy,
            lastCheckMs: scan.lastEndedAt?.milliseconds ?? 0)
    }

    /// Every disk of a living backend, and those that clones use besides.
    private func slots(_ used: [DiskPlace: Int], in state: ClusterState) -> [RepairSlotView] {
        var places = Set(used.keys)
        for backend in state.backends where state.isAlive(backend.id) {
            for disk in state.status(of: backend.id).disks where disk.isUsed {
                places.insert(DiskPlace(backendID: backend.id, pathHash: disk.pathHash))
            }
        }
        return places.sorted().map { place in
            RepairSlotView(
                backendID: place.backendID, pathHash: place.pathHash, used: Int64(used[place] ?? 0),
                total: Int64(configuration.slotsPerPath))
        }
    }

    public func unhealthyReplicas(of table: TableName?, limit: Int) throws -> [UnhealthyReplicaView] {
        let state = environment.store.snapshot()
        let facts = self.facts(state)
        let tables = try table.map { [try state.requireTable($0)] } ?? state.tables
        let ids = tables.flatMap(\.readableTabletIDs).sorted()
        var views: [UnhealthyReplicaView] = []
        var cursor = TabletCursor(state.tablets)
        for id in ids where views.count < limit && cursor.seek(id) {
            guard let visible = state.partition(of: cursor.tablet)?.visibleVersion else { continue }
            let isHealthy = (0..<cursor.replicaCount).allSatisfy {
                let replica = cursor.replica(at: $0)
                return state.isHealthy(replica, visible: visible)
            }
            guard !isHealthy, let tablet = TabletView(id, in: state).map({ dated($0) }) else { continue }
            let (repair, note) = plan(for: id, in: state, facts)
            for replica in tablet.replicas where !replica.isHealthy && views.count < limit {
                views.append(
                    UnhealthyReplicaView(
                        tabletID: id, table: tablet.table, bucket: tablet.bucket,
                        visibleVersion: tablet.visibleVersion, replica: replica, repair: repair, note: note))
            }
        }
        return views
    }

    /// What the scheduler does about the tablet, or why nothing.
    private func plan(for id: TabletID, in state: ClusterState, _ facts: RepairFacts) -> (repair: String, note: String)
    {
        let (pending, running) = with { ($0.scheduler.pending[id], $0.scheduler.running[id]) }
        if let running { return ("running", RepairTask.running(running).message) }
        if let pending { return ("pending", configuration.isDisabled ? Self.disabledNote : pending.message) }
        guard let subject = RepairSubject(id, in: state) else { return ("", "its table is still being made") }
        let health = subject.health(facts)
        switch health.status {
        case .healthy:
            let seconds = configuration.deadBackendGrace.wholeMilliseconds / 1000
            return ("", "its backend may come back: the replica is made anew elsewhere after \(seconds) seconds")
        case .unrecoverable, .replicaUnreadable: return ("", health.reason)
        default:
            return ("", configuration.isDisabled ? Self.disabledNote : "found by the next round of the tablet checker")
        }
    }

    private static let disabledNote = "the scheduler is off: disable_tablet_scheduler is set"

    /// Puts in since when its replicas have not been healthy.
    public func dated(_ tablet: TabletView) -> TabletView {
        var tablet = tablet
        let now = environment.wallNow
        let alive = environment.store.read { state in tablet.replicas.map { state.isAlive($0.backendID) } }
        for place in tablet.replicas.indices where !tablet.replicas[place].isHealthy {
            let replica = tablet.replicas[place]
            tablet.replicas[place].unhealthySinceMs = with { state in
                if !alive[place] { return (state.deadSince[replica.backendID] ?? state.started).wall.milliseconds }
                state.unhealthy.note(replica.id, round: state.scan.round, now: now)
                return (state.unhealthy.since(replica.id) ?? now).milliseconds
            }
        }
        return tablet
    }

    public var totals: RepairTotals {
        with { state in
            RepairTotals(
                unhealthyTablets: state.scan.lastUnhealthy, unrecoverableTablets: state.scan.lastUnrecoverable,
                pending: Int64(state.scheduler.pending.count), running: Int64(state.scheduler.running.count),
                totals: state.scheduler.totals)
        }
    }
}

/// What the scheduler has done since the FE started.
public struct RepairCounts: Hashable, Sendable {
    public var clones: Int64 = 0
    public var failures: Int64 = 0
    public var copiedBytes: Int64 = 0
    public var drops: Int64 = 0
}

public struct RepairTotals: Hashable, Sendable {
    public var unhealthyTablets: Int64
    public var unrecoverableTablets: Int64
    public var pending: Int64
    public var running: Int64
    public var totals: RepairCounts
}

/// A tablet in the scheduler's hands, at whatever stage.
enum RepairTask: Hashable, Sendable {
    case pending(TabletScheduler.Item)
    case running(TabletScheduler.Running)
    case ended(TabletScheduler.Ended)

    var item: TabletScheduler.Item {
        switch self {
        case .pending(let item): item
        case .running(let clone): clone.item
        case .ended(let ended): ended.item
        }
    }

    var operation: CloneOperation? {
        switch self {
        case .pending: nil
        case .running(let clone): clone.operation
        case .ended(let ended): ended.operation
        }
    }

    var message: String {
        switch self {
        case .pending(let item): item.message
        case .running(let clone):
            "backend \(clone.operation.destination.backendID) clones up to version \(clone.operation.version)"
        case .ended(let ended): ended.message
        }
    }
}

extension RepairTaskView {
    init(_ task: RepairTask, in state: ClusterState) {
        let item = task.item
        let table = state.tablets.tablet(item.tabletID).map { state.tableName($0.tableID) }
        self.init(
            tabletID: item.tabletID, table: table ?? TableName(database: "?", table: "?"),
            status: item.status.rawValue, priority: item.priority.name, state: "pending",
            sourceBackendIDs: task.operation?.sources ?? [],
            destinationBackendID: task.operation?.destination.backendID,
            destinationPathHash: task.operation?.destination.pathHash, attempts: Int64(item.attempts),
            createdMs: item.createdWall.milliseconds, startedMs: 0, endedMs: 0, copiedBytes: 0, message: task.message)
        switch task {
        case .pending: break
        case .running(let clone):
            self.state = "running"
            startedMs = clone.startedWall.milliseconds
        case .ended(let ended):
            self.state = ended.isSuccess ? "finished" : "failed"
            startedMs = ended.startedWall.milliseconds
            endedMs = ended.endedWall.milliseconds
            copiedBytes = ended.copiedBytes
            destinationBackendID = ended.droppedFrom ?? destinationBackendID
        }
    }
}
