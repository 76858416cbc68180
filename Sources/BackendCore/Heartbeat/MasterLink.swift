internal import Platform
internal import Synchronization
internal import TabletModel

/// Who the master is: written by heartbeats, read by everything that talks to it.
final class MasterLink: Sendable {
    private let state = Mutex(State())
    private let answerCount = Atomic<UInt64>(0)

    private struct State {
        var installed: KnownMaster?
        /// To a master of whom a heartbeat is being taken.
        var coming: (address: NetworkAddress, epoch: Int64, line: any MasterConnection)?
    }

    /// nil before the first heartbeat.
    var master: KnownMaster? { state.withLock { $0.installed } }

    /// Calls that a master answered so far: grows while one is there, whatever becomes of a single message.
    var answers: UInt64 { answerCount.load(ordering: .relaxed) }
    func masterAnswered() { answerCount.wrappingAdd(1, ordering: .relaxed) }

    /// Heartbeats may finish out of order: an older revision does not replace a newer one. What is on its way to another master
    /// than this one, or to this one as it was before a new epoch, ends at once.
    func install(_ master: KnownMaster) {
        let former: KnownMaster? = state.withLock { state in
            if let known = state.installed, known.revision >= master.revision { return nil }
            defer { state.installed = master }
            return state.installed
        }
        if let former, !former.isSameTerm(as: master) { former.line.abandon() }
    }

    /// The line to the master of this epoch: one, however many heartbeats of it come at once.
    /// - Parameter make: doesn't connect.
    func line(to address: NetworkAddress, epoch: Int64, _ make: () -> any MasterConnection) -> any MasterConnection {
        state.withLock { state in
            if let known = state.installed, known.address == address, known.epoch == epoch { return known.line }
            if let coming = state.coming, coming.address == address, coming.epoch == epoch { return coming.line }
            let line = make()
            state.coming = (address, epoch, line)
            return line
        }
    }
}
