internal import Foundation
internal import Synchronization

/// Threads that do the same again and again, until they are told to stop or fail.
final class WriterThreads: Sendable {
    private let isStopping = Atomic(false)
    private let failure = Mutex<(any Error)?>(nil)
    private let running = DispatchGroup()

    /// - Parameter body: called over and over on each thread, with another number each time.
    init(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) {
        for first in 0..<count {
            running.enter()
            Thread.detachNewThread { [self] in
                var number = first
                do {
                    while !isStopping.load(ordering: .relaxed) {
                        try body(number)
                        number += count
                    }
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
                running.leave()
            }
        }
    }

    /// Returns when all have ended. Throws what the first to fail threw.
    func stop() throws {
        isStopping.store(true, ordering: .relaxed)
        running.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Runs them for so long. - Returns: seconds until the last one ended.
    static func run(_ count: Int, for limit: Double, _ body: @escaping @Sendable (Int) throws -> Void) throws -> Double
    {
        try secondsOf {
            let threads = WriterThreads(count, body)
            Thread.sleep(forTimeInterval: limit)
            try threads.stop()
        }
    }
}
