internal import Platform
internal import Synchronization
internal import TabletModel

/// Who the master is: written by heartbeats, read by everything that talks to it.
final class MasterLink: Sendable {
    private let installed = Mutex<KnownMaster?>(nil)
    private let answerCount = Atomic<UInt64>(0)

    /// nil before the first heartbeat.
    var master: KnownMaster? { installed.withLock { $0 } }

    /// Calls that a master answered so far: grows while one is there, whatever becomes of a single message.
    var answers: UInt64 { answerCount.load(ordering: .relaxed) }
    func masterAnswered() { answerCount.wrappingAdd(1, ordering: .relaxed) }

    /// Heartbeats may finish out of order: an older revision does not replace a newer one. What is on its way to another master
    /// than this one, or to this one as it was before a new epoch, ends at once.
    func install(_ master: KnownMaster) {
        let former: KnownMaster? = installed.withLock { current in
            if let known = current, known.revision >= master.revision { return nil }
            defer { current = master }
            return current
        }
        if let former, !former.isSameTerm(as: master) { former.line.abandon() }
    }

    /// The line to the master of this epoch, if that is who is there.
    func line(to address: NetworkAddress, epoch: Int64) -> (any MasterConnection)? {
        master.flatMap { $0.address == address && $0.epoch == epoch ? $0.line : nil }
    }
}
