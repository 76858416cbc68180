internal import ClusterTestKit
internal import Platform
internal import Synchronization
internal import TabletModel

/// Starts daemons again a while after their machine went down, as often as it takes: the service manager of each machine.
final class Supervisor: Sendable {
    private let scheduler: ManualScheduler
    private let pool: any WorkerPool
    private let random: SeededRandom
    private let log: EventLog
    private let troubles = Mutex<[String]>([])

    init(scheduler: ManualScheduler, random: SeededRandom, log: EventLog) {
        self.scheduler = scheduler
        self.random = random
        self.log = log
        pool = scheduler.makeNode("supervisor").makePool(name: "restart", threads: 1, queueLimit: 1000)
    }

    /// Why a daemon did not start although its machine was up.
    var trouble: String? { troubles.withLock { $0.first } }

    /// Does something after a while, on no machine of the cluster.
    func later(_ delay: Duration, _ body: @escaping @Sendable () -> Void) {
        scheduler.schedule(after: delay, on: pool, body)
    }

    /// Starts it after a random time of up to `limit`.
    func restart(_ process: any SimulatedProcess, within limit: Duration) {
        let delay = Duration.nanoseconds(Int64(random.next(below: UInt64(max(1, limit.wholeNanoseconds)))))
        scheduler.schedule(after: delay, on: pool) { [self] in
            guard !process.isRunning else { return }
            log.note("restart \(process.name)")
            do {
                try process.start()
            } catch is CrashedError {
                log.note("\(process.name) went down while it started")
                restart(process, within: limit)
            } catch  where process.lastFault != nil || process.machine.fileSystem.isInTrouble {
                log.note("\(process.name) did not start, for an injected fault: \(error)")
                restart(process, within: limit)
            } catch {
                troubles.withLock { $0.append("\(process.name) did not start: \(error)") }
            }
        }
    }
}
