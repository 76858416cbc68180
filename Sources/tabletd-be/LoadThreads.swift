import Dispatch
import Platform
import ThreadRuntime

/// The threads that load the data dirs at a start: one a dir, and as many as the machine has cores besides, to help.
final class LoadThreads: Sendable {
    let pool: any WorkerPool
    private let helpers: Int

    init(_ scheduler: ThreadScheduler, dirs: Int) {
        helpers = Int(processorCount()) - 1
        // Each dir's job offers its work to the helpers, so that many jobs may wait.
        pool = scheduler.makePool(name: "load", threads: dirs + helpers, queueLimit: dirs * (helpers + 1))
    }

    /// Runs the job here and on the helpers, and returns when all have ended. A helper that comes late finds nothing left to do;
    /// that one that is not to be had is done without.
    func concurrently(_ job: @escaping @Sendable () -> Void) {
        let ended = DispatchGroup()
        for _ in 0..<helpers {
            ended.enter()
            let isTaken = pool.submit {
                job()
                ended.leave()
            }
            if !isTaken { ended.leave() }
        }
        job()
        ended.wait()
    }
}
