internal import NIOPosix
internal import Synchronization

/// Threads for calls that wait, and a limit for what runs and waits together.
final class WorkPool: Sendable {
    /// A place in the pool, given back with the last reference.
    final class Place: Sendable {
        private let pool: WorkPool
        fileprivate init(_ pool: WorkPool) { self.pool = pool }
        deinit { pool.taken.subtract(1, ordering: .relaxed) }
    }

    private let threads: NIOThreadPool
    private let limit: Int
    private let taken = Atomic<Int>(0)

    /// - Parameter queueLimit: places beyond the threads.
    init(threads count: Int, queueLimit: Int) {
        threads = NIOThreadPool(numberOfThreads: count)
        limit = count + queueLimit
        threads.start()
    }

    /// nil: all places are taken.
    func enter() -> Place? {
        if taken.add(1, ordering: .relaxed).newValue <= limit { return Place(self) }
        taken.subtract(1, ordering: .relaxed)
        return nil
    }

    /// For who had a place and gave it back meanwhile: beyond the limit if it must be.
    func enterAgain() -> Place {
        taken.add(1, ordering: .relaxed)
        return Place(self)
    }

    /// Places that are taken.
    var count: Int { taken.load(ordering: .relaxed) }

    /// Runs a job of somebody who has a place, and has no other job here. Without effect once the pool has stopped.
    func run(_ job: @escaping @Sendable () -> Void) {
        threads.submit { if case .active = $0 { job() } }
    }

    /// The threads end with the jobs that they are at; nobody waits for that.
    func stop() { threads.shutdownGracefully { _ in } }
}
