import BackendCore
import ClusterTestKit
import Logging
import NodeMetrics
import Platform
import TabletModel
import Testing

/// Who may command a backend: the master whose heartbeats it takes, from where these come.
@Suite struct CommandGateTests {
    static let stranger = CallerHost("10.0.0.66")

    @Test func beforeTheFirstHeartbeatNobodyCommands() throws {
        let fixture = Fixture()
        let handler = fixture.node.backendHandler
        let answer = handler.submitTasks([.create(1)], from: masterHost)
        #expect(answer.code == .cancelled && answer.messages.first?.contains("not had a heartbeat yet") == true)
        #expect(handler.publishClusterState(from: masterHost).status.code == .cancelled)
        handler.cleanTrash(from: masterHost)
        try fixture.run()
        #expect(!fixture.engine.calls.contains("sweep all"))
    }

    @Test func whatAnotherHostCommandsIsRefusedAndNothingHappens() throws {
        let fixture = try Fixture.running()
        let handler = fixture.node.backendHandler
        let answer = handler.submitTasks([.create(1)], from: Self.stranger)
        #expect(answer.code == .notAuthorized && answer.messages.first?.contains("10.0.0.66") == true)
        #expect(handler.publishClusterState(from: Self.stranger).status.code == .notAuthorized)
        handler.cleanTrash(from: Self.stranger)
        try fixture.run()
        #expect(!fixture.engine.calls.contains("create 1") && !fixture.engine.calls.contains("sweep all"))
        #expect(fixture.metrics.render().contains("tabletd_be_commands_refused_total 3"))
        // What backends ask of each other, and what only reads, is not a command.
        #expect(handler.releaseSnapshot(path: "/none").status.code != .notAuthorized)
        #expect(handler.diskTrash().count == 2)
        #expect(handler.submitTasks([.create(1)], from: masterHost) == .ok)
        try fixture.run()
        #expect(fixture.engine.calls.contains("create 1"))
    }

    @Test func theRightGoesWithTheHeartbeatThatIsAccepted() throws {
        let fixture = try Fixture.running()
        let handler = fixture.node.backendHandler
        let next = CallerHost("10.0.0.9")
        // Refused heartbeats give no right.
        fixture.heartbeat(from: otherMaster, epoch: 1, caller: next)
        fixture.heartbeat(from: otherMaster, epoch: 2, token: "wrong", caller: next)
        fixture.heartbeat(from: otherMaster, epoch: 2, token: nil, caller: next)
        #expect(handler.submitTasks([.create(1)], from: next).code == .notAuthorized)
        fixture.heartbeat(from: otherMaster, epoch: 2, caller: next)
        #expect(handler.submitTasks([.create(1)], from: next) == .ok)
        #expect(handler.submitTasks([.create(2)], from: masterHost).code == .notAuthorized)
        // The former master's heartbeats are stale, and give none back.
        fixture.heartbeat(epoch: 1)
        #expect(handler.submitTasks([.create(2)], from: masterHost).code == .notAuthorized)
    }

    /// Behind an address of the network's own the master is where its heartbeats come from, and where it says it is.
    @Test func aMasterMayComeFromAnotherAddressThanItsOwn() throws {
        let fixture = try Fixture.running()
        let handler = fixture.node.backendHandler
        fixture.heartbeat(caller: CallerHost("192.168.1.1"))
        #expect(handler.submitTasks([.create(1)], from: CallerHost("192.168.1.1")) == .ok)
        #expect(handler.submitTasks([.create(2)], from: masterHost) == .ok)
        #expect(handler.submitTasks([.create(3)], from: Self.stranger).code == .notAuthorized)
    }

    @Test func aRefusalIsLoggedOnceAMinute() throws {
        let log = EventLog()
        let scheduler = ManualScheduler()
        let node = BackendNode(
            options: BackendOptions(), identity: Fixture.identity, engine: RecordingEngine(),
            connector: RecordingMaster(time: scheduler), scheduler: scheduler, random: SeededRandom(seed: 7),
            logger: log.logger("be"), metrics: MetricsRegistry())
        let said = {
            for _ in 0..<5 { _ = node.backendHandler.submitTasks([], from: Self.stranger) }
            return log.lines(containing: "command refused").count
        }
        #expect(said() == 1)
        try scheduler.advance(by: .seconds(59))
        #expect(said() == 1)
        try scheduler.advance(by: .seconds(2))
        #expect(said() == 2)
        #expect(log.lines(containing: "untold=9").count == 1)
    }
}
