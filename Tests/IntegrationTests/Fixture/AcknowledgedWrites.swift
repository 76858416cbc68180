import CurlHTTP
import Foundation
import Synchronization

/// Threads that make databases again and again at any FE, and remember which ones were acknowledged.
final class AcknowledgedWrites: Sendable {
    private let isStopping = Atomic(false)
    private let acknowledged = Mutex<(names: Set<String>, at: [Date])>(([], []))
    private let running = DispatchGroup()

    /// - Parameter perSecond: tries of all threads together, at most.
    init(_ cluster: ReplicatedCluster, threads: Int = 2, perSecond: Double = 1000) {
        let began = Date()
        for thread in 0..<threads {
            running.enter()
            Thread.detachNewThread { [self] in
                for number in 0... {
                    let due = began.addingTimeInterval(Double(number * threads + thread) / perSecond)
                    Thread.sleep(forTimeInterval: max(0, due.timeIntervalSinceNow))
                    guard !isStopping.load(ordering: .relaxed) else { break }
                    let name = "w\(thread)x\(number)"
                    let frontend = cluster.frontends[(thread + number) % cluster.frontends.count]
                    // No answer, and a refusal, tell nothing: the name is not used again.
                    guard let answer = try? cluster.makeDatabase(name, at: frontend), answer.isSuccess else {
                        Thread.sleep(forTimeInterval: 0.02)
                        continue
                    }
                    acknowledged.withLock {
                        $0.names.insert(name)
                        $0.at.append(Date())
                    }
                }
                running.leave()
            }
        }
    }

    /// Until one more is acknowledged that began from now on.
    func waitForMore(_ count: Int = 5) throws {
        let before = acknowledged.withLock { $0.names.count }
        try eventually("\(count) more changes") { acknowledged.withLock { $0.names.count } >= before + count }
    }

    /// Ends the threads. - Returns: what must be there, and the longest time in which nothing was acknowledged.
    func stop() -> (names: Set<String>, longestGap: TimeInterval) {
        isStopping.store(true, ordering: .relaxed)
        running.wait()
        let (names, times) = acknowledged.withLock { ($0.names, $0.at.sorted()) }
        return (names, zip(times, times.dropFirst()).map { $1.timeIntervalSince($0) }.max() ?? 0)
    }
}
