import ClusterMetadata
import TabletModel
import Testing

@testable import SchemaChange

/// When the new tablets may take the old ones' place: every case of the rule, and both orders of what can race.
@Suite struct AlterReadinessTests {
    private static let (one, two) = (AlterScene.new[0], AlterScene.new[1])

    private func isWaiting(_ scene: AlterScene, for text: String) -> Bool {
        if case .waiting(let reason) = scene.readiness { reason.contains(text) } else { false }
    }

    // MARK: Replicas

    @Test func nothingIsFilledAtFirst() {
        #expect(isWaiting(AlterScene(), for: "tablet 21 has 0 whole replicas of 2"))
    }

    @Test func allAreFilled() {
        var scene = AlterScene()
        scene.fillAll()
        #expect(scene.readiness == .majority(isComplete: true))
    }

    @Test func oneReplicaIsNoMajority() {
        var scene = AlterScene()
        scene.fill(Self.one, 1)
        #expect(isWaiting(scene, for: "tablet 21 has 1 whole replicas of 2"))
    }

    @Test func aMajorityOfOneTabletIsNotOneOfTheOther() {
        var scene = AlterScene()
        for backend in AlterScene.backends { scene.fill(Self.one, backend) }
        scene.fill(Self.two, 3)
        #expect(isWaiting(scene, for: "tablet 22 has 1 whole replicas of 2"))
    }

    /// Who is left decides only whether others are waited for.
    @Test(arguments: ["alive", "dead", "failed", "bad", "gone"]) func theThirdReplica(kind: String) {
        var scene = AlterScene()
        for tablet in AlterScene.new { for backend in AlterScene.backends.prefix(2) { scene.fill(tablet, backend) } }
        scene.fill(Self.one, 3)
        switch kind {
        case "dead": scene.die(3)
        case "failed": scene.giveUp(Self.two, 3)
        case "bad":
            scene.fill(Self.two, 3)
            scene.markBad(Self.two, 3)
        case "gone": scene.lose(Self.two, 3)
        default: break
        }
        #expect(scene.readiness == .majority(isComplete: kind != "alive"))
    }

    @Test func fiveFailedTriesAreNotSix() {
        var scene = AlterScene()
        scene.fillAll()
        var fresh = AlterScene()
        for _ in 1..<AlterProgress.attemptLimit {
            fresh.progress.noteFailure(AlterScene.key(Self.one, 1), "disk", now: .init(nanoseconds: 0))
        }
        for tablet in AlterScene.new { for backend in AlterScene.backends.suffix(2) { fresh.fill(tablet, backend) } }
        fresh.fill(Self.two, 1)
        #expect(fresh.readiness == .majority(isComplete: false))
        fresh.progress.noteFailure(AlterScene.key(Self.one, 1), "disk", now: .init(nanoseconds: 0))
        #expect(fresh.readiness == .majority(isComplete: true))
        // What failed before it was filled after all counts.
        scene.giveUp(Self.one, 1)
        #expect(scene.readiness == .majority(isComplete: true))
    }

    @Test(arguments: ["failed", "bad", "gone"]) func withoutAMajorityOfHopefulOnesItIsLost(kind: String) {
        var scene = AlterScene()
        scene.fillAll()
        var other = AlterScene()
        other.fill(Self.one, 1)
        for backend in AlterScene.backends.suffix(2) {
            switch kind {
            case "failed": other.giveUp(Self.two, backend)
            case "bad": scene.markBad(Self.two, backend)
            default: scene.lose(Self.two, backend)
            }
        }
        #expect((kind == "failed" ? other : scene).readiness == .lost(Self.two))
    }

    /// The tablet before it would be waited for as long as its backends are away.
    @Test func aLostTabletCountsBeforeOneThatIsWaitedFor() {
        var scene = AlterScene()
        for backend in AlterScene.backends {
            scene.die(backend)
            scene.giveUp(Self.two, backend)
        }
        #expect(scene.readiness == .lost(Self.two))
    }

    @Test func aBackendThatIsAwayMayComeBack() {
        var scene = AlterScene()
        scene.die(2)
        scene.die(3)
        scene.fill(Self.one, 1)
        scene.fill(Self.two, 1)
        #expect(isWaiting(scene, for: "tablet 21 has 1 whole replicas of 2"))
    }

    /// What a filled replica has stays on it while its backend is away.
    @Test func aFilledReplicaOfADeadBackendCounts() {
        var scene = AlterScene()
        scene.fillAll()
        for backend in AlterScene.backends { scene.die(backend) }
        #expect(scene.readiness == .majority(isComplete: true))
    }

    /// The majority is one of the replicas that the table wants, however many the new tablets got.
    @Test(arguments: [
        (3, 2, 2, true), (3, 2, 1, false), (1, 1, 1, true), (1, 1, 0, false), (5, 3, 3, true), (5, 3, 2, false),
        (2, 2, 1, false), (2, 2, 2, true),
    ])
    func majorities(wanted: Int32, new: Int, filled: Int, isEnough: Bool) {
        var scene = AlterScene(wanted: wanted, new: new)
        for tablet in AlterScene.new { for place in 0..<filled { scene.fill(tablet, Int64(place) + 1) } }
        #expect(scene.readiness == .majority(isComplete: filled == new) || !isEnough)
        #expect(isWaiting(scene, for: "whole replicas") || isEnough)
    }

    @Test func fewerReplicasThanAMajorityAreLost() {
        #expect(AlterScene(wanted: 3, new: 1).readiness == .lost(Self.one))
    }

    // MARK: Versions and loads

    /// A version that is visible and not on a replica: that one waits to be healed, and stays hopeful.
    @Test func aReplicaThatLacksAVisibleVersionIsNotWhole() {
        var scene = AlterScene()
        scene.fillAll()
        scene.commit(3)
        scene.show(3, missed: [AlterScene.key(Self.two, 1)])
        #expect(scene.readiness == .majority(isComplete: true))
        scene.commit(4)
        scene.show(4, missed: [AlterScene.key(Self.two, 2)])
        #expect(isWaiting(scene, for: "tablet 22 has 1 whole replicas of 2"))
    }

    @Test func aCommittedLoadMustBeOnAMajorityOfWholeReplicas() {
        var scene = AlterScene()
        scene.fillAll()
        scene.commit(3, missed: [AlterScene.key(Self.two, 1)])
        #expect(scene.readiness == .majority(isComplete: true))
        scene.commit(4, missed: [AlterScene.key(Self.two, 1), AlterScene.key(Self.two, 2)])
        #expect(isWaiting(scene, for: "tablet 22 has 1 whole replicas of 2"))
    }

    /// A backend that answered after the commit says nothing of the load that is not visible yet: the load's record does.
    @Test func aCommittedLoadIsLookedUpWhereTheReplicaDoesNotShowIt() {
        var scene = AlterScene()
        scene.commit(3, missed: [AlterScene.key(Self.two, 1), AlterScene.key(Self.two, 2)])
        scene.fillAll()
        #expect(isWaiting(scene, for: "transaction 103 is to become visible first"))
        scene.show(3, missed: [AlterScene.key(Self.two, 1)])
        #expect(scene.readiness == .majority(isComplete: true))
    }

    @Test func loadsOfOthersAndLoadsOfTheOldTabletsDoNotMatter() {
        var scene = AlterScene()
        scene.fillAll()
        scene.commit(3, missed: AlterScene.backends.map { AlterScene.key(Self.two, $0) }, of: 88)
        scene.commit(3, missed: AlterScene.backends.map { AlterScene.key(AlterScene.base[0], $0) })
        #expect(scene.readiness == .majority(isComplete: true))
    }

    /// One that is not committed is judged when it is: by the tablets that the table has then.
    @Test func aLoadThatIsBeingPushedIsNotWaitedFor() {
        var scene = AlterScene()
        scene.fillAll()
        scene.state.apply(
            .upsertTransaction(
                Transaction(
                    id: 60, databaseID: 2, tableID: AlterScene.table, label: "open", timeoutMs: 1,
                    preparedAt: .init(seconds: 3))))
        #expect(scene.readiness == .majority(isComplete: true))
    }

    // MARK: What a backend may answer

    @Test func answersThatCanNotBeAreComplainedOf() {
        var scene = AlterScene()
        #expect(scene.fill(Self.one, 1, version: 1)?.contains("2 to 2 can be") == true)
        #expect(scene.fill(Self.one, 1, version: 3)?.contains("2 to 2 can be") == true)
        scene.commit(3)
        #expect(scene.fill(Self.one, 1, version: 3) == nil)
        #expect(scene.fill(Self.one, 1, version: 4)?.contains("2 to 3 can be") == true)
        var row = TabletReportRow(tabletID: Self.two, schemaHash: AlterScene.hash, version: 2)
        func judged(_ tablet: TabletID, _ hash: SchemaHash) -> FilledReplica {
            FilledReplica(row, of: tablet, schemaHash: hash, filledUpTo: 2, in: scene.part)
        }
        #expect(judged(Self.two, AlterScene.hash) == .counts(ReplicaVersions(version: 2)))
        #expect(judged(Self.one, AlterScene.hash) != .counts(ReplicaVersions(version: 2)))
        #expect(judged(Self.two, SchemaHash(rawValue: 1)) != .counts(ReplicaVersions(version: 2)))
        row.isUsed = false
        #expect(judged(Self.two, AlterScene.hash) != .counts(ReplicaVersions(version: 2)))
    }

    @Test func aReplicaThatLacksOneOfSeveralIsNotWhole() {
        var scene = AlterScene()
        scene.commit(3)
        scene.commit(4)
        scene.show(3)
        for backend in AlterScene.backends.prefix(2) {
            scene.fill(Self.one, backend, version: 4, lacksOne: true)
            scene.fill(Self.two, backend, version: 4)
        }
        #expect(isWaiting(scene, for: "tablet 21 has 0 whole replicas of 2"))
    }
}
