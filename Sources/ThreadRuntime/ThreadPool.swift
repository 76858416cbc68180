internal import DequeModule
internal import Glibc
internal import NativeThreads
public import Platform
internal import TabletModel

/// A pool of real threads. They start when jobs need them, up to the limit, and then stay.
///
/// `@unchecked Sendable`: every `var` is read and written with `monitor` held.
public final class ThreadPool: WorkerPool, @unchecked Sendable {
    public let name: String
    public let threadLimit: Int
    public let queueLimit: Int

    private typealias Job = @Sendable () -> Void
    private enum Intake { case open, workersOnly, closed }

    private let monitor = ConditionLock()
    private let mark: WorkerMark
    private let onThreadFailure: @Sendable (String) -> Void
    private var queue = Deque<Job>()
    private var intake = Intake.open
    private var threadCount = 0
    private var hasReportedFailure = false
    private var sleepingCount = 0
    /// Sleepers that were signalled and have not woken yet.
    private var wakingCount = 0
    private var runningCount = 0
    private var acceptedCount: UInt64 = 0
    private var rejectedCount: UInt64 = 0
    private var finishedCount: UInt64 = 0

    init(
        name: String, threads: Int, queueLimit: Int, mark: WorkerMark,
        onThreadFailure: @escaping @Sendable (String) -> Void
    ) {
        self.name = name
        self.threadLimit = max(1, threads)
        self.queueLimit = max(1, queueLimit)
        self.mark = mark
        self.onThreadFailure = onThreadFailure
    }

    public func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        monitor.lock()
        guard queue.count < queueLimit, mayTake() else {
            rejectedCount += 1
            monitor.unlock()
            return false
        }
        var failure: String?
        // One signal or one new thread a job at most, and none while enough sleepers are on their way.
        if wakingCount <= queue.count {
            if wakingCount < sleepingCount {
                wakingCount += 1
                monitor.signal(.work)
            } else if threadCount < threadLimit {
                failure = startThread()
            }
        }
        let isTaken = threadCount > 0
        if isTaken {
            queue.append(job)
            acceptedCount += 1
        } else {
            rejectedCount += 1
        }
        monitor.unlock()
        if let failure { onThreadFailure(failure) }
        return isTaken
    }

    public var queueDepth: Int { monitor.withLock { queue.count } }

    /// Counts since the pool was made, for metrics.
    public var statistics: PoolStatistics {
        monitor.withLock {
            PoolStatistics(
                name: name, threadLimit: threadLimit, threads: threadCount, queueLimit: queueLimit, queued: queue.count,
                running: runningCount, accepted: acceptedCount, rejected: rejectedCount, finished: finishedCount)
        }
    }

    private func mayTake() -> Bool {
        switch intake {
        case .open: true
        case .workersOnly: mark.isSetOnThisThread
        case .closed: false
        }
    }

    /// With the lock held. A message for people when the system gave no thread.
    private func startThread() -> String? {
        let code = NativeThread.start(name: name) { [self] in work() }
        if code == 0 {
            threadCount += 1
            hasReportedFailure = false
            return nil
        }
        // Every job would try again: one message is enough until a thread could be started.
        if hasReportedFailure && threadCount > 0 { return nil }
        hasReportedFailure = true
        return "pool \(name): no thread could be started (errno \(code): \(String(cString: strerror(code)))); "
            + (threadCount > 0 ? "\(threadCount) go on" : "jobs are refused")
    }

    private func work() {
        mark.setOnThisThread()
        monitor.lock()
        while true {
            if let job = queue.popFirst() {
                runningCount += 1
                monitor.unlock()
                job()
                monitor.lock()
                runningCount -= 1
                finishedCount += 1
                if intake != .open, runningCount == 0, queue.count == 0 { monitor.broadcast(.change) }
            } else if intake == .closed {
                break
            } else {
                sleepingCount += 1
                monitor.wait(.work)
                sleepingCount -= 1
                if wakingCount > 0 { wakingCount -= 1 }
            }
        }
        threadCount -= 1
        monitor.broadcast(.change)
        monitor.unlock()
    }
}

/// Stopping, in the steps of `ThreadScheduler.shutdown`.
extension ThreadPool {
    /// From now on only jobs of the scheduler's own threads are taken.
    func restrictIntake() { monitor.withLock { if intake == .open { intake = .workersOnly } } }

    /// Waits until nothing is queued or running. False when the time came first.
    func waitUntilIdle(until end: MonotonicTime) -> Bool {
        monitor.withLock {
            while queue.count > 0 || runningCount > 0 {
                if !monitor.wait(.change, until: end) { return queue.count == 0 && runningCount == 0 }
            }
            return true
        }
    }

    var accepted: UInt64 { monitor.withLock { acceptedCount } }

    /// Drops what is queued, takes nothing more and lets threads end. Returns how many jobs were dropped.
    func closeIntake() -> Int {
        monitor.lock()
        intake = .closed
        var dropped = Deque<Job>()
        swap(&dropped, &queue)
        monitor.broadcast(.work)
        monitor.unlock()
        // Closures are released without the lock: their owners' `deinit` may do anything.
        return dropped.count
    }

    /// Waits until all threads have ended. Returns how many still run when the time comes.
    func waitForThreads(until end: MonotonicTime) -> Int {
        monitor.withLock {
            while threadCount > 0 {
                if !monitor.wait(.change, until: end) { break }
            }
            return threadCount
        }
    }
}

public struct PoolStatistics: Hashable, Sendable {
    public var name: String
    public var threadLimit: Int
    public var threads: Int
    public var queueLimit: Int
    public var queued: Int
    public var running: Int
    public var accepted: UInt64
    public var rejected: UInt64
    public var finished: UInt64

    /// Two pools of one name together.
    func adding(_ other: PoolStatistics) -> PoolStatistics {
        PoolStatistics(
            name: name, threadLimit: threadLimit + other.threadLimit, threads: threads + other.threads,
            queueLimit: queueLimit + other.queueLimit, queued: queued + other.queued, running: running + other.running,
            accepted: accepted + other.accepted, rejected: rejected + other.rejected,
            finished: finished + other.finished)
    }
}
