internal import Platform
internal import TabletModel

/// Timers of one scheduler: a heap and one thread that hands due jobs to their pools.
///
/// `@unchecked Sendable`: every `var` is read and written with `monitor` held.
final class TimerQueue: @unchecked Sendable {
    private struct Entry {
        let due: Int64
        let sequence: UInt64
        let pool: any WorkerPool
        let job: TimedJob

        func isBefore(_ other: Entry) -> Bool { (due, sequence) < (other.due, other.sequence) }
    }

    /// How long a job that a full pool refused waits before it is offered again.
    private static let refusedRetry = Duration.milliseconds(10)

    private let monitor = Monitor()
    private let onThreadFailure: @Sendable (String) -> Void
    private var heap: [Entry] = []
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
        heap = []
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
        push(Entry(due: due, sequence: sequence, pool: pool, job: job))
        if !hasThread { startThread() }
        if heap[0].sequence == sequence { monitor.signal(.work) }
    }

    /// Cancelled timers leave at their time, or here when there are many: cancelling must not make the heap grow.
    private func dropCancelled() {
        let kept = heap.filter { $0.job.isWaiting }
        heap = []
        for entry in kept { push(entry) }
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
            guard let next = heap.first else {
                monitor.wait(.work)
                continue
            }
            guard next.due <= readMonotonicClock().nanoseconds else {
                _ = monitor.wait(.work, until: MonotonicTime(nanoseconds: next.due))
                continue
            }
            popFirst()
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

/// The heap: the soonest entry is at 0.
extension TimerQueue {
    private func push(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private func popFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var soonest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].isBefore(heap[soonest]) {
                soonest = child
            }
            guard soonest != parent else { return }
            heap.swapAt(parent, soonest)
            parent = soonest
        }
    }
}
