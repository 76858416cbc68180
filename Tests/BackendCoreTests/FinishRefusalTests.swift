import BackendCore
import ClusterTestKit
import Platform
import Synchronization
import TabletModel
import Testing

/// One end that a living master can't take costs itself alone; a master that is away costs nothing.
@Suite struct FinishRefusalTests {
    private let refused = "tabletd_be_finish_task_refused_total"

    @Test func anUnreadableEndHoldsUpNoOtherAndIsGivenUp() throws {
        let fixture = try Fixture.running()
        fixture.master.set { $0.unreadableFinishes = [1] }
        _ = fixture.submit(.create(1))
        try fixture.run()
        for id in 2...20 {
            _ = fixture.submit(.create(Int64(id)))
            try fixture.advance(.milliseconds(50))
            // At once, not after the pauses of the first.
            #expect(fixture.master.finishes.last?.signature == Int64(id))
        }
        #expect(fixture.taskCount == 1)
        try fixture.advance(.seconds(300))
        #expect(fixture.taskCount == 0)
        #expect(fixture.metric(refused) == 1)
        // It is in no task report any more: the FE decides.
        #expect(fixture.master.reports("task").last?.report.tasks == [:])
        let tries = fixture.master.finishTries
        try fixture.advance(.seconds(300))
        #expect(fixture.master.finishTries == tries)
        #expect(tries < 40)
    }

    @Test func severalUnreadableEndsHoldUpNoOther() throws {
        let fixture = try Fixture.running()
        fixture.master.set { $0.unreadableFinishes = Set(1...7) }
        _ = fixture.node.backendHandler.submitTasks((1...30).map { .create($0) }, from: masterHost)
        try fixture.advance(.seconds(60))
        #expect(Set(fixture.master.finishes.map(\.signature)) == Set(8...30))
        try fixture.advance(.seconds(600))
        #expect(fixture.taskCount == 0)
        #expect(fixture.metric(refused) == 7)
    }

    @Test(arguments: [RPCError.Code.connect, .timeout, .closed])
    func aMasterThatIsAwayLosesNothing(_ code: RPCError.Code) throws {
        let fixture = try Fixture.running()
        fixture.master.set { state in
            state.finishFailures = .max
            state.reportFailures = .max
            state.finishFailure = code
            state.knowsPolicies = false
        }
        _ = fixture.node.backendHandler.submitTasks((1...50).map { .create($0) }, from: masterHost)
        try fixture.advance(.seconds(3600))
        #expect(fixture.taskCount == 50)
        #expect(fixture.metric(refused) == 0)
        // About one try for each pause, not one for each end and pause.
        #expect(fixture.master.finishTries < 600)
        fixture.master.set { state in
            state.finishFailures = 0
            state.reportFailures = 0
        }
        #expect(try fixture.scheduler.run { fixture.taskCount == 0 })
        #expect(Set(fixture.master.finishes.map(\.signature)) == Set(1...50))
    }

    @Test func aMasterThatRestartedIsAskedAnew() throws {
        var options = BackendOptions()
        options.finishRefusalLimit = 3
        let fixture = try Fixture.running(options)
        fixture.master.set { $0.unreadableFinishes = [1] }
        _ = fixture.submit(.create(1))
        try fixture.advance(.seconds(12))
        #expect(fixture.taskCount == 1)
        // A newer FE, say, that can read it.
        fixture.master.set { $0.unreadableFinishes = [] }
        fixture.heartbeat(epoch: 2)
        try fixture.run()
        #expect(fixture.taskCount == 0)
        #expect(fixture.metric(refused) == 0)
    }

    /// The FE went back to 2023 while a task of 2026 ran: there is no word for it.
    @Test func anEndThatTheMasterHasNoWordForIsNotSent() throws {
        let fixture = try Fixture.running(under: .year2026)
        fixture.engine.during.withLock { during in
            during = { if $0 == "pushed rules" { fixture.heartbeat(epoch: 2, speaking: .year2023) } }
        }
        _ = fixture.submit(AgentTask(type: .pushStoragePolicy, signature: 5, payload: .pushedRules(PushedRules())))
        try fixture.run()
        #expect(fixture.master.finishes.isEmpty && fixture.master.finishTries == 0)
        #expect(fixture.taskCount == 0)
        #expect(fixture.metric(refused) == 1)
    }
}
