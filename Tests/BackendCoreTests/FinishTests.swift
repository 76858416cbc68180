import BackendCore
import ClusterTestKit
import Platform
import Synchronization
import TabletModel
import Testing

/// `design.md`: finishTask is retried with backoff until the master acknowledged or changed.
@Suite struct FinishTests {
    @Test func aLostEndIsToldAgainUntilItIsAcknowledged() throws {
        let fixture = try Fixture.running()
        fixture.master.set { $0.finishFailures = 5 }
        _ = fixture.submit(.create(1))
        #expect(try fixture.scheduler.run { fixture.master.finishes.count == 1 })
        #expect(fixture.master.finishTries == 6)
        #expect(fixture.taskCount == 0)
        #expect(fixture.node.status().unacknowledgedTasks == 0)
        #expect(fixture.metric("doris_be_engine_requests_total{status=\"failed\",type=\"finish_task\"}") == 5)
        // The engine ran it once.
        #expect(fixture.engine.calls.filter { $0 == "create 1" }.count == 1)
    }

    @Test func thePausesGrowUpToTheLimit() throws {
        var options = BackendOptions()
        options.finishRetryBase = .seconds(1)
        options.finishRetryLimit = .seconds(8)
        let fixture = try Fixture.running(options)
        fixture.master.set { $0.finishFailures = .max }
        let times = Mutex<[MonotonicTime]>([])
        fixture.master.during.withLock { [scheduler = fixture.scheduler] during in
            during = { call in
                if call.hasPrefix("finish") { times.withLock { $0.append(scheduler.monotonicNow) } }
            }
        }
        _ = fixture.submit(.create(1))
        try fixture.advance(.seconds(300))
        let tries = times.withLock { $0 }
        let pauses = zip(tries, tries.dropFirst()).map { $1 - $0 }
        #expect(pauses.count > 30)
        #expect(pauses.allSatisfy { $0 <= .seconds(8) })
        #expect(pauses[0] <= .seconds(1) && pauses[1] <= .seconds(2) && pauses[2] <= .seconds(4))
        #expect(pauses.contains { $0 > .seconds(4) })
    }

    @Test func anAbsentMasterDoesNotHoldTheWorkers() throws {
        let fixture = try Fixture.running()
        fixture.master.set { $0.finishFailures = .max }
        _ = fixture.node.backendHandler.submitTasks((1...50).map { .create($0) }, from: masterHost)
        try fixture.run()
        // All ran; only the first asked the master.
        #expect(fixture.engine.calls.filter { $0.hasPrefix("create") }.count == 50)
        #expect(fixture.master.finishTries < 5)
        #expect(fixture.node.status().unacknowledgedTasks == 50)
        #expect(fixture.taskCount == 50)
        fixture.master.set { $0.finishFailures = 0 }
        #expect(try fixture.scheduler.run { fixture.taskCount == 0 })
        #expect(Set(fixture.master.finishes.map(\.signature)) == Set(1...50))
        #expect(fixture.master.finishes.count == 50)
    }

    @Test func anyAnswerIsAnAcknowledgement() throws {
        let fixture = try Fixture.running()
        fixture.master.set { $0.finishAnswer = RPCStatus(.cancelled, "task is not known") }
        _ = fixture.submit(.create(1))
        try fixture.run()
        #expect(fixture.taskCount == 0)
        #expect(fixture.master.finishTries == 1)
    }

    @Test(arguments: [RPCStatus(StatusCode(rawValue: 73), "not master"), RPCStatus(.serviceUnavailable, "starting")])
    func anFEThatIsNotTheMasterOrStillStartsHasNotAcknowledged(_ answer: RPCStatus) throws {
        let fixture = try Fixture.running()
        fixture.master.set { $0.finishAnswer = answer }
        _ = fixture.submit(.create(1))
        try fixture.advance(.seconds(2))
        #expect(fixture.taskCount == 1)
        fixture.master.set { $0.finishAnswer = .ok }
        #expect(try fixture.scheduler.run { fixture.taskCount == 0 })
    }

    @Test func anotherMasterEndsTheRetries() throws {
        let fixture = try Fixture.running()
        fixture.master.set { $0.finishFailures = .max }
        _ = fixture.submit(.create(1), .drop(2))
        try fixture.run()
        #expect(fixture.taskCount == 2)
        fixture.master.set { $0.finishFailures = 0 }
        fixture.heartbeat(from: otherMaster, epoch: 2)
        try fixture.run()
        #expect(fixture.taskCount == 0)
        #expect(fixture.master.finishes.isEmpty)
        #expect(fixture.metric("tabletd_be_finish_task_abandoned_total") == 2)
        // The new master sees them gone, and can send them again.
        #expect(fixture.master.reports("task").last?.report.tasks == [:])
        _ = fixture.submit(.create(1))
        try fixture.run()
        #expect(fixture.master.state.withLock { $0.finishes.map(\.address) } == [otherMaster])
    }

    @Test func theSameMasterRestartedHearsItAtOnce() throws {
        var options = BackendOptions()
        options.finishRetryBase = .seconds(1000)
        options.finishRetryLimit = .seconds(1000)
        let fixture = try Fixture.running(options)
        fixture.master.set { $0.finishFailures = 1 }
        _ = fixture.submit(.create(1))
        try fixture.run()
        #expect(fixture.master.finishes.isEmpty)
        fixture.heartbeat(epoch: 2)
        try fixture.run()
        #expect(fixture.master.finishes.map(\.signature) == [1])
        #expect(fixture.taskCount == 0)
    }

    @Test func aTaskThatRanUnderTheOldMasterIsToldToTheNewOne() throws {
        let fixture = try Fixture.running()
        fixture.engine.during.withLock {
            $0 = { if $0 == "create 1" { fixture.heartbeat(from: otherMaster, epoch: 2) } }
        }
        _ = fixture.submit(.create(1))
        try fixture.run()
        #expect(fixture.master.state.withLock { $0.finishes.map(\.address) } == [otherMaster])
        #expect(fixture.taskCount == 0)
    }

    @Test func oneEndThatTheMasterCanNotTakeDoesNotHoldUpTheOthers() throws {
        let fixture = try Fixture.running()
        fixture.master.set { $0.finishFailures = 1 }
        _ = fixture.submit(.create(1))
        try fixture.run()
        fixture.master.set { $0.finishFailures = 1 }
        _ = fixture.submit(.create(2), .create(3))
        #expect(try fixture.scheduler.run { fixture.taskCount == 0 })
        #expect(fixture.master.finishes.count == 3)
    }

    @Test(arguments: 0..<20)
    func everyTaskIsToldOnceInAnyOrder(seed: UInt64) throws {
        let fixture = try Fixture.running(seed: seed)
        for round in 0..<10 {
            fixture.master.set { $0.finishFailures = round % 3 }
            let tasks = (0..<5).map { AgentTask.create(Int64(round * 5 + $0)) }
            _ = fixture.node.backendHandler.submitTasks(tasks, from: masterHost)
            try fixture.advance(.milliseconds(100))
        }
        #expect(try fixture.scheduler.run { fixture.taskCount == 0 })
        #expect(fixture.master.finishes.map(\.signature).sorted() == Array(0..<50))
    }
}
