import ClusterTestKit
import ElectionTestKit
import FrontendElection
import FrontendRoles
import Logging
import Platform
import Synchronization
import TabletModel
import Testing

/// Notes what its FE is told, and acts each tenth of a second while it may.
private final class NotingKeeper: TermKeeper {
    struct Refusal: Error {}

    let notes = Mutex<[String]>([])
    let refusesPromotion = Atomic(false)
    let log: Mutex<Int64>

    init(logEnd: Int64) { log = Mutex(logEnd) }

    private func note(_ text: String) { notes.withLock { $0.append(text) } }

    func replay(_ fence: Fence) throws -> (replayed: Int64, logEnd: Int64) {
        note("replay \(fence)")
        return log.withLock { ($0, $0) }
    }

    func promote(_ fence: Fence) throws {
        note("promote \(fence)")
        if refusesPromotion.load(ordering: .relaxed) { throw Refusal() }
    }

    func act(_ fence: Fence) { note("act \(fence)") }
    func stop(_ fence: Fence) { note("stop \(fence)") }
}

private struct Machine {
    let runner: ElectionRunner
    let keeper: NotingKeeper
    let node: SimulatedNode
}

@Suite struct ElectionRunnerTests {
    private let scheduler = ManualScheduler(seed: 7)
    private let leases: SimulatedLeases

    init() {
        leases = SimulatedLeases { [scheduler] in scheduler.monotonicNow }
    }

    private func machine(_ name: String, role: FrontendRole = .follower) -> Machine {
        let keeper = NotingKeeper(logEnd: 17)
        let node = scheduler.makeNode(name)
        let record = LeaderRecord(
            nodeName: name, host: name, editLogPort: 9010, httpPort: 8030, rpcPort: 9020, epoch: 0)
        let runner = ElectionRunner(
            RoleElection(
                nodeName: name, role: role, timing: ElectionTiming(), random: SeededRandom(seed: UInt64(name.count))),
            leases: leases.line(of: name), record: { record }, keeper: keeper, scheduler: node,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return Machine(runner: runner, keeper: keeper, node: node)
    }

    private func leading(_ machines: [Machine]) -> [Machine] { machines.filter(\.runner.mayAct) }

    @Test func aTermBeginsBehindItsFenceAndEndsBeforeTheNext() throws {
        let machines = ["fe1", "fe20", "fe300"].map { machine($0) }
        for machine in machines { machine.runner.start() }
        #expect(try scheduler.run(limit: .seconds(10)) { leading(machines).count == 1 })
        try scheduler.advance(by: .seconds(2))
        let first = try #require(leading(machines).first)
        let name = try #require(leases.table.key?.record.nodeName)
        let fence = try #require(leases.table.key?.fence)
        #expect(first.keeper.notes.withLock { $0 } == ["replay \(fence)", "promote \(fence)", "act \(fence)"])
        #expect(first.runner.state == .master)
        for machine in machines where machine.runner !== first.runner {
            #expect(machine.runner.state == .follower && machine.runner.leader?.record.nodeName == name)
            #expect(machine.keeper.notes.withLock { $0.isEmpty })
        }

        leases.cut(name)
        #expect(
            try scheduler.run(limit: .seconds(10)) { leading(machines).contains { $0.runner !== first.runner } })
        #expect(!first.runner.mayAct)
        #expect(first.keeper.notes.withLock { $0.last } == "stop \(fence)")
        #expect(try #require(leases.table.key?.fence) > fence)
        // It follows again, without having ended.
        leases.heal(name)
        try scheduler.advance(by: .seconds(5))
        #expect(first.runner.state == .follower && leading(machines).count == 1)
    }

    @Test func whoLeavesMakesRoomAtOnce() throws {
        let machines = ["fe1", "fe20"].map { machine($0) }
        for machine in machines { machine.runner.start() }
        #expect(try scheduler.run(limit: .seconds(10)) { leading(machines).count == 1 })
        let first = try #require(leading(machines).first)
        let left = scheduler.monotonicNow
        first.runner.leave()
        #expect(
            try scheduler.run(limit: .seconds(10)) { leading(machines).contains { $0.runner !== first.runner } })
        #expect(scheduler.monotonicNow - left < .seconds(3))
        #expect(first.keeper.notes.withLock { $0.last }?.hasPrefix("stop") == true)
        try scheduler.advance(by: .seconds(20))
        #expect(!first.runner.mayAct)
    }

    @Test func whoCantBePromotedLetsAnotherLead() throws {
        let (broken, sound) = (machine("fe1"), machine("fe20"))
        broken.keeper.refusesPromotion.store(true, ordering: .relaxed)
        broken.runner.start()
        try scheduler.advance(by: .milliseconds(50))
        sound.runner.start()
        #expect(try scheduler.run(limit: .seconds(60)) { sound.runner.mayAct })
        let notes = broken.keeper.notes.withLock { $0 }
        #expect(!notes.contains { $0.hasPrefix("act") })
        // Each term that it began it ended.
        #expect(notes.filter { $0.hasPrefix("promote") }.count == notes.filter { $0.hasPrefix("stop") }.count)
    }

    @Test func anObserverNeverLeads() throws {
        let observer = machine("fe1", role: .observer)
        observer.runner.start()
        try scheduler.advance(by: .seconds(30))
        #expect(observer.keeper.notes.withLock { $0.isEmpty } && leases.table.history.isEmpty)
    }

    /// A process that was stopped (SIGSTOP) for longer than its lease acts on nothing when it goes on.
    @Test func whoWasStoppedForLongerThanItsLeaseMayNotAct() throws {
        let machines = ["fe1", "fe20"].map { machine($0) }
        for machine in machines { machine.runner.start() }
        #expect(try scheduler.run(limit: .seconds(10)) { leading(machines).count == 1 })
        let first = try #require(leading(machines).first)
        // None of its jobs runs, and time passes.
        first.node.kill()
        try scheduler.advance(by: .seconds(6))
        #expect(!first.runner.mayAct)
        #expect(leading(machines).count == 1)
    }
}
