import Glibc
import Platform
import PlatformContracts
import Synchronization
import TabletModel
import Testing

@testable import ThreadRuntime

/// Gives the processor away until the condition holds; false after ten seconds.
func waitUntil(_ condition: () -> Bool) -> Bool {
    var start = timespec()
    clock_gettime(CLOCK_MONOTONIC, &start)
    while !condition() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        if now.tv_sec - start.tv_sec > 10 { return false }
        sched_yield()
    }
    return true
}

struct ThreadSchedulerTests {
    @Test(arguments: SchedulerContract.allCases)
    func keepsTheContract(_ contract: SchedulerContract) throws {
        let scheduler = ThreadScheduler()
        try contract.check(scheduler) { waitUntil($0) }
        #expect(scheduler.shutdown(drainingFor: .seconds(5)).stuckThreads.isEmpty)
    }

    @Test func threadsCarryThePoolsName() throws {
        let scheduler = ThreadScheduler()
        let pool = scheduler.makePool(name: "publish-version-tasks", threads: 1, queueLimit: 1)
        let name = Mutex("")
        #expect(
            pool.submit {
                var bytes = [UInt8](repeating: 0, count: 32)
                let file = open("/proc/thread-self/comm", O_RDONLY)
                let count = max(0, read(file, &bytes, bytes.count))
                close(file)
                name.withLock { $0 = String(decoding: bytes[..<count], as: UTF8.self) }
            })
        #expect(waitUntil { !name.withLock { $0 }.isEmpty })
        #expect(name.withLock { $0 } == "publish-version\n")
        #expect(scheduler.shutdown(drainingFor: .seconds(5)).isClean)
    }

    @Test func threadsStartWhenTheyAreNeeded() throws {
        let scheduler = ThreadScheduler()
        _ = scheduler.makePool(name: "idle", threads: 4096, queueLimit: 1)
        #expect(scheduler.statistics.map(\.threads) == [0])
        #expect(scheduler.shutdown(drainingFor: .seconds(1)).isClean)
    }

    @Test func aBlockedThreadDoesNotHoldUpOthers() throws {
        let scheduler = ThreadScheduler()
        let pool = scheduler.makePool(name: "mixed", threads: 2, queueLimit: 100)
        let release = Atomic(false)
        let count = Atomic(0)
        #expect(pool.submit { while !release.load(ordering: .acquiring) { sched_yield() } })
        for _ in 0..<50 { #expect(pool.submit { count.add(1, ordering: .relaxed) }) }
        #expect(waitUntil { count.load(ordering: .relaxed) == 50 })
        release.store(true, ordering: .releasing)
        #expect(scheduler.shutdown(drainingFor: .seconds(5)).isClean)
    }

    @Test func shutdownRunsWhatIsQueuedAndWhatThatSubmits() throws {
        let scheduler = ThreadScheduler()
        let first = scheduler.makePool(name: "first", threads: 1, queueLimit: 1000)
        let second = scheduler.makePool(name: "second", threads: 1, queueLimit: 1000)
        let count = Atomic(0)
        for _ in 0..<500 {
            #expect(
                first.submit {
                    if second.submit({ count.add(1, ordering: .relaxed) }) { count.add(1, ordering: .relaxed) }
                })
        }
        let result = scheduler.shutdown(drainingFor: .seconds(10))
        #expect(result.isClean)
        #expect(count.load(ordering: .relaxed) == 1000)
        #expect(!first.submit {})
    }

    @Test func shutdownLeavesWhatDoesNotEnd() throws {
        let scheduler = ThreadScheduler()
        let pool = scheduler.makePool(name: "stuck", threads: 1, queueLimit: 10)
        let release = Atomic(false)
        let started = Atomic(false)
        #expect(
            pool.submit {
                started.store(true, ordering: .releasing)
                while !release.load(ordering: .acquiring) { sched_yield() }
            })
        #expect(waitUntil { started.load(ordering: .acquiring) })
        for _ in 0..<3 { #expect(pool.submit {}) }
        let result = scheduler.shutdown(drainingFor: .milliseconds(10))
        #expect(result.droppedJobs == 3)
        #expect(result.stuckThreads == ["stuck": 1])
        release.store(true, ordering: .releasing)
    }

    @Test func shutdownForgetsTimers() throws {
        let scheduler = ThreadScheduler()
        let pool = scheduler.makePool(name: "timers", threads: 1, queueLimit: 10)
        let held = Held()
        weak let watched = held
        scheduler.schedule(after: .seconds(3600), on: pool) { [held] in held.touch() }
        #expect(scheduler.timers.count == 1)
        #expect(scheduler.shutdown(drainingFor: .seconds(1)).isClean)
        #expect(scheduler.timers.count == 0)
        scheduler.schedule(after: .zero, on: pool) { [held] in held.touch() }
        #expect(scheduler.timers.count == 0)
        #expect(watched != nil && !held.isTouched)
    }

    @Test func aCancelledTimerLetsGoOfWhatItHeld() throws {
        let scheduler = ThreadScheduler()
        let pool = scheduler.makePool(name: "timers", threads: 1, queueLimit: 10)
        var held: Held? = Held()
        weak let watched = held
        let job = scheduler.schedule(after: .seconds(3600), on: pool) { [held] in held?.touch() }
        held = nil
        #expect(watched != nil)
        job.cancel()
        #expect(watched == nil)
        #expect(scheduler.shutdown(drainingFor: .seconds(1)).isClean)
    }

    @Test func tenThousandCancelledTimersDoNotPileUp() throws {
        let scheduler = ThreadScheduler()
        let pool = scheduler.makePool(name: "timers", threads: 1, queueLimit: 10)
        for _ in 0..<10_000 { scheduler.schedule(after: .seconds(3600), on: pool) {}.cancel() }
        #expect(scheduler.timers.count <= 1025)
        #expect(scheduler.shutdown(drainingFor: .seconds(1)).isClean)
    }

    @Test func manyProducersLoseNothing() async throws {
        let scheduler = ThreadScheduler()
        let pool = scheduler.makePool(name: "busy", threads: 3, queueLimit: 64)
        let ran = Counter()
        let taken = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var taken = 0
                    for _ in 0..<20_000 where pool.submit({ ran.add() }) { taken += 1 }
                    return taken
                }
            }
            return await group.reduce(0, +)
        }
        #expect(scheduler.shutdown(drainingFor: .seconds(10)).isClean)
        #expect(ran.value == taken)
        let row = try #require(scheduler.statistics.first)
        #expect(row.accepted == UInt64(taken) && row.finished == UInt64(taken))
        #expect(row.rejected == UInt64(80_000 - taken))
    }
}

private final class Counter: Sendable {
    private let count = Atomic(0)
    func add() { count.add(1, ordering: .relaxed) }
    var value: Int { count.load(ordering: .relaxed) }
}

private final class Held: Sendable {
    private let touched = Atomic(false)
    func touch() { touched.store(true, ordering: .relaxed) }
    var isTouched: Bool { touched.load(ordering: .relaxed) }
}
