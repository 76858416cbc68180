internal import Glibc

/// A mutex of the system.
///
/// `@unchecked Sendable`: the pointer never changes, and a mutex may be used from any thread.
package final class NativeLock: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    /// - Parameter spins: whether who comes spins for about as long as the lock was held lately, before it sleeps. For a turn of
    ///   4 µs that 16 writers on two cores meet at, measured: sleeping at once takes a sixth of all edits a second in
    ///   switches of threads, and `Synchronization.Mutex`, which spins for longer and is handed over in turn, a quarter. At a
    ///   lock that is held while a disk writes spinning takes as much.
    package init(spins: Bool) {
        var attributes = pthread_mutexattr_t()
        pthread_mutexattr_init(&attributes)
        // PTHREAD_MUTEX_ADAPTIVE_NP, an enumerator that has no name in Swift.
        if spins { pthread_mutexattr_settype(&attributes, 3) }
        let status = pthread_mutex_init(mutex, &attributes)
        precondition(status == 0, "pthread_mutex_init failed with \(status)")
        pthread_mutexattr_destroy(&attributes)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    package func lock() { pthread_mutex_lock(mutex) }
    package func unlock() { pthread_mutex_unlock(mutex) }
}
