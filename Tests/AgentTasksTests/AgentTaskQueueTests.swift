import ClusterTestKit
import TabletModel
import Testing

@testable import AgentTasks

@Suite struct AgentTaskQueueTests {
    let queue = AgentTaskQueue()
    let start = MonotonicTime(nanoseconds: 0)

    private func drop(_ tablet: TabletID) -> AgentTask {
        AgentTask(type: .drop, signature: tablet.rawValue, payload: .drop(DropTabletRequest(tabletID: tablet)))
    }

    @Test func firstTaskOfAKeyWins() {
        #expect(queue.add(drop(1), for: 10))
        #expect(!queue.add(drop(1), for: 10))
        #expect(queue.add(drop(1), for: 11))
        #expect(queue.count == 2)
        #expect(queue.takeUnsent(for: 10, limit: 10, now: start) == [drop(1)])
        #expect(queue.takeUnsent(for: 10, limit: 10, now: start) == [])
    }

    @Test func tasksGoOutInOrderAndInBatches() {
        for id in 1...5 { queue.add(drop(TabletID(Int64(id))), for: 10) }
        #expect(queue.takeUnsent(for: 10, limit: 2, now: start) == [drop(1), drop(2)])
        queue.remove(AgentTaskQueue.Key(type: .drop, signature: 3), of: 10)
        #expect(queue.takeUnsent(for: 10, limit: 9, now: start) == [drop(4), drop(5)])
    }

    @Test func undeliveredTasksGoOutAgainFirst() {
        for id in 1...3 { queue.add(drop(TabletID(Int64(id))), for: 10) }
        let batch = queue.takeUnsent(for: 10, limit: 2, now: start)
        queue.returnUnsent(batch, for: 10)
        #expect(queue.takeUnsent(for: 10, limit: 9, now: start) == [drop(1), drop(2), drop(3)])
    }

    // found D4
    @Test func noTwoSignaturesAreTheSameAlsoOfAnotherLifeOfTheFrontend() {
        let lives = [Int64(1), 1, 2, 3].map { TaskSignatures(epoch: $0) }
        let (again, others) = (lives[0], lives.dropFirst())
        var seen: Set<Int64> = []
        for signatures in others { for _ in 0..<100 { seen.insert(signatures.next()) } }
        #expect(seen.count == 300)
        #expect(seen.allSatisfy { $0 > 1 << 32 })
        #expect(seen.contains(again.next()))
        #expect(TaskSignatures(epoch: .max).next() > 0)
    }

    // found D4
    @Test func anFEWhoseEpochIsNotWrittenGivesNoSignatureOfTheStartBefore() {
        let before = TaskSignatures(epoch: 3)
        let starts = [1, 2].map { TaskSignatures(lastEpoch: 3, random: SeededRandom(seed: $0)) }
        var seen: Set<Int64> = []
        for signatures in starts + [before] { for _ in 0..<100 { seen.insert(signatures.next()) } }
        #expect(seen.count == 300)
        let next = TaskSignatures(epoch: 4).next()
        #expect(seen.allSatisfy { $0 < next })
    }

    @Test func reportBringsBackWhatTheBackendLacks() {
        for id in 1...3 { queue.add(drop(TabletID(Int64(id))), for: 10) }
        _ = queue.takeUnsent(for: 10, limit: 2, now: start)
        let early = start + .seconds(4)
        #expect(queue.resendMissing(from: [:], for: 10, minimumAge: .seconds(5), now: early) == 0)
        let late = start + .seconds(5)
        #expect(queue.resendMissing(from: [.drop: [1]], for: 10, minimumAge: .seconds(5), now: late) == 1)
        #expect(queue.takeUnsent(for: 10, limit: 9, now: late) == [drop(2), drop(3)])
    }

    @Test func restartOfABackendSendsEverythingAgain() {
        for id in 1...2 { queue.add(drop(TabletID(Int64(id))), for: 10) }
        _ = queue.takeUnsent(for: 10, limit: 9, now: start)
        queue.forgetSent(for: 10)
        #expect(queue.takeUnsent(for: 10, limit: 9, now: start) == [drop(1), drop(2)])
    }

    @Test func failuresAreCountedPerTask() {
        let key = AgentTaskQueue.Key(type: .drop, signature: 1)
        #expect(queue.countFailure(key, of: 10) == nil)
        queue.add(drop(1), for: 10)
        #expect(queue.countFailure(key, of: 10) == 1)
        #expect(queue.countFailure(key, of: 10) == 2)
        #expect(queue.task(key, of: 10) == drop(1))
    }
}
