import BackendCore
import ClusterTestKit
import Platform
import StorageEngine
import Synchronization
import TabletModel
import Testing

@Suite struct UpkeepTests {
    @Test func policiesAreRefreshedEveryFiveSeconds() throws {
        let fixture = try Fixture.running()
        fixture.master.set {
            $0.policies = [StoragePolicyEntry(name: "cold", cooldownTTLSeconds: 1)]
            $0.policyCalls = 0
        }
        try fixture.advance(.seconds(20))
        #expect(fixture.master.state.withLock { $0.policyCalls } == 4)
        #expect(fixture.engine.state.withLock { $0.policies.map(\.name) } == ["cold", "cold", "cold", "cold"])
    }

    @Test func aMasterWithoutRefreshIsAskedRarely() throws {
        let fixture = Fixture()
        fixture.master.set { $0.knowsPolicies = false }
        fixture.node.start()
        fixture.heartbeat()
        try fixture.advance(.seconds(500))
        #expect(fixture.master.state.withLock { $0.policyCalls } == 1)
        // Another master may know it.
        fixture.master.set { $0.knowsPolicies = true }
        fixture.heartbeat(from: otherMaster, epoch: 2)
        try fixture.advance(.seconds(5))
        #expect(fixture.master.state.withLock { $0.policyCalls } == 3)
    }

    @Test func disksAreCheckedEveryFiveSeconds() throws {
        let fixture = try Fixture.running()
        let before = fixture.engine.calls.filter { $0 == "check data dirs" }.count
        try fixture.advance(.seconds(50))
        #expect(fixture.engine.calls.filter { $0 == "check data dirs" }.count - before == 10)
    }

    @Test(arguments: [(0.1, 3600), (0.6, 3600), (0.75, 1890), (0.9, 180), (1, 180)])
    func theFullerTheDiskTheSoonerTheNextSweep(usage: Double, seconds: Int) throws {
        let fixture = Fixture()
        fixture.engine.set { $0.dirCheck.highestUsage = usage }
        fixture.node.start()
        try fixture.advance(.seconds(4))
        #expect(fixture.engine.calls.filter { $0 == "sweep old" }.count == 1)
        try fixture.advance(.seconds(seconds - 5))
        #expect(fixture.engine.calls.filter { $0 == "sweep old" }.count == 1)
        try fixture.advance(.seconds(6))
        #expect(fixture.engine.calls.filter { $0 == "sweep old" }.count == 2)
    }

    @Test func superseededRemoteFilesGoOnceTheMasterConfirmed() throws {
        let fixture = try Fixture.running()
        let states = [1, 2].map {
            TabletCooldownState(
                tabletID: $0, cooldownReplicaID: 1, cooldownMetaID: UniqueID(high: 1, low: 2))
        }
        fixture.engine.set { $0.unused = states }
        // An answer may name what was not asked.
        fixture.master.set { $0.confirms = [2, 99] }
        try fixture.advance(.seconds(61))
        #expect(fixture.engine.state.withLock { $0.removedUnused } == [2])
        fixture.master.set { $0.confirms = [1] }
        try fixture.advance(.seconds(60))
        #expect(fixture.engine.state.withLock { $0.removedUnused } == [2, 1])
        #expect(fixture.master.state.withLock { $0.confirmCalls.map { $0.map(\.tabletID) } } == [[1, 2], [1]])
        // Nothing left to ask until the next scan.
        try fixture.advance(.seconds(600))
        #expect(fixture.master.state.withLock { $0.confirmCalls.count } == 2)
    }

    // Cooldown.

    @Test func dueTabletsAreCooledEveryTwentySeconds() throws {
        let fixture = try Fixture.running()
        fixture.engine.set { $0.due = [3, 1, 2].map { DueCooldown(tabletID: $0, dataDir: "/\($0)") } }
        try fixture.advance(.seconds(20))
        #expect(fixture.engine.calls.filter { $0.hasPrefix("cool") } == ["cool 3", "cool 1", "cool 2"])
    }

    @Test func aDirTakesTwoRunsAtOnceAndTheRestFollow() throws {
        let fixture = try Fixture.running()
        let most = Mutex((running: 0, peak: 0))
        fixture.engine.set { $0.due = (1...10).map { DueCooldown(tabletID: TabletID($0), dataDir: "/a") } }
        fixture.engine.during.withLock { [scheduler = fixture.scheduler] during in
            during = { call in
                guard call.hasPrefix("cool") else { return }
                most.withLock {
                    $0.running += 1
                    $0.peak = max($0.peak, $0.running)
                }
                // Lets whatever else may run do so while this run is under way.
                _ = try? scheduler.runUntilIdle()
                most.withLock { $0.running -= 1 }
            }
        }
        try fixture.advance(.seconds(20))
        #expect(most.withLock { $0.peak } == 2)
        #expect(fixture.engine.calls.filter { $0.hasPrefix("cool") }.count == 10)
    }

    // found B3: after 20 s, 40 s, 80 s and so on up to 200 s.
    @Test func aTabletThatFailsIsLeftAloneLongerEachTime() throws {
        let fixture = try Fixture.running()
        fixture.engine.set { $0.failures["cool 1"] = TaskError(.remoteError, "S3 is down") }
        for _ in 0..<20 {
            fixture.engine.set { $0.due = [DueCooldown(tabletID: 1, dataDir: "/a")] }
            try fixture.advance(.seconds(20))
        }
        let runs = fixture.engine.calls.filter { $0 == "cool 1" }.count
        #expect(runs == 5)
        #expect(fixture.metric("tabletd_be_cooldown_failures_total") == 5)
    }
}
