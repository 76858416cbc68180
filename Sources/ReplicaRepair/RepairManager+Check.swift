internal import ClusterMetadata
internal import Logging
internal import MasterServices
internal import TabletModel

/// One round over all tablets, in steps.
struct ReplicaScan: Hashable, Sendable {
    /// Where the next step begins; nil: no round is under way.
    var position: TabletID?
    /// Another round is wanted after this one.
    var isWantedAgain = false
    var round: Int64 = 0
    /// Found so far in this round, and in all of the last one.
    var unhealthy: Int64 = 0
    var lastUnhealthy: Int64 = 0
    var lastUnrecoverable: Int64 = 0
    var unrecoverable: Int64 = 0
    var lastEndedAt: UnixTime?
}

/// Since when replicas on living backends have not been healthy, as seen by this FE. What a round over all tablets does not
/// see again is forgotten.
struct UnhealthyReplicas: Sendable {
    private struct Record {
        var since: UnixTime
        var round: Int64
    }

    private var records: [ReplicaID: Record] = [:]

    var count: Int { records.count }

    mutating func note(_ replica: ReplicaID, round: Int64, now: UnixTime) {
        records[replica, default: Record(since: now, round: round)].round = round
    }

    mutating func forget(_ replica: ReplicaID) { records[replica] = nil }
    mutating func forget(seenBefore round: Int64) { records = records.filter { $0.value.round >= round } }
    func since(_ replica: ReplicaID) -> UnixTime? { records[replica]?.since }
}

// The tablet checker: looks at every tablet, a slice of them a step, so that a million tablets hold nobody up.
extension RepairManager {
    /// Begins a round over all tablets soon; when one is under way, another follows.
    func requestScan() {
        let begins = with { state in
            if state.scan.position != nil {
                state.scan.isWantedAgain = true
                return false
            }
            state.scan.position = 0
            state.scan.round += 1
            state.scan.unhealthy = 0
            state.scan.unrecoverable = 0
            return true
        }
        if begins { after(.zero) { $0.scanStep() } }
    }

    private struct Finding {
        var tabletID: TabletID
        var health: TabletHealth
    }

    private func scanStep() {
        guard let start = with({ $0.scan.position }) else { return }
        let (findings, replicas, next) = look(from: start)
        let now = now
        let isOver = with { state in
            for replica in replicas { state.unhealthy.note(replica, round: state.scan.round, now: now.wall) }
            for finding in findings {
                state.scan.unhealthy += 1
                if finding.health.status == .unrecoverable { state.scan.unrecoverable += 1 }
                state.scheduler.offer(finding.tabletID, finding.health, now: now.monotonic, wall: now.wall)
            }
            state.scan.position = next
            return next == nil
        }
        guard isOver else {
            after(.milliseconds(1)) { $0.scanStep() }
            return
        }
        endScan(now)
    }

    private func look(from start: TabletID) -> (findings: [Finding], replicas: [ReplicaID], next: TabletID?) {
        let snapshot = environment.store.snapshot()
        let facts = self.facts(snapshot)
        var findings: [Finding] = []
        var unhealthy: [ReplicaID] = []
        var scope = ScanScope()
        let next = snapshot.tablets.forEach(from: start, count: configuration.checkSlice) { tablet, replicas in
            if tablet.indexID != scope.indexID { scope = ScanScope(tablet, in: snapshot) }
            guard scope.isNormal,
                !TabletHealth.isQuiet(replicas, visible: scope.visible, wanted: scope.wanted, facts: facts)
            else { return }
            for replica in replicas
            where facts.isAlive(replica.backendID) && !facts.isHealthy(replica, visible: scope.visible) {
                unhealthy.append(replica.id)
            }
            let health = TabletHealth(Array(replicas), visible: scope.visible, wanted: scope.wanted, facts: facts)
            if health.status != .healthy { findings.append(Finding(tabletID: tablet.id, health: health)) }
        }
        return (findings, unhealthy, next)
    }

    /// What the tablets of one index have in common.
    private struct ScanScope {
        var indexID: IndexID = -1
        var isNormal = false
        var visible: Version = .none
        var wanted = 0

        init() {}

        init(_ tablet: Tablet, in state: ClusterState) {
            indexID = tablet.indexID
            guard let table = state.table(tablet.tableID), let partition = table.partition(tablet.partitionID) else {
                return
            }
            isNormal = table.state == .normal && partition.index(tablet.indexID)?.state == .normal
            visible = partition.visibleVersion
            wanted = Int(table.replicationCount)
        }
    }

    private func endScan(_ now: Since) {
        let (again, unrecoverable) = with { state in
            state.unhealthy.forget(seenBefore: state.scan.round)
            let isNew = state.scan.unrecoverable > state.scan.lastUnrecoverable
            state.scan.lastUnhealthy = state.scan.unhealthy
            state.scan.lastUnrecoverable = state.scan.unrecoverable
            state.scan.lastEndedAt = now.wall
            let again = state.scan.isWantedAgain
            state.scan.isWantedAgain = false
            return (again, isNew ? state.scan.unrecoverable : 0)
        }
        if unrecoverable > 0 {
            environment.logger.error(
                "tablets have no replica left to copy from; list the unhealthy replicas for the reasons",
                metadata: ["tablets": "\(unrecoverable)"])
        }
        if again { requestScan() }
    }

    /// Looks at these tablets now.
    /// - Returns: those in need.
    @discardableResult
    func check(_ tablets: [TabletID], forced: Bool = false) -> [TabletID] {
        guard !tablets.isEmpty else { return [] }
        let now = now
        let facts = environment.store.read { self.facts($0) }
        var inNeed: [TabletID] = []
        for id in tablets {
            let subject = environment.store.read { RepairSubject(id, in: $0) }
            guard let subject else {
                with { $0.scheduler.withdraw(id) }
                continue
            }
            let health = subject.health(facts)
            if health.status != .healthy { inNeed.append(id) }
            with { state in
                state.note(subject, facts, now.wall)
                _ = state.scheduler.offer(id, health, forced: forced, now: now.monotonic, wall: now.wall)
            }
        }
        return inNeed
    }
}

extension RepairManager.State {
    /// Since when which replicas of the tablet have not been healthy.
    mutating func note(_ subject: RepairSubject, _ facts: RepairFacts, _ now: UnixTime) {
        for replica in subject.replicas where facts.isAlive(replica.backendID) {
            if facts.isHealthy(replica, visible: subject.visible) {
                unhealthy.forget(replica.id)
            } else {
                unhealthy.note(replica.id, round: scan.round, now: now)
            }
        }
    }
}
