internal import Synchronization
internal import TabletModel

/// Who works on a tablet's cooldown: at most one run, and a conf change never beside it (design.md, cooldown protocol 5).
/// Nobody waits here: a conf change that meets a run asks it to stop and is told to come again.
final class CooldownGate: Sendable {
    private enum Holder {
        case run(CooldownRun)
        case confChange
    }

    private let holders = Mutex<[TabletID: Holder]>([:])

    /// nil while another run or a conf change holds the tablet. The run ends with `end`.
    func beginRun(_ tablet: Tablet) -> CooldownRun? {
        holders.withLock { holders in
            guard holders[tablet.id] == nil else { return nil }
            let run = CooldownRun(tablet: tablet)
            holders[tablet.id] = .run(run)
            return run
        }
    }

    /// False while a run, which is then asked to stop, or another change holds the tablet.
    func beginConfChange(_ tablet: TabletID) -> Bool {
        holders.withLock { holders in
            switch holders[tablet] {
            case nil:
                holders[tablet] = .confChange
                return true
            case .run(let run):
                run.abort()
                return false
            case .confChange: return false
            }
        }
    }

    func end(_ tablet: TabletID) { holders.withLock { holders in holders[tablet] = nil } }
}

/// One run of one tablet; whoever has it may take the steps of the protocol, and looks here before each.
final class CooldownRun: Sendable {
    private let tablet: Tablet
    private let aborted = Atomic<Bool>(false)

    init(tablet: Tablet) { self.tablet = tablet }

    func abort() { aborted.store(true, ordering: .releasing) }

    /// - Throws: `.aborted` after a conf change has asked it to stop, or once the tablet is dropped: another replica of it
    ///   may stand in its place by now.
    func check() throws(CooldownError) {
        let isDropped = tablet.withState { $0.header.state } != .running
        if isDropped || aborted.load(ordering: .acquiring) { throw .aborted(tablet.id) }
    }
}
