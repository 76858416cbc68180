import TabletModel
import Testing

@testable import ClusterMetadata
@testable import ReplicaRepair

@Suite struct RepairHealthTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var replicas: [Kind]
        var wanted = 3
        var status: TabletHealth.Status
        var priority: TabletHealth.Priority?
        var testDescription: String { "\(replicas) of \(wanted): \(status.rawValue)" }
    }

    /// How a replica, and its backend, is.
    enum Kind: Sendable {
        case good, behind, gap, bad, offline, away, gone, leaving, leavingBehind, clone, cloneGone
        /// Can't be read; a copy of it could be read no better, or a copy heals it.
        case unreadable, unreadableHere
    }

    static let cases: [Case] = [
        Case(replicas: [.good, .good, .good], status: .healthy),
        Case(replicas: [.good, .good, .away], status: .healthy),
        Case(replicas: [.away, .away, .away], status: .healthy),
        Case(replicas: [.good, .good], status: .replicaMissing, priority: .normal),
        Case(replicas: [.good], status: .replicaMissing, priority: .veryHigh),
        Case(replicas: [.good, .good, .gone], status: .replicaMissing, priority: .normal),
        Case(replicas: [.good, .gone, .gone], status: .replicaMissing, priority: .veryHigh),
        Case(replicas: [.good, .good, .clone], status: .replicaMissing, priority: .normal),
        Case(replicas: [.good, .good, .away, .clone], status: .replicaMissing, priority: .normal),
        Case(replicas: [.good, .good, .behind], status: .versionIncomplete, priority: .high),
        Case(replicas: [.good, .gap, .behind], status: .versionIncomplete, priority: .veryHigh),
        Case(replicas: [.gap, .gap, .behind], status: .versionIncomplete, priority: .veryHigh),
        Case(replicas: [.good, .good, .bad], status: .replicaBad, priority: .high),
        Case(replicas: [.good, .good, .offline], status: .replicaBad, priority: .high),
        // found A12: the rows that one can't read are whole by their versions, and no copy brings them back.
        Case(replicas: [.good, .good, .unreadable], status: .replicaUnreadable, priority: .high),
        Case(replicas: [.unreadable, .unreadable, .unreadable], status: .replicaUnreadable, priority: .veryHigh),
        Case(replicas: [.good, .unreadable], status: .replicaMissing),
        Case(replicas: [.good, .good, .good, .unreadable], status: .forceRedundant, priority: .low),
        Case(replicas: [.good, .good, .unreadableHere], status: .replicaBad, priority: .high),
        Case(replicas: [.good, .bad, .gone], status: .replicaBad, priority: .veryHigh),
        Case(replicas: [.good, .good, .leaving], status: .replicaRelocating, priority: .normal),
        Case(replicas: [.good, .leaving, .leaving], status: .replicaRelocating, priority: .normal),
        Case(replicas: [.leaving], wanted: 1, status: .replicaRelocating, priority: .normal),
        Case(replicas: [.good, .good, .good, .leaving], status: .forceRedundant, priority: .low),
        Case(replicas: [.good, .good, .good, .gone], status: .forceRedundant, priority: .low),
        Case(replicas: [.good, .good, .good, .leavingBehind], status: .forceRedundant, priority: .low),
        Case(replicas: [.good, .good, .good, .clone], status: .forceRedundant, priority: .low),
        Case(replicas: [.good, .good, .good, .cloneGone], status: .forceRedundant, priority: .low),
        Case(replicas: [.good, .good, .good, .good], status: .redundant, priority: .low),
        Case(replicas: [.good, .good, .good, .bad], status: .forceRedundant, priority: .low),
        Case(replicas: [.good, .good, .good, .behind], status: .redundant, priority: .low),
        Case(replicas: [.good, .good, .good, .gap], status: .redundant, priority: .low),
        Case(replicas: [.good, .good, .good, .away], status: .healthy),
        Case(replicas: [.bad, .bad, .gone], status: .unrecoverable),
        Case(replicas: [.gone, .gone, .gone], status: .unrecoverable),
        Case(replicas: [.clone], wanted: 1, status: .unrecoverable),
        Case(replicas: [], status: .unrecoverable),
    ]

    static func make(_ kinds: [Kind]) -> (replicas: [Replica], facts: RepairFacts) {
        var facts = RepairFacts()
        let replicas = kinds.enumerated().map { place, kind -> Replica in
            let backend = BackendID(Int64(place + 1))
            var replica = Replica(
                id: ReplicaID(Int64(100 + place)), backendID: backend, versions: ReplicaVersions(version: 5))
            replica.pathHash = 7
            replica.isReported = true
            facts.backends[backend] = .test(backend)
            switch kind {
            case .good: break
            case .behind: replica.versions.version = 4
            case .gap: replica.versions.reportedMissing()
            case .bad: replica.isBad = true
            case .unreadable, .unreadableHere:
                facts.backends[backend]?.unreadable[replica.id] = UnreadableReplica(
                    tabletID: 9, replicaID: replica.id, reason: "object data/9/x.dat is gone",
                    since: UnixTime(milliseconds: 1), isHealedByCopy: kind == .unreadableHere)
            case .offline: facts.backends[backend]?.disks[0].isOnline = false
            case .away: facts.backends[backend]?.isAlive = false
            case .gone, .cloneGone:
                facts.backends[backend]?.isAlive = false
                facts.backends[backend]?.isGone = true
                if kind == .cloneGone { replica.state = .clone }
            case .leaving: facts.backends[backend]?.isDecommissioned = true
            case .leavingBehind:
                facts.backends[backend]?.isDecommissioned = true
                replica.versions.version = 4
            case .clone:
                replica.state = .clone
                replica.versions.version = .none
            }
            return replica
        }
        return (replicas, facts)
    }

    @Test(arguments: cases) func statusAndPriority(_ wanted: Case) {
        let (replicas, facts) = Self.make(wanted.replicas)
        let health = TabletHealth(replicas, visible: 5, wanted: wanted.wanted, facts: facts)
        #expect(health.status == wanted.status)
        if let priority = wanted.priority { #expect(health.priority == priority) }
        #expect(health.reason.isEmpty == (wanted.status == .healthy))
        let isQuiet = replicas.withUnsafeBufferPointer {
            TabletHealth.isQuiet($0, visible: 5, wanted: wanted.wanted, facts: facts)
        }
        // The fast answer is never wrong about a tablet in need.
        if isQuiet { #expect(health.status == .healthy) }
    }

    @Test func unrecoverableNamesEveryLoss() {
        let (replicas, facts) = Self.make([.bad, .gone])
        let reason = TabletHealth(replicas, visible: 5, wanted: 3, facts: facts).reason
        #expect(reason.contains("backend 1 is lost or damaged"))
        #expect(reason.contains("backend 2 is dead"))
    }

    @Test func unreadableNamesTheReason() {
        let (replicas, facts) = Self.make([.good, .unreadable, .good])
        let health = TabletHealth(replicas, visible: 5, wanted: 3, facts: facts)
        #expect(health.reason == "backend 2 can't read its replica: object data/9/x.dat is gone")
    }

    @Test func deadBackendIsWaitedForDuringTheGrace() throws {
        let entries: [JournalEntry] = [.addBackend(Backend(id: 1, host: "h", heartbeatPort: 9050))]
        let state = ClusterState(replaying: entries)
        let young = RepairFacts(state, grace: .seconds(60)) { _ in .seconds(59) }
        let old = RepairFacts(state, grace: .seconds(60)) { _ in .seconds(60) }
        #expect(young.backends[1]?.isGone == false)
        #expect(old.backends[1]?.isGone == true)
    }

    /// Whatever the replicas are: no drop that is allowed takes the last whole one.
    @Test func lastGoodReplicaIsNeverAllowedToGo() {
        let kinds: [Kind] = [
            .good, .behind, .gap, .bad, .offline, .away, .gone, .leaving, .leavingBehind, .clone, .cloneGone,
        ]
        for first in kinds {
            for second in kinds {
                for third in kinds {
                    check([first, second, third])
                    check([first, second])
                }
            }
            check([first])
        }
    }

    /// After a restart of the FE, or of a backend, nothing is dropped on the strength of what the journal says.
    @Test func replicasThatNobodyHasSeenSinceAStartKeepNoOtherFromStaying() {
        var (replicas, facts) = Self.make([.good, .good, .good, .good])
        func mayGo() -> Bool {
            ReplicaSafety.refusal(dropping: replicas[3], of: replicas, visible: 5, keeping: 3, facts: facts) == nil
        }
        #expect(mayGo())
        replicas[0].isReported = false
        #expect(!mayGo())
        replicas[0].isReported = true
        facts.backends[1]?.hasReported = false
        #expect(!mayGo())
    }

    private func check(_ kinds: [Kind]) {
        let (replicas, facts) = Self.make(kinds)
        for victim in replicas {
            let refusal = ReplicaSafety.refusal(dropping: victim, of: replicas, visible: 5, facts: facts)
            guard refusal == nil else { continue }
            let left = replicas.filter { $0.id != victim.id }
            let good = left.count { facts.condition(of: $0, visible: 5) == .good && facts.hasSeen($0) }
            let hasSource = left.contains { facts.isSource($0) }
            #expect(good > 0 || (victim.state == .clone && hasSource), "\(kinds), dropping \(victim.id)")
        }
    }
}

extension BackendFacts {
    static func test(_ id: BackendID, replicas: Int = 0) -> BackendFacts {
        BackendFacts(
            address: BackendAddress(host: "host\(id)", bePort: 9060, httpPort: 8040), isAlive: true,
            disks: [Disk(pathHash: 7, isOnline: true, availableBytes: 1 << 40, usedPermille: 100)],
            replicaCount: replicas, hasReported: true)
    }
}
