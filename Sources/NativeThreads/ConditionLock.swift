internal import Glibc
package import TabletModel

/// A pthread mutex with two conditions. Waiting needs conditions, which `Synchronization` does not have.
/// Waits use the monotonic clock.
///
/// `@unchecked Sendable`: the pointers never change and pthread functions may be called from any thread.
package final class ConditionLock: @unchecked Sendable {
    package enum Condition { case work, change }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let workCondition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let changeCondition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init() {
        must(pthread_mutex_init(mutex, nil), "pthread_mutex_init")
        var attributes = pthread_condattr_t()
        must(pthread_condattr_init(&attributes), "pthread_condattr_init")
        must(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC), "pthread_condattr_setclock")
        must(pthread_cond_init(workCondition, &attributes), "pthread_cond_init")
        must(pthread_cond_init(changeCondition, &attributes), "pthread_cond_init")
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(workCondition)
        pthread_cond_destroy(changeCondition)
        pthread_mutex_destroy(mutex)
        workCondition.deallocate()
        changeCondition.deallocate()
        mutex.deallocate()
    }

    @inline(__always) package func lock() { pthread_mutex_lock(mutex) }
    @inline(__always) package func unlock() { pthread_mutex_unlock(mutex) }

    package func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
        lock()
        defer { unlock() }
        return try body()
    }

    /// Gives the lock up while waiting; may return without a reason.
    package func wait(_ condition: Condition) { pthread_cond_wait(pointer(condition), mutex) }

    /// Like `wait`, until the time at the latest. False when the time has come.
    package func wait(_ condition: Condition, until end: MonotonicTime) -> Bool {
        var time = timespec(
            tv_sec: Int(end.nanoseconds / 1_000_000_000), tv_nsec: Int(end.nanoseconds % 1_000_000_000))
        return pthread_cond_timedwait(pointer(condition), mutex, &time) != ETIMEDOUT
    }

    package func signal(_ condition: Condition) { pthread_cond_signal(pointer(condition)) }
    package func broadcast(_ condition: Condition) { pthread_cond_broadcast(pointer(condition)) }

    private func pointer(_ condition: Condition) -> UnsafeMutablePointer<pthread_cond_t> {
        condition == .work ? workCondition : changeCondition
    }
}

/// These calls fail only when they are used wrongly or the machine has no memory for a few bytes.
private func must(_ code: Int32, _ call: String) { precondition(code == 0, "\(call) failed with \(code)") }
