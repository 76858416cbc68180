import Platform
import StorageEngine
import TabletModel
import Testing

@testable import BackendCore

/// `#expect` can't call a mutating function: these can be.
private final class ScheduleBox {
    private var schedule = LoopSchedule()
    var ticket: UInt64 { schedule.ticket }
    var phase: LoopSchedule.Phase { schedule.phase }
    func trigger() -> Bool { schedule.trigger() }
    func wake() -> Bool { schedule.wake() }
    func begin(_ ticket: UInt64) -> Bool { schedule.begin(ticket) }
    func end(_ outcome: LoopOutcome) -> LoopSchedule.Next { schedule.end(outcome) }
    func stop() { schedule.stop() }
}

private final class PlanBox {
    private var plan: MaintenancePlan<DueCooldown>
    init(runsPerDir: Int, failurePause: Duration, firstPause: Duration? = nil) {
        plan = MaintenancePlan(
            runsPerDir: runsPerDir, pause: Backoff(base: firstPause ?? failurePause, limit: failurePause))
    }
    var dueCount: Int { plan.dueCount }
    func offer(_ due: [DueCooldown], now: MonotonicTime) { plan.offer(due, now: now) }
    func next() -> DueCooldown? { plan.next() }
    func ended(_ tablet: TabletID, failed: Bool, now: MonotonicTime) { plan.ended(tablet, failed: failed, now: now) }
    func forgetFailures() { plan.forgetFailures() }
}

/// The pure deciders: no thread, no clock.
@Suite struct ScheduleTests {
    @Test func aTriggerIsNeverLost() {
        let schedule = ScheduleBox()
        #expect(schedule.trigger())
        #expect(!schedule.trigger())
        #expect(schedule.begin(schedule.ticket))
        #expect(!schedule.trigger())
        #expect(schedule.end(.done) == .now)
        #expect(schedule.begin(schedule.ticket))
        #expect(schedule.end(.done) == .interval)
    }

    @Test func aTriggerOvertakesTheTimer() {
        let schedule = ScheduleBox()
        _ = schedule.trigger()
        _ = schedule.begin(schedule.ticket)
        _ = schedule.end(.done)
        let timer = schedule.ticket
        #expect(schedule.trigger())
        #expect(!schedule.begin(timer))
        #expect(schedule.begin(schedule.ticket))
    }

    @Test func wakingKeepsTheTimeOfALoopThatWaits() {
        let schedule = ScheduleBox()
        #expect(schedule.wake())
        #expect(!schedule.wake())
        #expect(schedule.begin(schedule.ticket))
        #expect(!schedule.wake())
        #expect(schedule.end(.idle) == .retry(0))
        #expect(schedule.begin(schedule.ticket))
        #expect(schedule.end(.idle) == .nothing)
        #expect(schedule.phase == .idle)
    }

    @Test func failuresGrowUntilARoundSucceeds() {
        let schedule = ScheduleBox()
        _ = schedule.trigger()
        for expected in 0..<4 {
            #expect(schedule.begin(schedule.ticket))
            #expect(schedule.end(.failed("x")) == .retry(expected))
        }
        #expect(schedule.begin(schedule.ticket))
        #expect(schedule.end(.next(after: .seconds(3))) == .after(.seconds(3)))
        #expect(schedule.begin(schedule.ticket))
        #expect(schedule.end(.failed("x")) == .retry(0))
    }

    @Test func aStoppedLoopStaysStopped() {
        let schedule = ScheduleBox()
        _ = schedule.trigger()
        let ticket = schedule.ticket
        schedule.stop()
        #expect(!schedule.begin(ticket))
        #expect(!schedule.trigger())
        #expect(!schedule.wake())
    }

    @Test func aRoundThatEndsAfterTheStopStartsNothing() {
        let schedule = ScheduleBox()
        _ = schedule.trigger()
        _ = schedule.begin(schedule.ticket)
        schedule.stop()
        #expect(schedule.end(.done) == .nothing)
    }

    // Cooldown plan.

    private func due(_ pairs: (TabletID, String)...) -> [DueCooldown] {
        pairs.map { DueCooldown(tabletID: $0.0, dataDir: $0.1) }
    }
    private let start = MonotonicTime(nanoseconds: 0)

    @Test func theMostUrgentTabletOfADirWithRoomGoesFirst() {
        let plan = PlanBox(runsPerDir: 1, failurePause: .seconds(10))
        plan.offer(due((1, "/a"), (2, "/a"), (3, "/b")), now: start)
        #expect(plan.next()?.tabletID == 1)
        #expect(plan.next()?.tabletID == 3)
        #expect(plan.next() == nil)
        plan.ended(1, failed: false, now: start)
        #expect(plan.next()?.tabletID == 2)
        #expect(plan.dueCount == 0)
    }

    @Test func aRunningTabletIsNotStartedTwice() {
        let plan = PlanBox(runsPerDir: 2, failurePause: .seconds(10))
        plan.offer(due((1, "/a")), now: start)
        #expect(plan.next()?.tabletID == 1)
        plan.offer(due((1, "/a"), (2, "/a")), now: start)
        #expect(plan.next()?.tabletID == 2)
        #expect(plan.next() == nil)
    }

    @Test func aFailedTabletPausesUntilItsTimeOrANewConf() {
        let plan = PlanBox(runsPerDir: 2, failurePause: .seconds(10))
        plan.offer(due((1, "/a")), now: start)
        _ = plan.next()
        plan.ended(1, failed: true, now: start)
        plan.offer(due((1, "/a")), now: start + .seconds(9))
        #expect(plan.next() == nil)
        plan.offer(due((1, "/a")), now: start + .seconds(10))
        #expect(plan.next()?.tabletID == 1)
        plan.ended(1, failed: true, now: start + .seconds(10))
        plan.forgetFailures()
        plan.offer(due((1, "/a")), now: start + .seconds(10))
        #expect(plan.next()?.tabletID == 1)
    }

    // found B3: one read error must not cost minutes.
    @Test func thePauseGrowsWithFailuresInARowAndASuccessEndsIt() {
        let plan = PlanBox(runsPerDir: 2, failurePause: .seconds(60), firstPause: .seconds(10))
        var now = start
        func failsFor(_ pause: Duration) {
            plan.offer(due((1, "/a")), now: now)
            #expect(plan.next()?.tabletID == 1)
            plan.ended(1, failed: true, now: now)
            plan.offer(due((1, "/a")), now: now + pause + .milliseconds(-1))
            #expect(plan.next() == nil)
            now = now + pause
        }
        for seconds in [10, 20, 40, 60, 60] { failsFor(.seconds(seconds)) }
        plan.offer(due((1, "/a")), now: now)
        #expect(plan.next()?.tabletID == 1)
        plan.ended(1, failed: false, now: now)
        failsFor(.seconds(10))
        // What is not due any more is forgotten.
        plan.offer([], now: now)
        failsFor(.seconds(10))
    }
}
