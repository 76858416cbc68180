import ClusterMetadata
import ClusterTestKit
import TabletModel
import Testing

@testable import SchemaChange

/// What can race while new tablets are filled: every order ends alike, and no order makes the swap possible too early.
@Suite struct AlterRaceTests {
    private typealias Event = (name: String, happens: (inout AlterScene) -> Void)

    private static func orders<T>(_ all: [T]) -> [[T]] {
        guard let last = all.last else { return [[]] }
        return orders(Array(all.dropLast())).flatMap { order in
            (0...order.count).map { place in
                var longer = order
                longer.insert(last, at: place)
                return longer
            }
        }
    }

    private func expect(
        _ readiness: AlterReadiness, inEveryOrderOf events: [Event], after begin: (inout AlterScene) -> Void
    ) {
        for order in Self.orders(events) {
            var scene = AlterScene()
            begin(&scene)
            for event in order { event.happens(&scene) }
            #expect(scene.readiness == readiness, "\(order.map(\.name))")
        }
    }

    private static let (one, two) = (AlterScene.new[0], AlterScene.new[1])

    @Test func fillsAndACommitThatAllTake() {
        expect(
            .majority(isComplete: true),
            inEveryOrderOf: AlterScene.backends.map { backend in
                ("fill \(backend)", { for tablet in AlterScene.new { $0.fill(tablet, backend) } })
            } + [("commit", { $0.commit(3) })],
            after: { _ in })
    }

    /// The reason differs, the answer does not: one new replica alone has the rows.
    @Test func fillsAndACommitThatMostMiss() {
        let events: [Event] =
            AlterScene.backends.map { backend in
                ("fill \(backend)", { for tablet in AlterScene.new { $0.fill(tablet, backend) } })
            } + [("commit", { $0.commit(3, missed: [AlterScene.key(Self.two, 2), AlterScene.key(Self.two, 3)]) })]
        for order in Self.orders(events) {
            var scene = AlterScene()
            for event in order { event.happens(&scene) }
            guard case .waiting = scene.readiness else {
                Issue.record("\(scene.readiness) after \(order.map(\.name))")
                continue
            }
        }
    }

    /// The backend answered before it published the version, and its answer is heard before or after that is visible.
    @Test func anOldAnswerIsHeardBeforeOrAfterALoadIsVisible() {
        for tablet in AlterScene.new {
            expect(
                .majority(isComplete: true),
                inEveryOrderOf: [
                    ("old answer", { $0.fill(tablet, 1) }),
                    ("visible", { $0.show(3) }),
                ],
                after: { scene in
                    scene.commit(3)
                    for other in AlterScene.new {
                        for backend in AlterScene.backends where (other, backend) != (tablet, 1) {
                            scene.fill(other, backend, version: 3)
                        }
                    }
                })
        }
    }

    @Test func aBackendDiesBeforeOrAfterItsAnswerIsHeard() {
        expect(
            .majority(isComplete: true),
            inEveryOrderOf: [("death", { $0.die(1) }), ("answer", { $0.fill(Self.one, 1) })],
            after: { scene in
                for tablet in AlterScene.new { scene.fill(tablet, 2) }
                scene.fill(Self.two, 1)
                for tablet in AlterScene.new { scene.giveUp(tablet, 3) }
            })
    }

    @Test func aReplicaGoesBadBeforeOrAfterALoadMissesAnother() {
        for order in Self.orders([0, 1]) {
            var scene = AlterScene()
            scene.fillAll()
            for event in order {
                if event == 0 {
                    scene.markBad(Self.two, 1)
                } else {
                    scene.commit(3, missed: [AlterScene.key(Self.two, 2)])
                }
            }
            guard case .waiting = scene.readiness else {
                Issue.record("\(scene.readiness) after \(order)")
                continue
            }
        }
    }

    /// A load that committed just before the swap becomes visible just after it: on the new tablets, by their own replicas.
    @Test func aCommittedLoadBecomesVisibleBeforeOrAfterTheSwap() {
        let missed = [AlterScene.key(Self.two, 1)]
        let swap: Event = (
            "swap",
            { scene in
                #expect(scene.readiness == .majority(isComplete: true))
                scene.state.apply(
                    .finishAlter(
                        EndedAlter(
                            id: 9, tableID: AlterScene.table, database: "d", table: "t", description: "",
                            isFinished: true, startedAt: .init(seconds: 1), endedAt: .init(seconds: 2))))
            }
        )
        for order in Self.orders([swap, ("visible", { $0.show(3, missed: missed) })] as [Event]) {
            var scene = AlterScene()
            scene.fillAll()
            scene.commit(3, missed: missed)
            for event in order { event.happens(&scene) }
            #expect(scene.part.visibleVersion == 3 && scene.part.readableTabletIDs == AlterScene.new)
            for tablet in AlterScene.new {
                let whole = scene.state.tablets.replicas(of: tablet).filter { $0.versions.isComplete(upTo: 3) }
                #expect(whole.map(\.backendID) == (tablet == Self.two ? [2, 3] : [1, 2, 3]), "\(order.map(\.name))")
            }
        }
    }

    /// Random plays with what the machines really hold beside what the FE is told.
    @Test(arguments: 1...200 as ClosedRange<UInt64>) func theSwapIsPossibleOnlyWhereAMajorityHoldsEverything(
        seed: UInt64
    ) {
        var play = AlterPlay(seed: seed)
        for _ in 0..<60 {
            play.step()
            if let wrong = play.wrong {
                Issue.record("seed \(seed): \(wrong) after \(play.events)")
                return
            }
        }
    }
}
