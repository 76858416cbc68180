import BackendCore
import ClusterTestKit
import Platform
import StorageEngine
import Synchronization
import TabletModel
import Testing

@Suite struct ServiceTests {
    @Test func whatIsNotDoneSaysSo() {
        let fixture = Fixture()
        fixture.heartbeat()
        let handler = fixture.node.backendHandler
        #expect(handler.publishClusterState(from: masterHost).status.code == .notImplementedError)
    }

    @Test func statsAndTrashComeFromTheEngine() throws {
        let fixture = try Fixture.running()
        _ = fixture.submit(.create(4))
        try fixture.run()
        let handler = fixture.node.backendHandler
        #expect(handler.tabletStats().map(\.tabletID) == [4])
        #expect(handler.checkStorageFormat().v2 == [4])
        #expect(handler.checkStorageFormat().v1 == [])
        #expect(handler.trashUsedBytes() == 12)
        #expect(handler.diskTrash().map(\.isOnline) == [true, false])
    }

    @Test func cleanTrashAnswersAtOnceAndSweepsOnce() throws {
        let fixture = try Fixture.running()
        for _ in 0..<5 { fixture.node.backendHandler.cleanTrash(from: masterHost) }
        #expect(!fixture.engine.calls.contains("sweep all"))
        try fixture.run()
        #expect(fixture.engine.calls.filter { $0 == "sweep all" }.count == 1)
    }

    @Test func theStatusShowsWhoAndWhat() throws {
        let fixture = try Fixture.running()
        fixture.engine.set { $0.publishOutcomes = Array(repeating: PublishOutcome(waiting: [1]), count: 100) }
        _ = fixture.submit(.publish(3))
        try fixture.advance(.seconds(2))
        let status = fixture.node.status()
        #expect(status.master == masterAddress)
        #expect(status.masterEpoch == 1)
        #expect(status.clusterID == 1)
        #expect(status.backendID == 10003)
        #expect(status.startup.isLoaded)
        #expect(status.tasks.map(\.signature) == [3])
        #expect(status.tasks.first?.ageMs == 2000)
        #expect((status.tasks.first?.runs ?? 0) > 3)
        let names = status.pools.map(\.name)
        #expect(names.contains("publish") && names.contains("cooldown"))
        #expect(status.loops.first { $0.name == "report-task" }?.lastRoundAt != nil)
        #expect(!"\(status)".contains("\"t\""))
    }

    @Test func theTaskListIsCutToTheOldest() throws {
        let engine = RecordingEngine()
        engine.set { $0.isLoaded = false }
        let fixture = Fixture(engine: engine)
        fixture.node.start()
        fixture.heartbeat()
        for id in 1...5 {
            _ = fixture.submit(.create(Int64(6 - id)))
            try fixture.advance(.seconds(1))
        }
        let status = fixture.node.status(taskLimit: 2)
        #expect(status.tasks.map(\.signature) == [5, 4])
        #expect(status.taskCount == 5)
        #expect(status.pools.first { $0.name == "create" }?.waiting == 5)
        #expect(fixture.metric("doris_be_agent_task_queue_size{type=\"create\"}") == 5)
    }

    // Stopping.

    @Test func stoppingLetsRunningTasksEndAndAbandonsTheRest() throws {
        var options = BackendOptions()
        options.createWorkers = 1
        options.createBatch = 1
        let fixture = try Fixture.running(options)
        let stopped = Shared(false)
        fixture.engine.during.withLock { [node = fixture.node] during in
            during = { call in
                guard call == "create 1" else { return }
                node.stop { stopped.value = true }
                #expect(!stopped.value)
            }
        }
        _ = fixture.submit(.create(1), .create(2), .publish(3))
        try fixture.run()
        #expect(stopped.value)
        #expect(fixture.master.finishes.contains { $0.signature == 1 })
        #expect(!fixture.engine.calls.contains("create 2"))
        #expect(fixture.taskCount == 0)
        #expect(fixture.submit(.create(9)).code == .cancelled)
    }

    @Test func anIdleNodeStopsAtOnceAndOnlyOnce() throws {
        let fixture = try Fixture.running()
        let count = Shared(0)
        for _ in 0..<3 { fixture.node.stop { count.value += 1 } }
        #expect(count.value == 1)
        fixture.master.set { $0.reports = [] }
        try fixture.advance(.seconds(300))
        #expect(fixture.master.state.withLock { $0.reports.isEmpty })
    }

    @Test func endsThatTheMasterNeverHeardDoNotHoldUpTheStop() throws {
        let fixture = try Fixture.running()
        fixture.master.set { $0.finishFailures = .max }
        _ = fixture.submit(.create(1))
        try fixture.run()
        let stopped = Shared(false)
        fixture.node.stop { stopped.value = true }
        #expect(stopped.value)
        #expect(fixture.taskCount == 0)
        try fixture.advance(.seconds(100))
        #expect(fixture.master.finishes.isEmpty)
    }

    @Test func aPausingTaskIsAbandonedWhenTheNodeStops() throws {
        let fixture = try Fixture.running()
        fixture.engine.set { $0.publishOutcomes = Array(repeating: PublishOutcome(waiting: [1]), count: 100) }
        _ = fixture.submit(.publish(3))
        try fixture.run()
        fixture.node.stop {}
        try fixture.advance(.seconds(30))
        #expect(fixture.taskCount == 0)
        #expect(fixture.master.finishes.isEmpty)
    }

    @Test func aNodeIsFreedWithEverythingItMade() throws {
        weak var engine: RecordingEngine?
        try {
            let fixture = try Fixture.running()
            engine = fixture.engine
            _ = fixture.submit(.create(1))
            try fixture.run()
            fixture.node.stop {}
            try fixture.advance(.seconds(600))
        }()
        #expect(engine == nil)
    }
}
