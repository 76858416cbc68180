internal import NIOPosix

/// Runs the cores' blocking calls for async HTTP handlers: a fixed number of threads behind a limited queue, so that slow
/// requests never take the threads of the event loops.
public final class BlockingPool: Sendable {
    private let pool: NIOThreadPool
    private let admission: Admission

    /// - Parameters:
    ///   - threads: how many calls run at once.
    ///   - queueLimit: how many more may wait; beyond it a call is refused with 503.
    public init(threads: Int, queueLimit: Int) {
        pool = NIOThreadPool(numberOfThreads: threads)
        admission = Admission(limit: threads + queueLimit)
        pool.start()
    }

    public func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        guard admission.enter() else { throw HTTPProblem.busy }
        defer { admission.leave() }
        return try await pool.runIfActive(work)
    }

    /// Ends the threads once their calls are done.
    public func shutDown() async throws { try await pool.shutdownGracefully() }
}
