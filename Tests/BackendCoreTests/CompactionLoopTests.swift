import ClusterTestKit
import Platform
import StorageEngine
import Synchronization
import TabletModel
import Testing

@testable import BackendCore

@Suite struct CompactionLoopTests {
    private func due(_ id: Int64, _ score: Int64, dir: String = "/a", kind: CompactionRequest.Kind = .cumulative)
        -> DueCompaction
    {
        DueCompaction(tabletID: TabletID(id), kind: kind, dataDir: dir, score: score)
    }

    private func runs(_ fixture: Fixture) -> [String] {
        fixture.engine.calls.filter { $0.hasPrefix("run compaction") }
    }

    @Test func dueTabletsAreCompactedEveryTenSeconds() throws {
        let fixture = try Fixture.running()
        fixture.engine.set { $0.dueCompactions = [due(3, 9, dir: "/b"), due(1, 8, kind: .base), due(2, 7)] }
        try fixture.advance(.seconds(10))
        #expect(
            runs(fixture) == ["run compaction 3 cumulative", "run compaction 1 base", "run compaction 2 cumulative"])
        #expect(fixture.metric("tabletd_be_compaction_runs_total") == 3)
        #expect(fixture.node.status().loops.contains { $0.name == "compaction" })
    }

    // After 10 s, 20 s, 40 s and so on up to 120 s.
    @Test func aTabletThatFailsIsLeftAloneLongerEachTime() throws {
        let fixture = try Fixture.running()
        fixture.engine.set { $0.failures["run compaction 1 cumulative"] = TaskError(.ioError, "disk") }
        for _ in 0..<12 {
            fixture.engine.set { $0.dueCompactions = [due(1, 9)] }
            try fixture.advance(.seconds(10))
        }
        #expect(runs(fixture).count == 4)
        #expect(fixture.metric("tabletd_be_compaction_failures_total") == 4)
    }

    @Test func aDirTakesTwoRunsAtOnceAndTheRestFollow() throws {
        let fixture = try Fixture.running()
        let most = Mutex((running: 0, peak: 0))
        fixture.engine.set { $0.dueCompactions = (1...10).map { due($0, 5) } }
        fixture.engine.during.withLock { [scheduler = fixture.scheduler] during in
            during = { call in
                guard call.hasPrefix("run compaction") else { return }
                most.withLock {
                    $0.running += 1
                    $0.peak = max($0.peak, $0.running)
                }
                // Lets whatever else may run do so while this run is under way.
                do { _ = try scheduler.runUntilIdle() } catch { Issue.record(error) }
                most.withLock { $0.running -= 1 }
            }
        }
        try fixture.advance(.seconds(10))
        #expect(most.withLock { $0.peak } == 2)
        #expect(runs(fixture).count == 10)
    }

    @Test func withoutAutoCompactionItOnlyLooks() throws {
        var options = BackendOptions()
        options.compactsByItself = false
        let fixture = try Fixture.running(options)
        fixture.engine.set { $0.dueCompactions = [due(1, 9)] }
        try fixture.advance(.seconds(60))
        #expect(runs(fixture) == [])
    }

    @Test func stoppingWaitsForRunsAndBeginsNone() throws {
        let fixture = try Fixture.running()
        let stopped = Mutex(false)
        fixture.engine.set { $0.dueCompactions = [due(1, 9), due(2, 9), due(3, 9)] }
        fixture.engine.during.withLock { [node = fixture.node] during in
            during = { call in
                guard call == "run compaction 1 cumulative" else { return }
                node.stop { stopped.withLock { $0 = true } }
                #expect(!stopped.withLock { $0 })
            }
        }
        try fixture.advance(.seconds(10))
        #expect(stopped.withLock { $0 })
        #expect(runs(fixture).count <= 2)
    }

    @Test func thePlanTakesTheHighestScoreOfAFreeDir() {
        var plan = MaintenancePlan<DueCompaction>(
            runsPerDir: 1, pause: Backoff(base: .seconds(10), limit: .seconds(10)))
        let now = MonotonicTime(nanoseconds: 0)
        plan.offer([due(1, 9), due(2, 8), due(3, 7, dir: "/b"), due(4, 7, dir: "/c")], now: now)
        #expect(plan.next()?.tabletID == 1)
        #expect(plan.next()?.tabletID == 3)
        #expect(plan.next()?.tabletID == 4)
        #expect(plan.next() == nil)
        // What runs is not offered again before it has ended.
        plan.offer([due(1, 9), due(2, 8)], now: now)
        plan.ended(1, failed: true, now: now)
        #expect(plan.next()?.tabletID == 2)
        plan.ended(2, failed: false, now: now)
        plan.offer([due(1, 9)], now: now)
        #expect(plan.next() == nil)
        plan.offer([due(1, 9)], now: now + .seconds(10))
        #expect(plan.next()?.tabletID == 1)
        #expect(plan.runningCount == 3)
    }
}
