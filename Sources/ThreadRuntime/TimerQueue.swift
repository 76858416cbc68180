internal import HeapModule
internal import NativeThreads
internal import Platform
internal import TabletModel

/// Timers of one scheduler: a heap and one thread that hands due jobs to their pools.
///
/// `@unchecked Sendable`: every `var` is read and written with `monitor` held.
final class TimerQueue: @unchecked Sendable {
    private struct Entry: Comparable {
        let due: Int64
        let sequence: UInt64
        let pool: any WorkerPool
        let job: TimedJob

        static func < (left: Entry, right: Entry) -> Bool {
            (left.due, left.sequence) < (right.due, right.sequence)
        }
        static func == (left: Entry, right: Entry) -> Bool { left.sequence == right.sequence }
    }

    /// How long a job that a full pool refused waits before it is offered again.
    private static let refusedRetry = Duration.milliseconds(10)

    private let monitor = ConditionLock()
    private let onThreadFailure: @Sendable (String) -> Void
    private var heap = Heap<Entry>()
    private var sequence: UInt64 = 0
    /// When the heap has this many entries, cancelled ones are looked for.
    private var compactionSize = 1024
    private var hasThread = false
    private var isStopping = false

    init(onThreadFailure: @escaping @Sendable (String) -> Void) { self.onThreadFailure = onThreadFailure }

    func add(after delay: Duration, pool: any WorkerPool, _ body: @escaping @Sendable () -> Void) -> TimedJob {
        let job = TimedJob(body)
        insert(due: dueTime(after: delay), pool: pool, job: job)
        return job
    }

    var count: Int { monitor.withLock { heap.count } }

    /// Forgets all timers and ends the thread. True once the thread has ended.
    func stop(until end: MonotonicTime) -> Bool {
        monitor.lock()
        isStopping = true
        let dropped = heap
        heap = Heap()
        monitor.broadcast(.work)
        while hasThread {
            if !monitor.wait(.change, until: end) { break }
        }
        let hasEnded = !hasThread
        monitor.unlock()
        // Closures are released without the lock: their owners' `deinit` may do anything.
        withExtendedLifetime(dropped) {}
        return hasEnded
    }

    private func dueTime(after delay: Duration) -> Int64 {
        let (due, overflow) = readMonotonicClock().nanoseconds.addingReportingOverflow(max(0, delay.wholeNanoseconds))
        return overflow ? .max : due
    }

    private func insert(due: Int64, pool: any WorkerPool, job: TimedJob) {
        monitor.lock()
        defer { monitor.unlock() }
        guard !isStopping else { return }
        if heap.count >= compactionSize { dropCancelled() }
        sequence += 1
        heap.insert(Entry(due: due, sequence: sequence, pool: pool, job: job))
        if !hasThread { startThread() }
        if heap.min?.sequence == sequence { monitor.signal(.work) }
    }

    /// Cancelled timers leave at their time, or here when there are many: cancelling must not make the heap grow.
    private func dropCancelled() {
        heap = Heap(heap.unordered.filter { $0.job.isWaiting })
        compactionSize = max(1024, heap.count * 2)
    }

    private func startThread() {
        let code = NativeThread.start(name: "timers") { [self] in run() }
        hasThread = code == 0
        if code != 0 { onThreadFailure("timers: no thread could be started (errno \(code)); trying again later") }
    }

    private func run() {
        monitor.lock()
        while !isStopping {
            guard let next = heap.min else {
                monitor.wait(.work)
                continue
            }
            guard next.due <= readMonotonicClock().nanoseconds else {
                _ = monitor.wait(.work, until: MonotonicTime(nanoseconds: next.due))
                continue
            }
            heap.removeMin()
            monitor.unlock()
            offer(next)
            monitor.lock()
        }
        hasThread = false
        monitor.broadcast(.change)
        monitor.unlock()
    }

    private func offer(_ entry: Entry) {
        guard entry.job.isWaiting else { return }
        let job = entry.job
        if !entry.pool.submit({ job.run() }) {
            insert(due: dueTime(after: Self.refusedRetry), pool: entry.pool, job: job)
        }
    }
}
