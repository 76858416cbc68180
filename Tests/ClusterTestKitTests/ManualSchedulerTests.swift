import ClusterTestKit
import Platform
import PlatformContracts
import Synchronization
import TabletModel
import Testing

struct ManualSchedulerTests {
    @Test(arguments: SchedulerContract.allCases, [nil, 1, 2, 3] as [UInt64?])
    func keepsTheContract(_ contract: SchedulerContract, _ seed: UInt64?) throws {
        let scheduler = ManualScheduler(seed: seed)
        try contract.check(scheduler) { try scheduler.run(until: $0) }
    }

    @Test func nothingRunsUntilItIsTold() throws {
        let scheduler = ManualScheduler()
        let pool = scheduler.makePool(name: "p", threads: 1, queueLimit: 10)
        let order = Order()
        #expect(pool.submit { order.add("job") })
        scheduler.schedule(after: .seconds(5), on: pool) { order.add("timer") }
        #expect(order.values == [])
        #expect(try scheduler.runUntilIdle() == 1)
        try scheduler.advance(by: .milliseconds(4999))
        #expect(order.values == ["job"])
        try scheduler.advance(by: .milliseconds(1))
        #expect(order.values == ["job", "timer"])
        #expect(scheduler.monotonicNow == MonotonicTime(nanoseconds: 5_000_000_000))
    }

    @Test func timersSeeTheTimeTheyWereDue() throws {
        let scheduler = ManualScheduler(wallStart: UnixTime(seconds: 100))
        let pool = scheduler.makePool(name: "p", threads: 1, queueLimit: 10)
        let order = Order()
        for delay in [3, 1, 2] {
            scheduler.schedule(after: .seconds(delay), on: pool) { order.add("\(scheduler.wallNow)") }
        }
        try scheduler.advance(by: .seconds(10))
        #expect(order.values == ["101000", "102000", "103000"])
        #expect(scheduler.wallNow == UnixTime(seconds: 110))
    }

    @Test func theSameSeedGivesTheSameOrderAndAnotherADifferentOne() throws {
        func run(_ seed: UInt64?) throws -> [String] {
            let scheduler = ManualScheduler(seed: seed)
            let order = Order()
            for name in ["a", "b", "c"] {
                let pool = scheduler.makePool(name: name, threads: 2, queueLimit: 100)
                for number in 0..<10 { _ = pool.submit { order.add("\(name)\(number)") } }
            }
            try scheduler.runUntilIdle()
            return order.values
        }
        #expect(try run(nil) == ["a", "b", "c"].flatMap { name in (0..<10).map { "\(name)\($0)" } })
        #expect(try run(5) == run(5))
        #expect(try run(5) != run(6))
    }

    @Test func aStoppedNodeGoesOnLate() throws {
        let scheduler = ManualScheduler(seed: 3)
        let node = scheduler.makeNode("fe1")
        let part = node.makePart()
        let order = Order()
        for (name, one) in [("node", node), ("part", part), ("other", scheduler.makeNode("fe2"))] {
            let pool = one.makePool(name: "p", threads: 1, queueLimit: 10)
            one.schedule(after: .seconds(2), on: pool) { order.add("\(name) at \(one.monotonicNow)") }
        }
        node.pause()
        #expect(part.isPaused)
        try scheduler.advance(by: .seconds(5))
        #expect(order.values == ["other at 2000000000"])
        #expect(scheduler.readyCount == 0)
        node.resume()
        try scheduler.runUntilIdle()
        #expect(order.values.sorted() == ["node at 5000000000", "other at 2000000000", "part at 5000000000"])
        part.kill()
        #expect(node.isAlive && !part.isAlive)
        let last = scheduler.makeNode("fe3")
        let lastPart = last.makePart()
        last.pause()
        last.kill()
        #expect(!lastPart.isAlive && !lastPart.isPaused)
    }

    @Test(arguments: [-10, -3, 0, 7, 10] as [Int64]) func aClockThatDriftsIsNeverBehindItsTimers(drift: Int64) throws {
        let scheduler = ManualScheduler()
        let node = scheduler.makeNode("fe1", driftPermille: drift)
        let pool = node.makePool(name: "p", threads: 1, queueLimit: 10)
        for delay in [1, 999, 1001, 123_456_789, 60_000_000_000, 7_777_777_777] as [Int64] {
            let (began, trueBegin) = (node.monotonicNow, scheduler.monotonicNow)
            let ended = Mutex<MonotonicTime?>(nil)
            node.schedule(after: .nanoseconds(delay), on: pool) { ended.withLock { $0 = node.monotonicNow } }
            #expect(try scheduler.run { ended.withLock { $0 != nil } })
            let shown = try #require(ended.withLock { $0 }) - began
            #expect(shown >= .nanoseconds(delay) && shown < .nanoseconds(delay + 5000))
            let passed = scheduler.monotonicNow - trueBegin
            #expect(abs(passed.wholeNanoseconds * (1000 + drift) / 1000 - delay) < 5000)
        }
    }

    @Test func aKilledNodeRunsNothingMore() throws {
        let scheduler = ManualScheduler()
        let node = scheduler.makeNode("be1")
        let pool = node.makePool(name: "tasks", threads: 1, queueLimit: 10)
        #expect(pool.name == "be1/tasks")
        let order = Order()
        #expect(pool.submit { order.add("queued") })
        node.schedule(after: .seconds(1), on: pool) { order.add("timer") }
        node.kill()
        #expect(!pool.submit { order.add("late") })
        try scheduler.advance(by: .seconds(10))
        #expect(order.values == [])
    }

    @Test func aNodesWallClockMayBeOff() {
        let scheduler = ManualScheduler(wallStart: UnixTime(seconds: 100))
        let node = scheduler.makeNode("be1")
        node.setWallSkew(.seconds(-30))
        #expect(node.wallNow == UnixTime(seconds: 70))
        #expect(node.monotonicNow == scheduler.monotonicNow)
    }

    @Test func jobsWithoutEndAreAnError() {
        let scheduler = ManualScheduler()
        let pool = scheduler.makePool(name: "p", threads: 1, queueLimit: 10)
        @Sendable func again() { _ = pool.submit(again) }
        again()
        #expect(throws: SimulationError.self) { try scheduler.runUntilIdle(limit: 100) }
    }

    @Test(arguments: [nil, 1, 2] as [UInt64?]) func whileAJobWaitsOthersRunAndItsThreadStaysTaken(seed: UInt64?) throws
    {
        let scheduler = ManualScheduler(seed: seed)
        let slow = scheduler.makePool(name: "slow", threads: 1, queueLimit: 10)
        let other = scheduler.makePool(name: "other", threads: 1, queueLimit: 10)
        let order = Order()
        let isTaken = slow.submit {
            order.add("begins")
            _ = slow.submit { order.add("next") }
            scheduler.schedule(after: .seconds(2), on: other) { order.add("timer") }
            scheduler.wait(.seconds(3))
            order.add("ends")
        }
        #expect(isTaken)
        try scheduler.runUntilIdle()
        #expect(order.values == ["begins", "timer", "ends", "next"])
        #expect(scheduler.monotonicNow == MonotonicTime(nanoseconds: 3_000_000_000))
    }

    @Test func runUntilEndsAtItsLimit() throws {
        let scheduler = ManualScheduler()
        let pool = scheduler.makePool(name: "p", threads: 1, queueLimit: 10)
        @Sendable func tick() { scheduler.schedule(after: .seconds(1), on: pool, tick) }
        tick()
        #expect(try scheduler.run(limit: .seconds(10)) { false } == false)
        #expect(scheduler.monotonicNow == MonotonicTime(nanoseconds: 10_000_000_000))
    }
}

final class Order: Sendable {
    private let list = Mutex<[String]>([])
    func add(_ value: String) { list.withLock { $0.append(value) } }
    var values: [String] { list.withLock { $0 } }
}
