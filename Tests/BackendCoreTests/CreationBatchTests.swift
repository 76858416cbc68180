import BackendCore
import ClusterTestKit
import Platform
import StorageEngine
import Synchronization
import TabletModel
import Testing

/// CREATE tasks that wait run together, and each ends by itself.
@Suite struct CreationBatchTests {
    @Test func creationsOfOneSubmissionRunTogether() throws {
        var options = BackendOptions()
        options.createWorkers = 1
        options.createBatch = 100
        let fixture = try Fixture.running(options)
        fixture.engine.set { $0.failures["create 7"] = TaskError(.ioError, "no room") }
        let before = fixture.node.status().reportVersion
        #expect(fixture.node.backendHandler.submitTasks((1...250).map { .create($0) }, from: masterHost).isOK)
        try fixture.run()
        let batches = fixture.engine.state.withLock { $0.creationBatches }
        #expect(batches.map(\.count) == [100, 100, 50])
        #expect(batches.flatMap { $0 }.map(\.rawValue) == Array(1...250))
        let ends = fixture.master.finishes
        #expect(ends.map(\.signature) == Array(1...250))
        for end in ends where end.signature != 7 {
            #expect(end.status.isOK && end.tablets?.map(\.tabletID.rawValue) == [end.signature])
        }
        #expect(ends[6].status.code == .ioError && ends[6].tablets == nil)
        #expect(fixture.node.status().reportVersion == before + 249)
        #expect(fixture.taskCount == 0)
        #expect(fixture.metric("tabletd_be_agent_tasks_total{status=\"failed\",type=\"CREATE\"}") ?? 1 == 1)
    }

    /// The order of other tasks in the pool's queue is none of theirs.
    @Test func aCreationThatIsAloneAndARefusedOneEndAsEver() throws {
        let fixture = try Fixture.running()
        _ = fixture.submit(.create(1))
        try fixture.run()
        _ = fixture.submit(AgentTask(type: .create, signature: 2, payload: .absent), .create(3), .drop(9), .create(4))
        try fixture.run()
        #expect(
            fixture.engine.state.withLock { $0.creationBatches }.flatMap { $0 }.map(\.rawValue).sorted() == [1, 3, 4])
        let codes = Dictionary(uniqueKeysWithValues: fixture.master.finishes.map { ($0.signature, $0.status.code) })
        #expect(codes[2] == .invalidArgument && codes[3] == .ok && codes[4] == .ok)
    }

    /// A master that goes away between them hears of all of them, once it is back, and of none twice but the one in between.
    @Test func endsOfABatchThatTheMasterMissedAreToldLater() throws {
        let fixture = try Fixture.running()
        fixture.master.set { $0.finishFailures = .max }
        #expect(fixture.node.backendHandler.submitTasks((1...200).map { .create($0) }, from: masterHost).isOK)
        try fixture.run()
        #expect(fixture.taskCount == 200 && fixture.master.finishes.isEmpty)
        // One try a batch shows that nobody is there.
        #expect(fixture.master.finishTries < 10)
        fixture.master.set { $0.finishFailures = 0 }
        try fixture.advance(.seconds(60))
        #expect(fixture.master.finishes.map(\.signature).sorted() == Array(1...200))
        #expect(fixture.taskCount == 0)
    }

    /// An end that the master can't read holds up none of those that were told together with it.
    @Test func oneUnreadableEndOfABatchCostsOnlyItself() throws {
        var options = BackendOptions()
        options.finishRefusalLimit = 3
        let fixture = try Fixture.running(options)
        fixture.master.set { $0.unreadableFinishes = [5] }
        #expect(fixture.node.backendHandler.submitTasks((1...100).map { .create($0) }, from: masterHost).isOK)
        try fixture.advance(.seconds(5))
        #expect(fixture.master.finishes.map(\.signature).sorted() == (1...100).filter { $0 != 5 })
        #expect(fixture.taskCount <= 1)
    }

    /// A Doris FE is told of one after the other.
    @Test(arguments: [WireDialect.year2023, .year2026]) func aMasterOfDorisIsToldOneByOne(dialect: WireDialect) throws {
        let fixture = try Fixture.running(under: dialect)
        #expect(fixture.node.backendHandler.submitTasks((1...100).map { .create($0) }, from: masterHost).isOK)
        try fixture.run()
        #expect(fixture.master.finishes.map(\.signature).sorted() == Array(1...100))
        #expect(fixture.master.state.withLock { $0.finishCalls } == 100)
    }

    @Test func creationsThatWaitWhenTheBackendStopsAreAbandoned() throws {
        var options = BackendOptions()
        options.createWorkers = 1
        options.createBatch = 2
        let fixture = Fixture(options)
        fixture.engine.set { $0.isLoaded = false }
        fixture.node.start()
        fixture.heartbeat()
        #expect(fixture.node.backendHandler.submitTasks((1...5).map { .create($0) }, from: masterHost).isOK)
        fixture.node.stop {}
        try fixture.run()
        #expect(fixture.taskCount == 0 && fixture.engine.state.withLock { $0.creationBatches.isEmpty })
    }

    @Test func tabletsAreLookedAtForRestEveryHalfMinute() throws {
        let fixture = try Fixture.running()
        try fixture.advance(.seconds(100))
        #expect(fixture.engine.calls.count { $0 == "rest" } == 3)
    }
}
