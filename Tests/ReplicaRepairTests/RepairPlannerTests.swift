import TabletModel
import Testing

@testable import ClusterMetadata
@testable import MasterServices
@testable import ReplicaRepair

@Suite struct RepairPlannerTests {
    typealias Kind = RepairHealthTests.Kind

    /// What is decided for replicas 100, 101, … on backends 1, 2, …; `spare` more backends hold nothing.
    struct Case: Sendable, CustomTestStringConvertible {
        var replicas: [Kind]
        var spare = 1
        var attempts = 0
        var outcome: Outcome
        var testDescription: String { "\(replicas), \(spare) spare, after \(attempts) failures: \(outcome)" }
    }

    enum Outcome: Hashable, Sendable {
        case nothing, waits
        case inPlace(ReplicaID, sources: [BackendID])
        case resumed(ReplicaID, sources: [BackendID])
        case new(on: BackendID, sources: [BackendID])
        case drop(ReplicaID)
    }

    static let cases: [Case] = [
        Case(replicas: [.good, .good, .good], outcome: .nothing),
        Case(replicas: [.good, .good, .away], outcome: .nothing),
        Case(replicas: [.bad, .bad, .gone], outcome: .nothing),
        // Too few.
        Case(replicas: [.good, .good], outcome: .new(on: 3, sources: [1, 2])),
        Case(replicas: [.good, .good, .gone], outcome: .new(on: 4, sources: [1, 2])),
        Case(replicas: [.good, .gone, .gone], outcome: .new(on: 4, sources: [1])),
        Case(replicas: [.good, .good, .gone], spare: 0, outcome: .waits),
        Case(replicas: [.away, .gone], outcome: .waits),
        // In place, from whole ones first; those with different gaps hold everything together.
        Case(replicas: [.good, .behind, .good], outcome: .inPlace(101, sources: [1, 3])),
        Case(replicas: [.behind, .good, .gap], outcome: .inPlace(102, sources: [2, 1])),
        Case(replicas: [.gap, .gap, .behind], outcome: .inPlace(100, sources: [2, 3])),
        Case(replicas: [.good, .bad, .good], outcome: .inPlace(101, sources: [1, 3])),
        // The next that is ill after each failure.
        Case(replicas: [.behind, .good, .gap], attempts: 1, outcome: .inPlace(100, sources: [2, 3])),
        // Not for ever on a disk that takes nothing: elsewhere, and then it is one too many.
        Case(replicas: [.good, .good, .bad], attempts: 2, outcome: .inPlace(102, sources: [1, 2])),
        Case(replicas: [.good, .good, .bad], attempts: 3, outcome: .new(on: 4, sources: [1, 2])),
        Case(replicas: [.good, .good, .behind], attempts: 3, outcome: .new(on: 4, sources: [1, 2, 3])),
        Case(replicas: [.good, .good, .bad], spare: 0, attempts: 3, outcome: .inPlace(102, sources: [1, 2])),
        Case(replicas: [.gap, .gap, .behind], attempts: 3, outcome: .inPlace(100, sources: [2, 3])),
        Case(replicas: [.good, .good, .good, .bad], attempts: 3, outcome: .drop(103)),
        Case(replicas: [.good, .good, .good, .behind], outcome: .drop(103)),
        // A copy of what can't be read is no help; a readable one is never dropped for it.
        Case(replicas: [.good, .good, .unreadable], outcome: .nothing),
        Case(replicas: [.unreadable, .unreadable, .unreadable], outcome: .nothing),
        Case(replicas: [.good, .good, .good, .unreadable], outcome: .drop(103)),
        Case(replicas: [.good, .good, .unreadable, .unreadable], outcome: .nothing),
        Case(replicas: [.good, .behind, .unreadable], outcome: .inPlace(101, sources: [1, 3])),
        Case(replicas: [.good, .good, .unreadableHere], outcome: .inPlace(102, sources: [1, 2])),
        // What an attempt left is taken up again.
        Case(replicas: [.good, .good, .clone], outcome: .resumed(102, sources: [1, 2])),
        Case(replicas: [.clone, .away], outcome: .waits),
        // A backend that is drained.
        Case(replicas: [.good, .good, .leaving], outcome: .new(on: 4, sources: [1, 2, 3])),
        Case(replicas: [.good, .good, .leaving], spare: 0, outcome: .waits),
        Case(replicas: [.good, .good, .good, .leaving], outcome: .drop(103)),
        // What counts for nothing goes first.
        Case(replicas: [.good, .good, .gone, .good], outcome: .drop(102)),
        Case(replicas: [.good, .clone, .good, .good], outcome: .drop(101)),
        Case(replicas: [.good, .good, .good, .good], outcome: .drop(103)),
    ]

    @Test(arguments: cases) func decision(_ wanted: Case) throws {
        let (subject, planner) = try Self.stage(wanted.replicas, spare: wanted.spare)
        let decision = planner.decide(subject, subject.health(planner.facts), attempts: wanted.attempts)
        #expect(Self.outcome(decision) == wanted.outcome)
    }

    private static func stage(
        _ kinds: [Kind], spare: Int, _ configuration: RepairConfiguration = RepairConfiguration()
    ) throws -> (RepairSubject, RepairPlanner) {
        var (replicas, facts) = RepairHealthTests.make(kinds)
        for place in 0..<spare {
            let backend = BackendID(Int64(kinds.count + 1 + place))
            facts.backends[backend] = .test(backend)
        }
        replicas = replicas.map { replica in
            var replica = replica
            replica.isReported = true
            return replica
        }
        let subject = RepairSubject(
            tablet: Tablet(id: 9, tableID: 1, partitionID: 2, indexID: 3), replicas: replicas, visible: 5, wanted: 3,
            schemaHash: 77)
        return (subject, RepairPlanner(configuration: configuration, facts: facts, slots: [:]))
    }

    private static func outcome(_ decision: RepairDecision) -> Outcome {
        switch decision {
        case .nothing: .nothing
        case .wait: .waits
        case .drop(_, let replica, _): .drop(replica)
        case .clone(let operation):
            switch operation.target {
            case .inPlace(let replica): .inPlace(replica, sources: operation.sources)
            case .resumed(let replica): .resumed(replica, sources: operation.sources)
            case .new: .new(on: operation.destination.backendID, sources: operation.sources)
            }
        }
    }

    // found A8
    @Test func replicasOnAFullDiskCountForReadingAndNoNewOneGoesThere() throws {
        var (subject, planner) = try Self.stage([.good, .good, .good], spare: 1)
        planner = planner.with { $0[1]?.disks[0].refusal = "/data is full" }
        #expect(subject.health(planner.facts).status == .healthy)
        (subject, planner) = try Self.stage([.good, .good, .gone], spare: 1)
        planner = planner.with { $0[4]?.disks[0].refusal = "/data is full" }
        guard case .wait(let reason) = planner.decide(subject, subject.health(planner.facts), attempts: 0) else {
            Issue.record("it did not wait")
            return
        }
        #expect(reason.contains("backend 4 has no disk with room (/data is full)"))
    }

    // found A8
    @Test func whatIsBehindOnAFullDiskIsMadeElsewhereAtOnce() throws {
        var (subject, planner) = try Self.stage([.good, .good, .behind], spare: 1)
        planner = planner.with { $0[3]?.disks[0].refusal = "/data is full" }
        let decision = planner.decide(subject, subject.health(planner.facts), attempts: 0)
        #expect(Self.outcome(decision) == .new(on: 4, sources: [1, 2, 3]))
        (subject, planner) = try Self.stage([.good, .good, .behind], spare: 0)
        planner = planner.with { $0[3]?.disks[0].refusal = "/data is full" }
        guard case .wait(let reason) = planner.decide(subject, subject.health(planner.facts), attempts: 0) else {
            Issue.record("it did not wait")
            return
        }
        #expect(reason == "waits for backend 3: /data is full")
    }

    /// Its rows are of another format: nothing is copied to a backend of Doris, or from one.
    @Test func nothingIsClonedToOrFromABackendOfDoris() throws {
        var (subject, planner) = try Self.stage([.good, .good, .gone], spare: 1)
        planner = planner.with { $0[4]?.hasOurRows = false }
        guard case .wait(let reason) = planner.decide(subject, subject.health(planner.facts), attempts: 0) else {
            Issue.record("it did not wait")
            return
        }
        #expect(reason.contains("backend 4 is one of Doris, whose rows are of another format"))
        (subject, planner) = try Self.stage([.good, .good, .behind], spare: 0)
        planner = planner.with { $0[1]?.hasOurRows = false }
        let decision = planner.decide(subject, subject.health(planner.facts), attempts: 0)
        #expect(Self.outcome(decision) == .inPlace(102, sources: [2]))
        planner = planner.with { $0[3]?.hasOurRows = false }
        guard case .wait(let other) = planner.decide(subject, subject.health(planner.facts), attempts: 0) else {
            Issue.record("it did not wait")
            return
        }
        #expect(other == "backend 3 is one of Doris, whose rows are of another format")
    }

    @Test func fullSlotsAreWaitedForAndNamed() throws {
        var (subject, planner) = try Self.stage([.good, .good, .behind], spare: 0)
        planner.slots = [DiskPlace(backendID: 3, pathHash: 7): 4]
        guard case .wait(let reason) = planner.decide(subject, subject.health(planner.facts), attempts: 0) else {
            Issue.record("it did not wait")
            return
        }
        #expect(reason == "waits for a free slot on backend 3, path hash 7")
        // A busy source is passed over for a free one.
        planner.slots = [DiskPlace(backendID: 1, pathHash: 7): 4]
        subject.replicas.reverse()
        #expect(
            Self.outcome(planner.decide(subject, subject.health(planner.facts), attempts: 0))
                == .inPlace(102, sources: [2, 1]))
    }

    @Test func newReplicasGoWhereThereIsRoomAndNobodyFailedBefore() throws {
        var (subject, planner) = try Self.stage([.good, .good], spare: 3)
        func destination() -> BackendID? { planner.destination(subject)?.backendID }
        #expect(destination() == 3)
        planner.avoided = [3]
        #expect(destination() == 4)
        planner = RepairPlanner(configuration: planner.configuration, facts: planner.facts, slots: [:])
        var facts = planner.facts
        facts.backends[3]?.disks[0].usedPermille = 850
        facts.backends[4]?.address = BackendAddress(host: "host1", bePort: 9061, httpPort: 8041)
        planner = RepairPlanner(configuration: planner.configuration, facts: facts, slots: [:])
        #expect(destination() == 5)
        facts.backends[5]?.isAlive = false
        planner = RepairPlanner(configuration: planner.configuration, facts: facts, slots: [:])
        #expect(destination() == nil)
        let reason = planner.missingDestination(subject)
        #expect(reason.contains("backend 3 has no disk with room") && reason.contains("backend 5 is dead"))
        #expect(reason.contains("backend 4 is on a host that has one already"))
        planner.allowsSameHost = true
        #expect(destination() == 4)
        subject.replicas.removeAll()
        #expect(destination() != nil)
    }

    @Test func uploaderOfACooledTabletIsTheLastSurplusToGo() throws {
        var (subject, planner) = try Self.stage([.good, .good, .good, .good], spare: 0)
        subject.tablet.cooldownReplicaID = 103
        #expect(Self.outcome(planner.dropSurplus(subject)) == .drop(102))
        planner.slots = [:]
    }

    /// However often repair fails or succeeds in making another copy: no tablet gets more replicas than wanted plus those
    /// that are ill where they are.
    @Test func replicasDoNotMultiplyAroundOneThatCanNotBeRepaired() throws {
        for ill in [Kind.bad, .behind] {
            var kinds: [Kind] = [.good, .good, ill]
            for attempts in 0..<20 {
                let (subject, planner) = try Self.stage(kinds, spare: 5)
                switch Self.outcome(planner.decide(subject, subject.health(planner.facts), attempts: attempts)) {
                case .new: kinds.append(.good)
                case .drop(let replica): kinds.remove(at: Int(replica.rawValue - 100))
                default: break
                }
                #expect(kinds.count <= 4)
            }
            #expect(kinds == [.good, .good, .good])
        }
    }

    /// Whatever a report says of a disk.
    @Test func hostileDiskFiguresAreNumbersAllTheSame() {
        for total in [Int64.min, -1, 0, 1, .max] {
            for available in [Int64.min, -1, 0, 1, .max] {
                let disk = BackendFacts.Disk(
                    DiskReport(
                        rootPath: "/d", totalBytes: total, dataUsedBytes: .max, availableBytes: available, pathHash: 7,
                        medium: .hdd, isUsed: true))
                #expect((0...1000).contains(disk.usedPermille) && disk.availableBytes >= 0)
            }
        }
    }
}

extension RepairPlanner {
    /// The same with other facts of its backends.
    fileprivate func with(_ change: (inout [BackendID: BackendFacts]) -> Void) -> RepairPlanner {
        var facts = facts
        change(&facts.backends)
        return RepairPlanner(configuration: configuration, facts: facts, slots: slots)
    }
}
