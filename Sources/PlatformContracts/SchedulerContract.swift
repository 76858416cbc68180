public import Platform
internal import Synchronization
internal import TabletModel

/// What every `Scheduler` does. `advance` lets time pass until the condition holds (a simulated scheduler runs its queue,
/// a real one waits) and says whether it does.
public enum SchedulerContract: String, CaseIterable, Sendable {
    case runsWhatWasSubmitted
    case oneThreadKeepsTheOrder
    case fullQueueRefuses
    case jobsMaySubmitJobs
    case timerRunsAfterItsDelay
    case timersRunInDueOrder
    case cancelledTimerDoesNotRun
    case timerIsOfferedAgainToAFullPool
    case timeDoesNotGoBack

    public typealias Advance = (_ condition: () -> Bool) throws -> Bool

    public func check(_ scheduler: any Scheduler, advance: Advance) throws {
        switch self {
        case .runsWhatWasSubmitted:
            let count = Counter()
            let pool = scheduler.makePool(name: "contract", threads: 2, queueLimit: 1000)
            try requireEqual(pool.name.hasSuffix("contract"), true, "name")
            for _ in 0..<1000 { while !pool.submit({ count.add() }) { _ = try advance { pool.queueDepth < 1000 } } }
            try require(try advance { count.value == 1000 }, "\(count.value) of 1000 jobs ran")
            try requireEqual(pool.queueDepth, 0, "queue depth")
        case .oneThreadKeepsTheOrder:
            let order = Order()
            let pool = scheduler.makePool(name: "contract", threads: 1, queueLimit: 1000)
            for number in 0..<1000 { try require(pool.submit { order.add(number) }, "job \(number) was refused") }
            try require(try advance { order.values.count == 1000 }, "not all jobs ran")
            try requireEqual(order.values, Array(0..<1000), "order")
        case .fullQueueRefuses: try checkLimit(scheduler, advance)
        case .jobsMaySubmitJobs:
            let count = Counter()
            let pool = scheduler.makePool(name: "contract", threads: 1, queueLimit: 10)
            try require(pool.submit { _ = pool.submit { count.add() } }, "refused")
            try require(try advance { count.value == 1 }, "the inner job did not run")
        case .timerRunsAfterItsDelay:
            let start = scheduler.monotonicNow
            let order = Order()
            let pool = scheduler.makePool(name: "contract", threads: 1, queueLimit: 10)
            scheduler.schedule(after: .milliseconds(30), on: pool) {
                order.add(Int((scheduler.monotonicNow - start).wholeMilliseconds))
            }
            try require(try advance { !order.values.isEmpty }, "the timer did not run")
            try require(order.values[0] >= 30, "it ran after \(order.values[0]) ms, not 30")
        case .timersRunInDueOrder:
            let order = Order()
            let pool = scheduler.makePool(name: "contract", threads: 1, queueLimit: 10)
            for delay in [60, 20, 40, 0] {
                scheduler.schedule(after: .milliseconds(delay), on: pool) { order.add(delay) }
            }
            try require(try advance { order.values.count == 4 }, "not all timers ran")
            try requireEqual(order.values, [0, 20, 40, 60], "order")
        case .cancelledTimerDoesNotRun:
            let order = Order()
            let pool = scheduler.makePool(name: "contract", threads: 1, queueLimit: 10)
            let first = scheduler.schedule(after: .milliseconds(20), on: pool) { order.add(1) }
            scheduler.schedule(after: .milliseconds(40), on: pool) { order.add(2) }
            first.cancel()
            first.cancel()
            try require(try advance { !order.values.isEmpty }, "the other timer did not run")
            try requireEqual(order.values, [2], "timers that ran")
        case .timerIsOfferedAgainToAFullPool: try checkRefusedTimer(scheduler, advance)
        case .timeDoesNotGoBack:
            var last = scheduler.monotonicNow
            for _ in 0..<1000 {
                let now = scheduler.monotonicNow
                try require(now >= last, "\(now) after \(last)")
                last = now
            }
            try require(scheduler.wallNow.milliseconds > 1_000_000_000_000, "wall clock says \(scheduler.wallNow)")
        }
    }
}

/// Fills a pool of one thread whose jobs wait until they are let go.
private func checkLimit(_ scheduler: any Scheduler, _ advance: SchedulerContract.Advance) throws {
    let count = Counter()
    let pool = scheduler.makePool(name: "contract", threads: 1, queueLimit: 5)
    var accepted = 0
    // A real thread may take jobs while this runs: far more are offered than it can take.
    let gate = Gate()
    for _ in 0..<50
    where pool.submit({
        gate.wait(); count.add()
    }) { accepted += 1 }
    gate.open()
    try require((5...6).contains(accepted), "\(accepted) jobs were taken by a queue of 5 and a thread")
    try require(try advance { count.value == accepted }, "\(count.value) of \(accepted) jobs ran")
    try require(pool.submit { count.add() }, "an empty pool refused")
    try require(try advance { count.value == accepted + 1 }, "the last job did not run")
}

private func checkRefusedTimer(_ scheduler: any Scheduler, _ advance: SchedulerContract.Advance) throws {
    let count = Counter()
    let gate = Gate()
    let pool = scheduler.makePool(name: "contract", threads: 1, queueLimit: 1)
    for _ in 0..<10 { _ = pool.submit { gate.wait() } }
    scheduler.schedule(after: .zero, on: pool) { count.add() }
    gate.open()
    try require(try advance { count.value == 1 }, "a timer whose pool was full never ran")
}

private final class Counter: Sendable {
    private let count = Atomic(0)
    func add() { count.add(1, ordering: .relaxed) }
    var value: Int { count.load(ordering: .relaxed) }
}

private final class Order: Sendable {
    private let list = Mutex<[Int]>([])
    func add(_ value: Int) { list.withLock { $0.append(value) } }
    var values: [Int] { list.withLock { $0 } }
}

/// Holds real threads back; a simulated job runs only after it was opened.
private final class Gate: Sendable {
    private let isOpen = Atomic(false)
    func open() { isOpen.store(true, ordering: .releasing) }
    func wait() {
        while !isOpen.load(ordering: .acquiring) {}
    }
}
