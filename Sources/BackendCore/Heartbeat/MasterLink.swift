internal import Synchronization

/// Who the master is: written by heartbeats, read by everything that talks to it.
final class MasterLink: Sendable {
    private let installed = Mutex<KnownMaster?>(nil)
    private let answerCount = Atomic<UInt64>(0)

    /// nil before the first heartbeat.
    var master: KnownMaster? { installed.withLock { $0 } }

    /// Calls that a master answered so far: grows while one is there, whatever becomes of a single message.
    var answers: UInt64 { answerCount.load(ordering: .relaxed) }
    func masterAnswered() { answerCount.wrappingAdd(1, ordering: .relaxed) }

    /// Heartbeats may finish out of order: an older revision does not replace a newer one.
    func install(_ master: KnownMaster) {
        installed.withLock { current in
            if let known = current, known.revision >= master.revision { return }
            current = master
        }
    }
}
